"""Who sees which cases: the list, the page, the search, the export, the count and the start page agree.

EXPECTED is written out from contracts/rights.csv. Each door is gone through as its users do, by its address.
"""

import csv
import datetime as dt
import io
import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.roles import Role
from cases.enums import Source
from cases.models import Case
from cases.queries import listing
from cases.queries.visibility import COUNT_CAP, cases_visible_to, open_cases_visible_to
from cases.services.intake import insert
from tests.cast import NOW, TODAY, Cast, fresh
from tests.factories.accounts import member
from tests.factories.schools import SchoolFactory, SchoolSiteFactory

#: Which cases of the cast each person sees; "closed" is the closed one.
EXPECTED = {
    "coordinator": {"own", "second_site", "shared", "invited", "closed"},
    "site_coordinator": {"own", "shared", "invited", "closed"},
    "other_coordinator": {"other_school"},
    "case_manager": {"own", "second_site", "other_school", "without_site", "shared", "invited", "closed"},
    "far_case_manager": {"far"},
    "reporter": set(),
    "administrator": set(),
    "privacy_officer": set(),
    "care_worker": {"shared"},
    "other_care_worker": set(),
    "attendance_officer": {"shared"},
    "platform_operator": set(),
    "superuser": set(),
    "two_hats": {"other_school", "shared"},
}
#: Who has no role does not come in at all.
NOT_IN = {"nobody", "former"}


@pytest.fixture(autouse=True)
def _day_of_the_cast() -> Iterator[None]:
    with time_machine.travel(NOW.astimezone(dt.UTC), tick=False):
        yield


def browser_of(cast: Cast, person: str) -> Client:
    client = Client()
    client.force_login(cast.people[person])
    return client


def numbers_on(page: str) -> set[str]:
    """The cases to which a list leads."""
    return set(re.findall(r'href="/dossiers/(TZ-\d{4}-\d+)/"', page))


def listed(client: Client, query: str) -> set[str]:
    """All that is on the pages of a list."""
    found: set[str] = set()
    for page in range(1, 100):
        html = client.get(f"{reverse('case_list')}?{query}&page={page}").content.decode()
        found |= numbers_on(html)
        if 'rel="next"' not in html:
            return found
    raise AssertionError("The list has no end.")


def counted(client: Client, query: str) -> int:
    """The number above a list; nothing stands above an empty one."""
    html = client.get(f"{reverse('case_list')}?{query}").content.decode()
    shown = re.search(r"<caption[^>]*>\s*([\d.,]+)\+?\s", html)
    return int(re.sub(r"\D", "", shown[1])) if shown else 0


def found_by(client: Client, text: str) -> set[str]:
    answer = client.post(reverse("case_search"), {"q": text, "state": "all"}, follow=True)
    address = parse_qs(answer.request["QUERY_STRING"])
    assert len(address.pop("zoek")[0]) == len(secrets.token_urlsafe(9))  # a token of chance, not the words
    assert address == {"state": ["all"]}
    return numbers_on(answer.content.decode())


def exported(client: Client, query: str) -> set[str]:
    answer = client.get(f"{reverse('case_export', args=['csv'])}?{query}")
    text = b"".join(answer).decode("utf-8-sig")
    return {row["dossier"] for row in csv.DictReader(io.StringIO(text), delimiter=";")}


def exported_as_workbook(client: Client, query: str) -> set[str]:
    answer = client.get(f"{reverse('case_export', args=['xlsx'])}?{query}")
    rows = load_workbook(io.BytesIO(b"".join(answer)), read_only=True).worksheets[0].values
    column = next(rows).index("dossier")
    return {str(row[column]) for row in rows}


def on_the_start_page(client: Client) -> int:
    """The number of open cases that the start page tells; who has no role with cases is told none."""
    html = client.get(reverse("start")).content.decode()
    shown = re.search(rf'<a href="{reverse("case_list")}">[^<\d]*([\d.,]+)\+?[^<]*</a>', html)
    return int(re.sub(r"\D", "", shown[1])) if shown else 0


def test_the_whole_cast_is_expected(cast: Cast) -> None:
    assert EXPECTED.keys() | NOT_IN == cast.people.keys()


@pytest.mark.parametrize("person", EXPECTED)
def test_every_door_shows_the_same_cases(cast: Cast, person: str) -> None:
    client, user = browser_of(cast, person), fresh(cast.people[person])
    seen = {cast.cases[name].number for name in EXPECTED[person]}
    still_open = seen - {cast.cases["closed"].number}
    assert set(cases_visible_to(user).values_list("number", flat=True)) == seen
    assert set(open_cases_visible_to(user).values_list("number", flat=True)) == still_open
    assert listed(client, "state=all") == seen
    assert listed(client, "") == still_open
    assert counted(client, "state=all") == len(seen)
    assert counted(client, "") == len(still_open)
    assert on_the_start_page(client) == len(still_open)
    assert exported(client, "state=all") == seen
    assert exported(client, "") == still_open
    assert exported_as_workbook(client, "state=all") == seen
    for name, case in cast.cases.items():
        expected = {case.number} & seen
        status = client.get(reverse("case", args=[case.number])).status_code
        assert (name, status) == (name, 200 if expected else 404)
        assert (name, found_by(client, case.number)) == (name, expected)
        for words in (case.pupil.first_name, f"{case.pupil.first_name[0]}{case.pupil.last_name[0]}"):
            found = found_by(client, words)
            assert (name, words, found & {case.number}, found - seen) == (name, words, expected, set())


@pytest.mark.parametrize("person", sorted(NOT_IN))
def test_who_has_no_role_sees_nothing(cast: Cast, person: str) -> None:
    assert not cases_visible_to(fresh(cast.people[person])).exists()
    for name in ("start", "case_list"):
        assert browser_of(cast, person).get(reverse(name)).status_code == 403
    for case in cast.cases.values():
        assert browser_of(cast, person).get(reverse("case", args=[case.number])).status_code == 403


def test_what_was_shared_shows_at_every_door_until_its_last_day(cast: Cast) -> None:
    """And not on the day after, without anybody doing something."""
    case = cast.case(cast.site, first_name="Kort")
    cast.let_in(case, cast.care, by=cast.people["care_worker"], until=TODAY + dt.timedelta(days=3))
    for days, sees in ((3, True), (4, False)):
        with time_machine.travel(NOW.astimezone(dt.UTC) + dt.timedelta(days=days), tick=False):
            client = browser_of(cast, "care_worker")
            expected = {case.number} if sees else set()
            assert client.get(reverse("case", args=[case.number])).status_code == (200 if sees else 404)
            assert listed(client, "") & {case.number} == expected
            assert exported(client, "") & {case.number} == expected
            assert found_by(client, "Kort") == expected
            assert on_the_start_page(client) == 1 + sees


def many(cast: Cast, number: int, site: Any = None, **facts: Any) -> list[Case]:
    """So many more cases, of pupils who are not alike."""
    intakes = [
        cast.intake(site or cast.site, first_name=f"V{letters(n)}", last_name=f"A{letters(n)}", **facts)
        for n in range(number)
    ]
    return insert(intakes, by=None, at=NOW, source=Source.IMPORT)


def letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")


def test_counts_stop_at_the_cap_and_say_so(cast: Cast) -> None:
    many(cast, COUNT_CAP - counted(browser_of(cast, "case_manager"), ""))
    client = browser_of(cast, "case_manager")
    assert "1.000 open dossiers" in text_of(client, "start")
    assert "1.000 dossiers" in text_of(client, "case_list")
    cast.case(cast.site, first_name="Erbij")
    assert "1.000+ open dossiers" in text_of(client, "start")
    assert "1.000+ dossiers" in text_of(client, "case_list")


def text_of(client: Client, name: str) -> str:
    return re.sub(r"\s+", " ", client.get(reverse(name)).content.decode())


def queries_of(cast: Cast, person: str, *names: str) -> dict[str, int]:
    """How many queries each page takes, on a second visit: what is kept for everybody is there by then."""
    counts = {}
    for name in names:
        client = browser_of(cast, person)
        client.get(reverse(name))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name)).status_code == 200
        counts[name] = len(queries)
    return counts


def test_lists_take_as_many_queries_for_a_hundred_cases_as_for_one(cast: Cast) -> None:
    one = queries_of(cast, "far_case_manager", "start", "case_list")
    many(cast, 99, cast.far_site, partnership=cast.other_swv)
    assert counted(browser_of(cast, "far_case_manager"), "") == 100
    assert queries_of(cast, "far_case_manager", "start", "case_list") == one


def test_lists_take_as_many_queries_for_a_hundred_grants_as_for_one(cast: Cast) -> None:
    """Of a care worker who takes part in more and more cases, each shared by itself."""
    one = queries_of(cast, "care_worker", "start", "case_list")
    for case in many(cast, 99):
        cast.let_in(case, cast.care, by=cast.people["care_worker"])
    assert counted(browser_of(cast, "care_worker"), "") == 100
    assert queries_of(cast, "care_worker", "start", "case_list") == one


def test_lists_take_as_many_queries_for_twenty_memberships_as_for_two(cast: Cast) -> None:
    user = cast.people["two_hats"]
    two = queries_of(cast, "two_hats", "start", "case_list")
    for _ in range(18):
        school = SchoolFactory()
        site = SchoolSiteFactory(school=school, sector="vo", partnerships=[cast.swv])
        member(user, Role.COORDINATOR, school.organisation)
        cast.case(site, first_name="Erbij")
    assert counted(browser_of(cast, "two_hats"), "") == 20
    assert queries_of(cast, "two_hats", "start", "case_list") == two


@pytest.mark.services
@pytest.mark.django_db(transaction=True)  # VACUUM runs in no transaction
def test_the_list_of_open_cases_uses_the_index_of_open_grants(cast: Cast) -> None:
    """On PostgreSQL, for a partnership that sees a small part of many cases, most of its own closed."""
    with connection.cursor() as cursor:  # VACUUM marks a page as visible to all once it is on the disk
        cursor.execute("SET synchronous_commit TO on")
    many(cast, 1500)
    many(cast, 30, cast.far_site, partnership=cast.other_swv)
    day = TODAY - dt.timedelta(days=7)
    closed = {"closed_on": day, "back_on": day, "destination": "eigen-school"}
    many(cast, 1000, cast.far_site, partnership=cast.other_swv, **closed)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) cases_casegrant, cases_case")
    user = fresh(cast.people["far_case_manager"])
    found = listing.find(user, listing.Wanted(), on=TODAY)
    page = listing.in_order(found, "", on=TODAY).values_list("pk", flat=True)[: listing.PAGE_SIZE + 1]
    for plan in (page.explain(), open_cases_visible_to(user).order_by()[: COUNT_CAP + 1].explain()):
        assert "grant_open" in plan, plan
        assert "Seq Scan on cases_casegrant" not in plan, plan
