"""The pages of reports, as each role has them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from reports.models import Version
from reports.queries import version_pages
from reports.queries.versions import seal_of
from reports.services import versions as services
from reports.views import versions
from tests.append_only import triggers_lifted
from tests.cases.views import client_of, text_of
from tests.cast import Cast, cast
from tests.factories.accounts import member
from tests.reports.handing_in import (
    LATER,
    OCTOBER,
    SEPTEMBER,
    draft,
    issue,
    issued,
    other_reason,
    signalled_late,
    the,
    withdrawn,
)

__all__ = ["cast"]

pytestmark = pytest.mark.django_db

LIST = "/rapportages/versies/"
PEOPLE = [
    "reporter",
    "case_manager",
    "far_case_manager",
    "administrator",
    "privacy_officer",
    "coordinator",
    "care_worker",
    "attendance_officer",
    "platform_operator",
    "superuser",
]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


def address(version: Version, part: str = "") -> str:
    return f"{LIST}{version.pk}/{part}"


def form_of(version: Version, **changes: Any) -> dict[str, str]:
    """The form of a draft, ticked, as the browser sends it; None leaves something out."""
    given = {
        "comment": "Afgestemd met leerplicht.",
        "checked": "on",
        "mark": seal_of(version),
        "token": str(uuid.uuid4()),
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def send(client: Client, version: Version, part: str = "uitbrengen/", **changes: Any) -> Any:
    return client.post(address(version, part), form_of(version, **changes))


# --- Who


def test_who_gets_which_page(cast: Cast) -> None:
    first, waiting = issued(cast, SEPTEMBER), draft(cast, OCTOBER)
    expected = {
        "reporter": (200, 200, 200, 200, 200),
        "case_manager": (200, 403, 200, 200, 200),
        "far_case_manager": (200, 403, 404, 404, 404),
        **dict.fromkeys(PEOPLE[3:], (403, 403, 404, 404, 404)),
    }
    paths = [LIST, f"{LIST}nieuw/", address(first), address(waiting), address(first, "nu/")]
    found = {name: tuple(client_of(cast, name).get(path).status_code for path in paths) for name in PEOPLE}
    assert found == expected


@pytest.mark.parametrize("part", ["uitbrengen/", "toelichting/", "opnieuw-tellen/", "weggooien/"])
def test_who_may_press_the_buttons_of_a_draft(cast: Cast, part: str) -> None:
    waiting = draft(cast)
    expected = {"reporter": 302, "case_manager": 403, **dict.fromkeys(PEOPLE[2:], 404)}
    found = {name: send(client_of(cast, name), waiting, part).status_code for name in reversed(PEOPLE)}
    assert found == expected


def test_who_may_start_a_correction(cast: Cast) -> None:
    first = issued(cast)
    expected = {"reporter": 302, "case_manager": 403, **dict.fromkeys(PEOPLE[2:], 404)}
    found = {
        name: client_of(cast, name).post(address(first, "corrigeren/")).status_code
        for name in reversed(PEOPLE)
    }
    assert found == expected
    assert Version.objects.filter(number=2).count() == 1


def test_unknown_and_invisible_are_the_same(cast: Cast) -> None:
    waiting = draft(cast)
    client = client_of(cast, "far_case_manager")
    unseen, unknown = client.get(address(waiting)), client.get(f"{LIST}{waiting.pk + 999}/")
    assert (unseen.status_code, text_of(unseen)) == (404, text_of(unknown))
    assert client.get(f"{LIST}{10**30}/").status_code == 404


# --- The list


def test_the_list_shows_the_newest_period_first(cast: Cast) -> None:
    first = issued(cast, SEPTEMBER)
    services.correct(version_id=first.pk, by=the(cast, "reporter"), at=LATER)
    draft(cast, OCTOBER)
    shown = client_of(cast, "reporter").get(LIST)
    found = [(it.period, it.number, it.is_issued) for it in shown.context["page"].object_list]
    assert found == [(OCTOBER, 1, False), (SEPTEMBER, 2, False), (SEPTEMBER, 1, True)]
    text = text_of(shown)
    assert "September 2026 , D2, version 1 D2 1 issued 0 7 0 7" in text
    assert "October 2026 , D2, version 1 D2 1 draft 7 0 1 6" in text
    assert "Make a report" in text
    assert "Make a report" not in text_of(client_of(cast, "case_manager").get(LIST))


def test_the_list_of_a_new_partnership_is_empty(cast: Cast) -> None:
    issued(cast)
    assert "There are no reports yet" in text_of(client_of(cast, "far_case_manager").get(LIST))


def test_the_list_asks_the_database_as_often_for_one_as_for_three(cast: Cast) -> None:
    client, counts = client_of(cast, "reporter"), []
    client.get(LIST)
    for definition in ("D2", "D3", "D4"):
        draft(cast, definition=definition)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_the_list_comes_in_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "PER_PAGE", 1)
    draft(cast, SEPTEMBER)
    draft(cast, OCTOBER)
    shown = client_of(cast, "reporter").get(f"{LIST}?page=2")
    assert [it.period for it in shown.context["page"].object_list] == [SEPTEMBER]


# --- A draft


def test_a_draft_shows_figures_and_what_stands_out_by_number_only(cast: Cast) -> None:
    waiting = draft(cast, at=LATER)
    shown = client_of(cast, "reporter").get(address(waiting))
    text, body = text_of(shown), shown.content.decode()
    assert "Report of October 2026 SWV Hier draft" in text
    assert "At the start 7 Inflow 0 Outflow 1 At the end 6" in text
    assert "Of 6 pupils it is not known whether there is a fitting offer, or since when." in text
    for name in ("own", "without_site", "shared"):
        assert cast.cases[name].number in text
        assert f"/dossiers/{cast.cases[name].number}/" not in body
    assert cast.cases["far"].number not in text
    assert "Verzonnen" not in body
    assert "No report was issued of the period before, nor of the next one." in text


def test_who_sees_a_case_has_a_link_to_it(cast: Cast) -> None:
    waiting = draft(cast)
    shown = client_of(cast, "case_manager").get(address(waiting))
    assert f'href="/dossiers/{cast.cases["own"].number}/"' in shown.content.decode()
    assert "A reporter of the partnership checks and issues it." in text_of(shown)
    assert "form" not in shown.context


def test_of_many_cases_the_first_are_named(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_pages, "MOST", 2)
    shown = client_of(cast, "reporter").get(address(draft(cast)))
    group = next(it for it in shown.context["standing_out"] if it.key == "no_offer")
    assert (group.count, len(group.cases), group.more) == (6, 2, 4)
    assert "and 4 more" in text_of(shown)


def test_a_case_that_is_kept_no_longer_has_no_number(cast: Cast) -> None:
    waiting = draft(cast)
    Version.objects.filter(pk=waiting.pk).update(standing_out=[["no_reason", [10**9]]])
    shown = client_of(cast, "reporter").get(address(waiting))
    assert "a case that is no longer kept" in text_of(shown)


def test_outside_small_numbers_are_hidden_and_no_cases_are_named(cast: Cast) -> None:
    waiting = draft(cast)
    shown = client_of(cast, "reporter").get(f"{address(waiting)}?outside=1")
    assert "Outflow <5" in text_of(shown)
    assert cast.cases["own"].number not in shown.content.decode()


def test_the_comment_is_saved_without_ticking(cast: Cast) -> None:
    waiting, client = draft(cast), client_of(cast, "reporter")
    sent = send(client, waiting, "toelichting/", checked=None, comment="Nog bellen.")
    assert (sent.status_code, sent.url) == (302, address(waiting))
    shown = client.get(address(waiting))
    assert "The comment was saved." in text_of(shown)
    assert shown.context["form"]["comment"].value() == "Nog bellen."


def test_counting_again_and_discarding(cast: Cast) -> None:
    waiting, client = draft(cast), client_of(cast, "reporter")
    client.post(address(waiting, "opnieuw-tellen/"))
    shown = client.get(address(waiting))
    assert "The draft was counted again, with what is known now." in text_of(shown)
    assert shown.context["version"].known_at == LATER
    sent = client.post(address(waiting, "weggooien/"))
    assert (sent.status_code, sent.url) == (302, LIST)
    assert "The draft was discarded." in text_of(client.get(LIST))
    assert not Version.objects.exists()


# --- Issuing


def test_the_reporter_checks_comments_and_issues(cast: Cast) -> None:
    waiting, client = draft(cast), client_of(cast, "reporter")
    shown = client.get(address(waiting))
    fields = {name: str(shown.context["form"][name].value()) for name in ("mark", "token")}
    sent = send(client, waiting, **fields)
    assert (sent.status_code, sent.url) == (302, address(waiting))
    text = text_of(client.get(address(waiting)))
    version = Version.objects.get()
    assert "The report was issued. It stays as it is from now on." in text
    assert f"Digest (SHA-256) {version.digest} fits" in text
    assert "Issued 25 November 2026, 10:00, reporter" in text
    assert "Comment Afgestemd met leerplicht." in text
    assert "more than 28 days absent" in text
    again = send(client, waiting, **fields)
    assert (again.status_code, again.url) == (302, address(waiting))  # a double click


def test_without_the_tick_nothing_is_issued(cast: Cast) -> None:
    waiting, client = draft(cast), client_of(cast, "reporter")
    shown = send(client, waiting, checked=None)
    assert shown.status_code == 422
    assert "Tick the box once you have checked the figures." in text_of(shown)
    assert shown.context["form"]["comment"].value() == "Afgestemd met leerplicht."
    assert not Version.objects.get().is_issued


def test_a_draft_that_was_counted_again_meanwhile_is_shown_again(cast: Cast) -> None:
    waiting, client = draft(cast), client_of(cast, "reporter")
    given = form_of(waiting)
    services.recount(version_id=waiting.pk, by=the(cast, "reporter"), at=LATER)
    shown = client.post(address(waiting, "uitbrengen/"), given)
    assert shown.status_code == 409
    assert "Meanwhile this draft was counted again or its comment was changed." in text_of(shown)
    form = shown.context["form"]
    assert form["comment"].value() == "Afgestemd met leerplicht."
    assert form["mark"].value() == seal_of(Version.objects.get())
    assert not Version.objects.get().is_issued


def test_who_comes_second_is_told_who_issued_it(cast: Cast) -> None:
    waiting, client = draft(cast), client_of(cast, "reporter")
    given = form_of(waiting)
    issue(cast, waiting, by=member(None, Role.REPORTER, cast.swv.organisation))
    shown = client.post(address(waiting, "uitbrengen/"), given)
    assert shown.status_code == 409
    assert "has issued this report already." in text_of(shown)


# --- What was issued


def test_an_issued_report_is_shown_as_it_was_issued(cast: Cast) -> None:
    version = issued(cast)
    client = client_of(cast, "reporter")
    before = text_of(client.get(address(version)))
    signalled_late(cast)
    withdrawn(cast, "own")
    assert text_of(client.get(address(version))) == before


def test_the_page_says_when_the_digest_does_not_fit(cast: Cast) -> None:
    version = issued(cast)
    with triggers_lifted():
        Version.objects.filter(pk=version.pk).update(comment="x")
    text = text_of(client_of(cast, "reporter").get(address(version)))
    assert "This is not what was issued" in text
    assert f"{version.digest} does not fit" in text


def test_what_is_known_now_is_compared_and_corrected(cast: Cast) -> None:
    version, client = issued(cast), client_of(cast, "reporter")
    assert "Nothing differs" in text_of(client.get(address(version, "nu/")))
    late, gone, told = signalled_late(cast), withdrawn(cast, "own"), other_reason(cast, "shared")
    text = text_of(client.get(address(version, "nu/")))
    assert f"signalled late: was not known yet (1) {late.number} : At the start +1, At the end +1" in text
    assert f"withdrawn: signalled by mistake (1) {gone.number} : At the start -1, At the end -1" in text
    assert f"counts as before, described otherwise (1) {told.number} : reason" in text
    sent = client.post(address(version, "corrigeren/"))
    second = Version.objects.get(number=2)
    assert (sent.status_code, sent.url) == (302, address(second))
    shown = text_of(client.get(address(second)))
    assert "draft correction" in shown
    assert "Differences from the version before" in shown
    assert f"(1) {late.number} : At the start +1, At the end +1" in shown
    assert "Open the draft of the correction" in text_of(client.get(address(version, "nu/")))
    assert "version 2 draft correction" in text_of(client.get(address(version)))


def test_a_draft_is_not_compared_with_now(cast: Cast) -> None:
    assert client_of(cast, "reporter").get(address(draft(cast), "nu/")).status_code == 404


def test_continuity_is_shown_with_its_explanation(cast: Cast) -> None:
    before = issued(cast, SEPTEMBER)
    late = signalled_late(cast)
    shown = client_of(cast, "reporter").get(address(draft(cast, OCTOBER, at=LATER)))
    text = text_of(shown)
    sentence = "The end that was issued for the period before is 7, this start 8: 1 case differs."
    assert f"{sentence} September 2026, version 1 signalled late: was not known yet (1) {late.number}" in text
    assert f'href="{address(before)}"' in shown.content.decode()


# --- One by hand


def make(client: Client, **changes: Any) -> Any:
    given = {"kind": "month", "month": "9", "year": "2026", "definition": "D2", **changes}
    return client.post(f"{LIST}nieuw/", given)


@pytest.mark.parametrize(
    ("kind", "month", "year", "first", "last"),
    [
        ("month", "9", "2026", dt.date(2026, 9, 1), dt.date(2026, 9, 30)),
        ("quarter", "8", "2026", dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
        ("school_year", "3", "2026", dt.date(2025, 8, 1), dt.date(2026, 7, 31)),
    ],
)
def test_any_period_can_be_made_by_hand(
    cast: Cast, kind: str, month: str, year: str, first: dt.date, last: dt.date
) -> None:
    sent = make(client_of(cast, "reporter"), kind=kind, month=month, year=year, definition="D4")
    made = Version.objects.get()
    assert (sent.status_code, sent.url) == (302, address(made))
    assert (made.first_day, made.last_day, made.definition, made.known_at) == (first, last, "D4", LATER)


def test_the_form_begins_with_the_last_month(cast: Cast) -> None:
    form = client_of(cast, "reporter").get(f"{LIST}nieuw/").context["form"]
    assert [form[name].value() for name in ("month", "year", "definition")] == [10, 2026, "D2"]
    assert "partnership" not in form.fields


def test_a_report_that_is_there_already_is_opened(cast: Cast) -> None:
    version = issued(cast, SEPTEMBER)
    sent = make(client_of(cast, "reporter"))
    assert (sent.status_code, sent.url, Version.objects.count()) == (302, address(version), 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"month": "11"}, "This period is not over yet."),
        ({"year": "1999"}, "2000"),
        ({"year": "x"}, "Year"),
        ({"month": "13"}, "Month"),
        ({"kind": "other"}, "Period"),
        ({"definition": "D5"}, "Definition"),
    ],
)
def test_what_cannot_be_made_is_told_on_the_form(cast: Cast, changes: dict[str, str], expected: str) -> None:
    shown = make(client_of(cast, "reporter"), **changes)
    assert shown.status_code == 422
    assert expected in text_of(shown)
    assert not Version.objects.exists()


def test_who_reports_for_two_partnerships_chooses_one(cast: Cast) -> None:
    member(the(cast, "reporter"), Role.REPORTER, cast.other_swv.organisation)
    client = client_of(cast, "reporter")
    assert make(client).status_code == 422
    assert make(client, partnership=str(cast.other_swv.pk)).status_code == 302
    assert Version.objects.get().partnership == cast.other_swv
    assert "SWV Elders" in text_of(client.get(LIST))
    other = make(client_of(cast, "reporter"), partnership="1000000")
    assert other.status_code == 422


# --- The start page


def test_a_draft_waits_on_the_start_page_of_its_reporter(cast: Cast) -> None:
    waiting = draft(cast)
    shown = client_of(cast, "reporter").get("/")
    assert "Check and issue the report: October 2026 , SWV Hier (by 27 November 2026)" in text_of(shown)
    assert f'href="{address(waiting)}"' in shown.content.decode()
    assert "Check and issue" not in text_of(client_of(cast, "case_manager").get("/"))
    issue(cast, waiting)
    assert "Check and issue" not in text_of(client_of(cast, "reporter").get("/"))


def test_a_reporter_who_also_sees_cases_has_it_on_the_worklist(cast: Cast) -> None:
    member(the(cast, "case_manager"), Role.REPORTER, cast.swv.organisation)
    draft(cast)
    assert "Check and issue the report: October 2026" in text_of(client_of(cast, "case_manager").get("/"))
