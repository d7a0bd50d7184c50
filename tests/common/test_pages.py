"""The frame of every page, what a refused or broken request shows, and the headers of every answer."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.client import RequestFactory as Requests
from django.urls import reverse

from common.middleware import NoStoreMiddleware
from common.render import render_page, wants_partial
from common.views import came_from, server_error

NAME_PAGE = """{% extends "base.html" %}{% load partials %}
{% block title %}Your name{% endblock %}
{% block content %}<h1>Your name</h1>
{% partialdef form inline %}<form method="post">{% csrf_token %}{{ form }}</form>{% endpartialdef %}
{% endblock %}"""

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.template.context_processors.i18n",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]


@pytest.fixture(autouse=True)
def _pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.common.pages"
    settings.LANGUAGE_CODE = "en"
    left_out = ("accounts.", "audit.")  # here without a table
    settings.MIDDLEWARE = [name for name in django_settings.MIDDLEWARE if not name.startswith(left_out)]
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [django_settings.BASE_DIR / "templates"],
            "OPTIONS": {
                "context_processors": CONTEXT_PROCESSORS,
                "loaders": [
                    (
                        "template_partials.loader.Loader",
                        [
                            ("django.template.loaders.locmem.Loader", {"tests/name.html": NAME_PAGE}),
                            "django.template.loaders.filesystem.Loader",
                            "django.template.loaders.app_directories.Loader",
                        ],
                    )
                ],
            },
        }
    ]


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"}, raise_request_exception=False)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_frame(client: Client) -> None:
    html = text(client.get("/name/"))
    assert '<html lang="en"' in html
    assert "<title>Your name – Terugkeer</title>" in html
    assert html.count("<h1") == 1
    assert 'href="#main"' in html
    assert '<main id="main"' in html
    assert "Every look into a case is recorded." in html
    assert "style=" not in html
    assert "onclick" not in html


def test_htmx_runs_nothing_that_the_policy_forbids(client: Client) -> None:
    html = text(client.get("/name/"))
    config = json.loads(html.split('name="htmx-config" content=\'')[1].split("'>")[0])
    assert (config["allowEval"], config["allowScriptTags"], config["includeIndicatorStyles"]) == (
        False,
        False,
        False,
    )
    assert (config["selfRequestsOnly"], config["historyCacheSize"]) == (True, 0)


def test_a_wrong_form_shows_in_the_title_and_the_status(client: Client) -> None:
    response = client.post("/name/", {"name": ""})
    assert response.status_code == 422
    assert "<title>Error: Your name – Terugkeer</title>" in text(response)
    assert '<a href="#id_name">Name: This field is required.</a>' in text(response)


def test_the_language_switch_offers_the_other_language(client: Client) -> None:
    html = text(client.get("/name/"))
    assert (
        '<button class="link-button" type="submit" name="language" value="nl" lang="nl">Nederlands</button>'
        in html
    )
    client.post("/language/", {"language": "nl", "next": "/name/"})
    assert '<html lang="nl"' in text(client.get("/name/"))


def test_the_page_about_accessibility_and_privacy_is_public(client: Client) -> None:
    response = client.get(reverse("about"))
    assert response.status_code == 200
    assert "WCAG 2.2" in text(response)


@pytest.mark.parametrize(
    ("kind", "status", "shows"),
    [
        ("conflict", 409, "Somebody else has just closed this case."),
        ("not-allowed", 403, "Only the case lead may close a case."),
        ("invalid", 422, "The first day lies after the last."),
        ("not-found", 404, "We cannot find this page"),
        ("denied", 403, "Your role does not give you the right"),
        ("limited", 429, "too many attempts"),
        ("suspicious", 400, "Your browser sent something we cannot read"),
        ("broken", 500, "Something went wrong on our side"),
    ],
)
def test_what_a_refused_or_broken_request_shows(client: Client, kind: str, status: int, shows: str) -> None:
    response = client.get(f"/refuse/{kind}/")
    assert response.status_code == status
    html = text(response)
    assert shows in html
    assert html.count("<h1") == 1
    assert "To the start page" in html
    assert "secret reason" not in html
    assert "Adam" not in html


def test_a_page_that_does_not_exist(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "We cannot find this page" in text(response)


def test_a_form_without_its_token_explains_itself() -> None:
    response = Client(enforce_csrf_checks=True, headers={"accept-language": "en"}).post(
        "/name/", {"name": "x"}
    )
    assert response.status_code == 403
    assert "Your form has expired" in text(response)


def test_a_form_sent_twice_shows_what_the_first_did(client: Client) -> None:
    response = client.post("/refuse/done/")
    assert (response.status_code, response["Location"]) == (302, "/about/")


def test_a_conflict_leads_back(client: Client) -> None:
    html = text(client.post("/refuse/conflict/", headers={"referer": "http://testserver/cases/12/"}))
    assert 'href="http://testserver/cases/12/">Back to the page you came from</a>' in html


@pytest.mark.parametrize(
    ("method", "referer", "back"),
    [
        ("GET", "http://testserver/cases/", "http://testserver/cases/"),
        ("GET", "http://testserver/here/", ""),  # the page that is refused
        ("POST", "http://testserver/here/", "http://testserver/here/"),  # its form can be seen again
        ("GET", "https://evil.example/cases/", ""),
        ("GET", "javascript:alert(1)", ""),
        ("GET", "", ""),
    ],
)
def test_the_way_back_stays_on_this_site(method: str, referer: str, back: str) -> None:
    request = RequestFactory().generic(method, "/here/", headers={"referer": referer} if referer else {})
    assert came_from(request) == back


def test_the_page_for_broken_pages_can_break(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> str:
        raise RuntimeError(name)

    monkeypatch.setattr("common.views.loader.render_to_string", broken)
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "<title>500</title>" in text(response)


@pytest.mark.parametrize("address", ["/name/", "/refuse/conflict/", "/refuse/broken/", "/nowhere/"])
def test_every_answer_switches_off_what_no_page_uses(client: Client, address: str) -> None:
    assert "camera=()" in client.get(address)["Permissions-Policy"]


@pytest.mark.parametrize(("signed_in", "header"), [(True, "no-store"), (False, None)])
def test_nothing_of_who_is_signed_in_is_kept(signed_in: bool, header: str | None) -> None:
    request = Requests().get("/")
    request.user = SimpleNamespace(is_authenticated=signed_in)  # type: ignore[assignment]
    response = NoStoreMiddleware(lambda request: HttpResponse())(request)
    assert response.headers.get("Cache-Control") == header


def htmx(**headers: Any) -> SimpleNamespace:
    return SimpleNamespace(**({"boosted": False, "history_restore_request": False} | headers))


@pytest.mark.parametrize(
    ("details", "partial"),
    [
        (None, False),
        (htmx(), True),
        (htmx(boosted=True), False),
        (htmx(history_restore_request=True), False),
    ],
)
def test_htmx_gets_a_partial_when_it_refreshes_a_part(details: Any, partial: bool) -> None:
    request = Requests().get("/")
    request.htmx = details  # type: ignore[attr-defined]
    assert wants_partial(request) is partial


@pytest.mark.parametrize(("asks_htmx", "whole"), [(True, False), (False, True)])
def test_a_page_or_its_part(asks_htmx: bool, whole: bool) -> None:
    request = Requests().get("/")
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    request.htmx = htmx() if asks_htmx else None  # type: ignore[attr-defined]
    response = render_page(request, "tests/name.html", {"form": "the form"}, status=422, partial="form")
    assert response.status_code == 422
    assert ("<h1>" in text(response)) is whole
    assert "the form" in text(response)
    assert "HX-Request" in response["Vary"]
