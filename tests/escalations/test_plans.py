"""What the sweep asks of PostgreSQL: by index, and no more often for more cases, grants or reminders."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from bench import world
from cases.models import Case
from escalations.models import Reminder
from escalations.queries.board import board_of
from escalations.queries.notices import may_get
from escalations.services.sweep import sweep_case, sweep_partnership
from escalations.services.telling import tell_pending
from notifications.models import Notice

pytestmark = [pytest.mark.services, pytest.mark.django_db]

AT = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
LARGE, SMALL = 1, 4
#: Tables that grow with the cases of the country.
GROWING = {
    "cases_action",
    "cases_case",
    "cases_casegrant",
    "cases_evaluation",
    "cases_exemption",
    "cases_participation",
    "cases_plan",
    "escalations_reminder",
    "notifications_dispatch",
    "notifications_notice",
}


@pytest.fixture(autouse=True)
def _a_small_world() -> None:
    with connection.cursor() as cursor:
        world.fill(cursor, cases=12000)
        cursor.execute("ANALYZE")


def sweep(partnership_id: int) -> None:
    sweep_partnership(partnership_id, on=world.ON, at=AT)


def tell(partnership_id: int) -> None:
    tell_pending(partnership_id, on=world.ON, at=AT, everybody=True)


def sweep_one(partnership_id: int) -> None:
    case = Case.objects.open().filter(partnership=partnership_id).exclude(site=None).earliest("pk")
    sweep_case(case.pk, partnership_id, on=world.ON, at=AT)


def show_board(partnership_id: int) -> None:
    board_of(manager_of(partnership_id), on=world.ON)


def ask_notices(partnership_id: int) -> None:
    manager = manager_of(partnership_id)
    may_get(manager, list(Notice.objects.filter(user=manager)))


def manager_of(partnership_id: int) -> User:
    people = User.objects.filter(memberships__organisation=partnership_id, memberships__role="case_manager")
    return people.earliest("pk")


WORKS = [sweep, tell, sweep_one, show_board, ask_notices]


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


def queries_of(work: Callable[[int], None], partnership_id: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        work(partnership_id)
    return [query["sql"] for query in captured.captured_queries]


def test_growing_tables_are_read_by_index() -> None:
    sweep(LARGE)
    tell(LARGE)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")

    asked = {sql for work in WORKS for sql in queries_of(work, LARGE)}
    selects = [sql for sql in asked if sql.startswith("SELECT") and "FOR UPDATE" not in sql]

    assert len(selects) > 20
    assert {sql: tables for sql in selects if (tables := scanned(sql))} == {}


def test_more_cases_grants_and_reminders_are_no_more_queries() -> None:
    cases, reminders = Case.objects.open(), Reminder.objects.all()
    assert cases.filter(partnership=LARGE).count() > 2 * cases.filter(partnership=SMALL).count() > 0

    first = {f"first {work.__name__}": numbers_of_queries(work) for work in (sweep, tell)}
    again = {work.__name__: numbers_of_queries(work) for work in WORKS}

    assert reminders.filter(partnership=LARGE).count() > 2 * reminders.filter(partnership=SMALL).count() > 0
    assert {name: numbers for name, numbers in {**first, **again}.items() if numbers[0] > numbers[1]} == {}


def numbers_of_queries(work: Callable[[int], None]) -> tuple[int, int]:
    return len(queries_of(work, LARGE)), len(queries_of(work, SMALL))
