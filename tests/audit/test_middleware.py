from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import ResolverMatch, path
from django_ratelimit.exceptions import Ratelimited
from structlog.testing import capture_logs

import config.urls
from accounts.models import User
from accounts.roles import Role
from audit import middleware
from audit.middleware import client_ip
from audit.models import Event
from audit.services import record
from common import registry
from tests.factories.accounts import UserFactory, member


def reads(request: HttpRequest, number: str = "") -> HttpResponse:
    record("case.read", by=request.user, target=f"case {number}")
    return HttpResponse()


def forbids(request: HttpRequest, number: str = "") -> HttpResponse:
    raise PermissionDenied


def hides(request: HttpRequest, number: str = "") -> HttpResponse:
    raise Http404


def slows(request: HttpRequest, number: str = "") -> HttpResponse:
    raise Ratelimited


urlpatterns = [
    *config.urls.urlpatterns,
    path("reads/<number>/", reads),
    path("forbids/", forbids, name="forbids"),
    path("forbids/<number>/", forbids),
    path("hides/", hides),
    path("hides/<number>/", hides),
    path("slows/", slows, name="slows"),
]

handler403 = "common.views.permission_denied"


def case_of(match: ResolverMatch) -> str:
    return f"case {match.kwargs['number']}" if "number" in match.kwargs else ""


@pytest.fixture(autouse=True)
def _own_pages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setitem(registry._slots, "audit_target", [(0, case_of)])


@pytest.fixture
def karin() -> User:
    return member(UserFactory(name="Karin de Wit"), Role.PLATFORM_OPERATOR, None)


@pytest.fixture
def logged_in(client: Client, karin: User) -> Client:
    client.force_login(karin)
    return client


def refusals() -> list[dict[str, Any]]:
    events = Event.objects.filter(action="access.refused").order_by("pk")
    return list(events.values("actor", "target", "result", "channel", "details"))


def refusal(status: int, target: str, actor: str = "Karin de Wit") -> dict[str, Any]:
    details = {"status": status, "method": "GET"}
    return {"actor": actor, "target": target, "result": "refused", "channel": "web", "details": details}


@pytest.mark.django_db
def test_an_event_in_a_request_says_where_it_came_from(logged_in: Client) -> None:
    logged_in.get("/reads/TZ-2026-00001/", REMOTE_ADDR="192.0.2.7", headers={"X-Request-ID": "abc-1"})

    event = Event.objects.get(action="case.read")
    assert (event.channel, event.ip, event.request_id) == ("web", "192.0.2.7", "abc-1")


@pytest.mark.django_db
def test_each_request_has_a_number_of_its_own(logged_in: Client) -> None:
    logged_in.get("/reads/1/")
    logged_in.get("/reads/2/")

    numbers = set(Event.objects.filter(action="case.read").values_list("request_id", flat=True))
    assert len(numbers) == 2
    assert "" not in numbers


@pytest.mark.django_db
def test_after_the_request_its_origin_is_forgotten(logged_in: Client) -> None:
    logged_in.get("/reads/1/", REMOTE_ADDR="192.0.2.7")

    event = record("case.read", by=None)
    assert (event.channel, event.ip) == ("command", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/forbids/", [refusal(403, "page forbids")]),
        ("/forbids/TZ-2026-00001/", [refusal(403, "case TZ-2026-00001")]),
        ("/hides/TZ-2026-00001/", [refusal(404, "case TZ-2026-00001")]),
        ("/slows/", [refusal(429, "page slows")]),
        ("/hides/", []),
        ("/no-such-page/", []),
        ("/reads/TZ-2026-00001/", []),
    ],
)
def test_refused_access_is_recorded(logged_in: Client, address: str, expected: list[dict[str, Any]]) -> None:
    logged_in.get(address)

    assert refusals() == expected


@pytest.mark.django_db
def test_who_floods_does_not_fill_the_log(logged_in: Client) -> None:
    for _ in range(3):
        assert logged_in.get("/slows/", REMOTE_ADDR="192.0.2.7").status_code == 429
    logged_in.get("/slows/", REMOTE_ADDR="192.0.2.8")

    assert list(Event.objects.filter(action="access.refused").values_list("ip", flat=True)) == [
        "192.0.2.7",
        "192.0.2.8",
    ]


@pytest.mark.django_db
def test_a_refusal_that_cannot_be_recorded_stays_a_refusal(
    logged_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(middleware, "record", fails)
    with capture_logs() as logs:
        response = logged_in.get("/forbids/")

    assert response.status_code == 403
    assert "audit_refusal_not_recorded" in [line["event"] for line in logs]


@pytest.mark.django_db
def test_a_post_from_another_site_is_recorded(karin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(karin)

    assert client.post("/forbids/").status_code == 403
    assert [row["details"] for row in refusals()] == [{"status": 403, "method": "POST"}]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "192.0.2.7"),
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.7"),
        (1, None, "192.0.2.7"),
    ],
)
def test_an_address_is_believed_from_our_own_proxies_only(
    rf: RequestFactory, settings: Any, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert client_ip(rf.get("/", REMOTE_ADDR="192.0.2.7", headers=headers)) == expected


@pytest.mark.django_db
def test_recording_a_refusal_costs_one_statement(logged_in: Client) -> None:
    logged_in.get("/hides/")  # the first request of a session writes it
    with CaptureQueriesContext(connection) as unrecorded:
        logged_in.get("/hides/")
    with CaptureQueriesContext(connection) as recorded:
        logged_in.get("/hides/TZ-2026-00001/")

    assert len(recorded) == len(unrecorded) + 1
