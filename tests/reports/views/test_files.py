"""The pages of files of figures: asking, waiting, downloading, and who finds what."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from reports.models import ReportFile
from reports.queries.files import KEPT
from reports.queries.versions import seal_of
from reports.rules.periods import month_of
from reports.services import files
from reports.services.versions import issue, make_draft
from tests.cases.views import client_of
from tests.cast import NOW, TODAY, Cast
from tests.cast import fresh as fresh_user
from tests.reports.asking import ask, fresh, leaves
from tests.reports.reading import Pdf, csv_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

State = ReportFile.State
URL = "/rapportages/bestanden/"
NEW = f"{URL}nieuw/"
CSV_OUT = {"format": "csv", "for_whom": "outside"}


@pytest.fixture
def client(cast: Cast) -> Client:
    return client_of(cast, "reporter")


def make(client: Client, query: str = "", **choice: str) -> ReportFile:
    response = client.post(f"{NEW}{query}", {**CSV_OUT, **choice})
    assert response.status_code == 302
    assert response["Location"].startswith(URL)
    return ReportFile.objects.get(pk=response["Location"].rstrip("/").rsplit("/", 1)[1])


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def cells(response: Any) -> dict[tuple[str, str], str]:
    return {(row[0], row[1]): row[3] for row in csv_rows(content_of(response))}


# --- The way through


def test_from_the_report_to_its_file(client: Client) -> None:
    page = client.get("/rapportages/?period=2026-09&definition=D3").content.decode()
    assert f"{NEW}?partnership=VO9901&amp;period=2026-09&amp;definition=D3" in page
    form = client.get(f"{NEW}?partnership=VO9901&period=2026-09&definition=D3").content.decode()
    assert "September 2026" in form
    file = make(client, "?partnership=VO9901&period=2026-09&definition=D3")
    assert fresh(file).state == State.READY
    shown = client.get(f"{URL}{file.pk}/").content.decode()
    assert "The file is ready" in shown
    assert "thuiszitters-VO9901-2026-09-D3.csv" in shown
    response = client.get(f"{URL}{file.pk}/download/")
    assert response["Content-Disposition"] == 'attachment; filename="thuiszitters-VO9901-2026-09-D3.csv"'
    assert (response["Content-Type"], response["Cache-Control"]) == ("text/csv; charset=utf-8", "no-store")
    found = cells(response)
    assert (found["header", "from"], found["header", "to"]) == ("2026-09-01", "2026-09-30")
    assert found["header", "numbers"] == "Small numbers hidden: fit to hand on"


def test_without_a_question_it_is_the_last_whole_month(client: Client) -> None:
    asked = fresh(make(client)).asked
    assert (asked["from"], asked["to"], asked["definition"]) == ("2026-10-01", "2026-10-31", "D2")
    assert dt.datetime.fromisoformat(asked["known_at"]) == NOW


def test_a_period_that_runs_is_counted_up_to_today_and_a_day_known_up_to_its_end(client: Client) -> None:
    asked = fresh(make(client, "?period=2026-11&known_at=2026-11-10")).asked
    assert (asked["from"], asked["to"]) == ("2026-11-01", TODAY.isoformat())
    assert asked["known_at"] == "2026-11-10T23:59:59.999999+01:00"
    today = fresh(make(client, f"?period=2026-11&known_at={TODAY}")).asked
    assert dt.datetime.fromisoformat(today["known_at"]) == NOW


@pytest.mark.parametrize(
    ("format", "kind", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-1.7"),
        ("json", "application/json", b'{\n  "partnership": "VO9901"'),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
    ],
)
def test_the_other_formats(client: Client, format: str, kind: str, begins: bytes) -> None:
    file = make(client, format=format, for_whom="inside")
    response = client.get(f"{URL}{file.pk}/download/")
    assert response["Content-Type"] == kind
    assert f"thuiszitters-VO9901-2026-10-D2-intern.{format}" in response["Content-Disposition"]
    assert content_of(response).startswith(begins)


def test_an_issued_version_comes_as_it_was_issued(client: Client, cast: Cast) -> None:
    by = fresh_user(cast.people["reporter"])
    october = month_of(dt.date(2026, 10, 1))
    draft = make_draft(partnership=cast.swv, period=october, definition="D2", by=by, at=NOW, on=TODAY)
    version = issue(version_id=draft.pk, mark=seal_of(draft), comment="Gezien.", by=by, at=NOW)
    before = version.counts.end
    cast.case(cast.site, first_name="Later")
    assert f"{NEW}?version={version.pk}" in client.get(f"/rapportages/versies/{version.pk}/").content.decode()
    frozen = make(client, f"?version={version.pk}", for_whom="inside")
    found = cells(client.get(f"{URL}{frozen.pk}/download/"))
    assert found["figures", "end"] == str(before)
    assert found["header", "digest"] == version.digest
    assert (found["header", "version"], found["header", "comment"]) == (
        "1, issued on 20 November 2026, 10:00 by reporter",
        "Gezien.",
    )
    assert fresh(frozen).file_name == "thuiszitters-VO9901-2026-10-D2-v1-intern.csv"
    now = make(client, for_whom="inside")
    assert cells(client.get(f"{URL}{now.pk}/download/"))["figures", "end"] == str(before + 1)
    pdf = make(client, f"?version={version.pk}", format="pdf")
    text = Pdf(content_of(client.get(f"{URL}{pdf.pk}/download/"))).text
    assert f"SHA-256 {version.digest[:16]}" in text


# --- What cannot be


@pytest.mark.parametrize("choice", [{"format": "doc"}, {"format": ""}, {"for_whom": ""}, {"for_whom": "x"}])
def test_a_choice_that_is_none(client: Client, choice: dict[str, str]) -> None:
    assert client.post(NEW, {**CSV_OUT, **choice}).status_code == 422
    assert ReportFile.objects.count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "?partnership=VO9902",
        "?period=2027-10",
        "?period=2026-13",
        "?definition=D9",
        "?known_at=2027-01-01",
        "?school=99999999999999999999",
        "?version=1",
        "?version=9999999999999999999999",
        "?version=²",
        "?version=-1",
        "?period=other&first=2026-10-31&last=2026-10-01",
    ],
)
def test_what_there_is_no_report_of(client: Client, query: str) -> None:
    assert client.get(f"{NEW}{query}").status_code == 404
    assert client.post(f"{NEW}{query}", CSV_OUT).status_code == 404
    assert ReportFile.objects.count() == 0


def test_a_part_of_the_pupils_stays_inside(client: Client, cast: Cast) -> None:
    query = f"?school={cast.school.pk}"
    page = client.get(f"{NEW}{query}").content.decode()
    assert "Het Voorbeeld" in page
    refused = client.post(f"{NEW}{query}", CSV_OUT)
    assert refused.status_code == 422
    assert "stay inside the partnership" in refused.content.decode()
    file = make(client, query, for_whom="inside")
    assert cells(client.get(f"{URL}{file.pk}/download/"))["header", "part"] == "Het Voorbeeld"


def test_too_many_waiting_is_said(client: Client, cast: Cast) -> None:
    for _nth in range(files.MOST_WAITING):
        ask(cast)
    assert client.post(NEW, CSV_OUT).status_code == 409


# --- Progress


def test_the_page_follows_what_is_being_made(client: Client, cast: Cast) -> None:
    file = ask(cast)
    address = f"{URL}{file.pk}/"
    page = client.get(address).content.decode()
    assert "Waiting for its turn" in page
    assert 'hx-trigger="every 2s"' in page
    ReportFile.objects.filter(pk=file.pk).update(done=1, total=2)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "1 of 2 steps" in part
    assert "<h1" not in part
    assert client.get(f"{address}download/").status_code == 404
    files.work(clock=lambda: NOW)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "The file is ready" in client.get(address).content.decode()


def test_a_file_that_failed_says_why(client: Client, cast: Cast) -> None:
    file = ask(cast)
    ReportFile.objects.filter(pk=file.pk).update(state=State.FAILED, message="It could not be.")
    assert "It could not be." in client.get(f"{URL}{file.pk}/").content.decode()


# --- The list


def test_the_list_of_own_files(client: Client, cast: Cast) -> None:
    assert "There is no file of yours here" in client.get(URL).content.decode()
    make(client)
    ask(cast, "case_manager")
    page = client.get(URL)
    assert [row["file"].user.name for row in page.context["rows"]] == ["reporter"]
    assert "Report of VO9901, October 2026, D2" in page.content.decode()


def test_the_list_asks_as_much_for_one_file_as_for_more(
    client: Client, django_assert_num_queries: Any, cast: Cast
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make(client)
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    queries = len(one)
    for _nth in range(2):
        make(client)
    with django_assert_num_queries(queries):
        client.get(URL)


# --- Who finds what


def test_somebody_elses_file_is_not_found(client: Client, cast: Cast) -> None:
    file = make(client)
    for person in ("case_manager", "far_case_manager", "administrator", "coordinator", "superuser"):
        other = client_of(cast, person)
        for part in ("", "download/"):
            assert (person, part, other.get(f"{URL}{file.pk}/{part}").status_code) == (person, part, 404)
        assert (person, other.post(f"{URL}{file.pk}/weg/").status_code) == (person, 404)
    assert fresh(file).state == State.READY


def test_who_left_cannot_download_what_was_made_before(client: Client, cast: Cast) -> None:
    file = make(client)
    leaves(cast, "reporter")
    assert client.get(f"{URL}{file.pk}/download/").status_code == 403
    assert Event.objects.filter(action="report_file.downloaded").count() == 0


def test_who_left_one_of_two_partnerships_cannot_download_from_that_one(client: Client, cast: Cast) -> None:
    """Somebody who still reads figures, but not these any more."""
    from accounts.models import Membership
    from accounts.roles import Role
    from tests.factories.accounts import member

    file = make(client)
    member(cast.people["reporter"], Role.REPORTER, cast.other_swv.organisation)
    Membership.objects.filter(user=cast.people["reporter"], organisation=cast.swv.organisation).update(
        ended_at=NOW
    )
    assert client.get(URL).status_code == 200
    assert client.get(f"{URL}{file.pk}/download/").status_code == 403
    assert not default_exists(fresh(file))
    assert client.get(f"{URL}{file.pk}/download/").status_code == 404


def default_exists(file: ReportFile) -> bool:
    return bool(file.file) and file.file.storage.exists(file.file.name)


def test_after_a_day_it_is_not_found(client: Client) -> None:
    file = make(client)
    ReportFile.objects.update(asked_at=NOW - KEPT)
    for part in ("", "download/"):
        assert client.get(f"{URL}{file.pk}/{part}").status_code == 404


def test_discarding(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    file = make(client)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"{URL}{file.pk}/weg/")
    assert response["Location"] == URL
    assert client.get(f"{URL}{file.pk}/").status_code == 404
    assert not default_exists(file)
