"""What counting asks of the database: no more for more cases, and by index on PostgreSQL."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.enums import Source, State
from cases.services.intake import ExemptionGiven, insert
from common.dates import end_of
from reports.enums import Definition
from reports.queries.counting import cases_of_partnership, figures_by_period, lines_of
from reports.queries.reports import count, document_of
from reports.rules.periods import month_of, months_up_to
from reports.rules.selection import Selection
from schools.models import Partnership
from tests.factories.cases import make_intake
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 11, 20)
NOVEMBER = month_of(ON)
#: Tables that grow with the cases of the country.
GROWING = {
    "cases_absenceperiod",
    "cases_case",
    "cases_exemption",
    "cases_fittingoffer",
    "cases_particulars",
    "cases_reasoncodes",
    "cases_spelldates",
    "cases_statechange",
}


def with_cases(number: int) -> Partnership:
    swv: Partnership = PartnershipFactory()
    site = SchoolSiteFactory(partnerships=[swv])
    facts: dict[str, Any] = {
        "on": ON,
        "exemption": ExemptionGiven("5b", ON, ON),
        "offer": "oza",
        "offer_since": ON,
        "reasons": ("PLEK",),
        "states": ((State.ARRANGEMENT, ON),),
    }
    insert(
        [make_intake(partnership=swv, site=site, **facts) for _ in range(number)],
        by=None,
        at=end_of(ON),
        source=Source.IMPORT,
    )
    return swv


def count_lines(swv: Partnership) -> None:
    lines_of(cases_of_partnership(swv.pk), NOVEMBER, Selection(), known_at=end_of(ON))


def count_periods(swv: Partnership) -> None:
    selections = [Selection(it) for it in Definition.values]
    periods = months_up_to(NOVEMBER, 13)
    figures_by_period(cases_of_partnership(swv.pk), periods, selections, known_at=end_of(ON))


def make_document(swv: Partnership) -> None:
    document_of(count(swv, NOVEMBER, Selection(), known_at=end_of(ON)), outside=False)


def make_document_for_outside(swv: Partnership) -> None:
    document_of(count(swv, NOVEMBER, Selection(), known_at=end_of(ON)), outside=True)


WORKS = [count_lines, count_periods, make_document, make_document_for_outside]


def queries_of(work: Callable[[Partnership], None], swv: Partnership) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work(swv)
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("work", WORKS)
def test_more_cases_are_no_more_queries(work: Callable[[Partnership], None]) -> None:
    """Where all is hidden no names are asked for: so there are some more in a report for outside."""
    few, many = with_cases(10 if work == make_document_for_outside else 1), with_cases(100)
    asked = len(queries_of(work, few))
    assert asked > 5
    assert len(queries_of(work, many)) == asked


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def scanned(statement: str) -> set[str]:
    """The growing tables that a statement reads from beginning to end, where it need not."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (found,) = cursor.fetchone()
    (plan,) = json.loads(found) if isinstance(found, str) else found
    return {
        node["Relation Name"]
        for node in nodes(plan["Plan"])
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING
    }


@pytest.mark.services
def test_growing_tables_are_read_by_index() -> None:
    swv = with_cases(50)
    for _ in range(6):
        with_cases(200)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")
    asked = {sql for work in WORKS for sql in queries_of(work, swv)}
    selects = [sql for sql in asked if sql.startswith("SELECT")]
    assert {table for table in GROWING if not any(f'FROM "{table}"' in sql for sql in selects)} == set()
    assert {sql: tables for sql in selects if (tables := scanned(sql))} == {}
