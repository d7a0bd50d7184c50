"""Every address of the application, walked as nobody, as each role and as outsider.

tests/contracts/pages.csv says what each of them gets, written down from contracts/rights.csv and
contracts/sections.csv: what is about a case is about the case "shared" of the cast, that the school, the
partnership, a care partner and the attendance office see. An address that is not in the table fails.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.addresses import ARGS, UNKNOWN_NUMBER, furnish, names, path_of
from tests.cast import NOW, make_cast
from tests.remembered import remembered

CONTRACT = Path(__file__).parent.parent / "contracts" / "pages.csv"

#: The columns of the table and who of the cast they mean.
ASKERS = {
    "anonymous": "",
    "no_role": "nobody",
    "coordinator": "coordinator",
    "case_manager": "case_manager",
    "care_worker": "care_worker",
    "attendance_officer": "attendance_officer",
    "reporter": "reporter",
    "administrator": "administrator",
    "privacy_officer": "privacy_officer",
    "platform_operator": "platform_operator",
    "superuser": "superuser",
}

#: All that answers somebody who is not logged in with a page.
PUBLIC = {
    "healthz",
    "readyz",
    "metrics",
    "about",
    "calendar_file",
    "set_language",
    "open_invitation",
    "invitation",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "mfa_authenticate",
    "unsubscribe",
}


@pytest.fixture(autouse=True)
def _day_of_the_cast() -> Iterator[None]:
    with time_machine.travel(NOW.astimezone(dt.UTC), tick=True):
        yield


@pytest.fixture
def things(db: None) -> SimpleNamespace:
    found = remembered("things", lambda: furnish(make_cast()))
    # Each test has a folder of its own for uploads: rows are put back, files are not.
    if not default_storage.exists(found.report_file.file.name):
        default_storage.save(found.report_file.file.name, ContentFile(b"table;key;label;value\n"))
    return found


def table() -> list[dict[str, str]]:
    with CONTRACT.open() as file:
        return list(csv.DictReader(file))


def client_of(things: SimpleNamespace, person: str) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(things.cast.people[person])
    return client


def ask(client: Client, method: str, path: str) -> Any:
    """The answer, after which everything is as before, also who is logged in."""
    cookies = client.cookies.output(header="")
    with transaction.atomic():
        response = client.generic(method, path)
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies.replace("\r\n", ";"))
    return response


def said(response: Any) -> str:
    """The status; "login" and "reauth" where it sends to log in, or to type the password again."""
    target = response.headers.get("Location", "")
    if response.status_code == 302 and target.startswith(reverse("account_login") + "?next="):
        return "login"
    if response.status_code == 302 and target.startswith(reverse("account_reauthenticate")):
        return "reauth"
    return str(response.status_code)


def test_every_address_is_in_the_table() -> None:
    lines = [(line["name"], line["method"]) for line in table()]
    assert len(lines) == len(set(lines))
    assert {name for name, _ in lines} == set(names())
    assert len(names()) == len(set(names()))
    assert set(lines) == {(name, method) for name in names() for method in ("GET", "POST")}


@pytest.mark.parametrize("asker", ASKERS)
def test_everybody_gets_what_the_table_says(things: SimpleNamespace, asker: str) -> None:
    expected, found = {}, {}
    client = client_of(things, ASKERS[asker])
    for line in table():
        address = f"{line['method']} {line['name']}"
        expected[address] = line[asker]
        found[address] = said(ask(client, line["method"], path_of(line["name"], things)))
    assert found == expected


def test_who_is_not_logged_in_gets_the_public_pages_only() -> None:
    open_to_all = {line["name"] for line in table() if line["anonymous"] != "login"}
    assert open_to_all == PUBLIC


#: Who does not see the case "shared".
OUTSIDERS = [
    "far_case_manager",
    "other_coordinator",
    "other_care_worker",
    "reporter",
    "administrator",
    "privacy_officer",
    "platform_operator",
    "superuser",
]


@pytest.mark.parametrize("person", OUTSIDERS)
def test_an_outsider_cannot_tell_a_case_from_one_that_does_not_exist(
    things: SimpleNamespace, person: str
) -> None:
    client = client_of(things, person)
    pages = [name for name in names() if f"/{things.case.number}/" in path_of(name, things)]
    assert len(pages) > 20
    for name in pages:
        for method in ("GET", "POST"):
            path = path_of(name, things)
            theirs = ask(client, method, path)
            unknown = ask(client, method, path.replace(things.case.number, UNKNOWN_NUMBER))
            refused = {"404"} if method == "GET" else {"404", "405"}
            assert (name, method, said(theirs) in refused) == (name, method, True)
            assert (name, method, said(theirs)) == (name, method, said(unknown))
            assert faceless(theirs, things.case.number) == faceless(unknown, UNKNOWN_NUMBER)


def faceless(response: Any, number: str) -> str:
    """The page without what differs at every request, and without the number that was asked for."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return page.replace(number, "")


def test_things_of_one_case_are_not_found_through_another(things: SimpleNamespace) -> None:
    """Children are loaded through their parent: one case does not open the things of another."""
    client = client_of(things, "case_manager")
    own = things.cast.cases["own"]
    nested = [
        name
        for name in names()
        if f"/{things.case.number}/" in path_of(name, things) and len(ARGS[name](things)) == 2
    ]
    for name in nested:
        if name == "case_move":
            continue
        path = path_of(name, things).replace(things.case.number, own.number)
        assert (name, said(ask(client, "GET", path))) == (name, "404")
        assert (name, said(ask(client, "POST", path))) == (name, "404")


def test_no_form_is_taken_without_its_token(things: SimpleNamespace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(things.cast.people["case_manager"])
    found = {name: said(ask(client, "POST", path_of(name, things))) for name in names()}
    # A mail program posts to the link of a mail by itself (RFC 8058): the link is the proof.
    assert found == dict.fromkeys(names(), "403") | {"unsubscribe": "200"}


def test_no_other_method_breaks_anything(things: SimpleNamespace) -> None:
    client = client_of(things, "case_manager")
    for name in names():
        for method in ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            answer = ask(client, method, path_of(name, things))
            assert (name, method, answer.status_code < 500) == (name, method, True)


def test_every_answer_of_a_logged_in_user_is_kept_nowhere_and_guarded(things: SimpleNamespace) -> None:
    client = client_of(things, "case_manager")
    for name in names():
        answer = ask(client, "GET", path_of(name, things))
        policy = answer.headers.get("Content-Security-Policy", "")
        assert (name, "script-src 'self'" in policy, "unsafe" in policy) == (name, True, False)
        assert (name, answer.headers["Cache-Control"]) == (name, "no-store")
        assert (name, answer.headers["X-Frame-Options"]) == (name, "DENY")
        assert (name, answer.headers["Referrer-Policy"]) == (name, "same-origin")
        assert (name, answer.headers["X-Content-Type-Options"]) == (name, "nosniff")


ODD_VALUES = [
    "",
    "abc",
    "-1",
    "0",
    "²",
    "9" * 30,
    "1.5",
    "\x00",
    "é" * 3000,
    "' OR 1=1 --",
    "2026-13-45",
    "31-12-9999",
]
ODD_NAMES = [
    "page",
    "before",
    "year",
    "sort",
    "state",
    "school",
    "lead",
    "category",
    "days",
    "reason",
    "zoek",
]


def test_odd_numbers_in_an_address_are_not_found_and_break_nothing(things: SimpleNamespace) -> None:
    client = client_of(things, "case_manager")
    for name in names():
        path = path_of(name, things)
        for odd in ("9" * 19, "9" * 30, "0"):
            odd_paths = {re.sub(r"/\d+/", f"/{odd}/", path), re.sub(r"\d{5,}/", f"{odd}/", path)}
            for odd_path in odd_paths - {path}:
                for method in ("GET", "POST"):
                    answer = ask(client, method, odd_path)
                    assert (odd_path, method, answer.status_code < 500) == (odd_path, method, True)


@pytest.mark.parametrize("asker", ["case_manager", "administrator"])
def test_odd_questions_break_nothing(things: SimpleNamespace, asker: str) -> None:
    client = client_of(things, asker)
    pages = [line["name"] for line in table() if line["method"] == "GET" and line[asker] == "200"]
    for number, name in enumerate(pages):
        for odd in ODD_VALUES[number % 3 :: 3]:  # each value at a third of the pages
            query = urlencode(
                [*((key, odd) for key in ODD_NAMES), ("text", odd), ("kind", odd), ("next", odd)]
            )
            answer = ask(client, "GET", f"{path_of(name, things)}?{query}")
            assert (name, odd, answer.status_code < 500) == (name, odd, True)


@pytest.mark.parametrize("asker", ["case_manager", "administrator"])
def test_odd_answers_in_forms_are_refused_and_break_nothing(things: SimpleNamespace, asker: str) -> None:
    """Every field of every form with every odd value, the hidden fields too."""
    client = client_of(things, asker)
    for line in table():
        if line["method"] != "GET" or line[asker] != "200":
            continue
        path = path_of(line["name"], things)
        page = ask(client, "GET", path)
        fields = set() if page.streaming else fields_on(page.content.decode())
        for odd in ODD_VALUES if fields else []:
            with transaction.atomic():
                status = client.post(path, dict.fromkeys(fields, odd)).status_code
                transaction.set_rollback(True)
            assert (line["name"], odd, status < 500) == (line["name"], odd, True)


def fields_on(page: str) -> set[str]:
    main = page.split("<main", 1)[1] if "<main" in page else ""
    return set(re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', main)) - {"csrfmiddlewaretoken"}
