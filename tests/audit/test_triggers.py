"""The database refuses, whoever asks and however: not only the models."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Event, Head, Link
from audit.services import record
from tests.append_only import triggers_lifted

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENTS = [
    "UPDATE audit_event SET actor = 'x'",
    "UPDATE audit_event SET id = id + 100",
    "DELETE FROM audit_event",
    "UPDATE audit_link SET event_mac = 'x'",
    "DELETE FROM audit_link",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET number = number - 1",
    "UPDATE audit_head SET hash = 'x'",
]


def rows() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Event, Link, Head)]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_changing_and_removing_is_refused(statement: str) -> None:
    record("case.read", by=None)
    record("case.read", by=None)
    before = rows()

    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert rows() == before


def test_models_are_refused_as_well() -> None:
    event = record("case.read", by=None)

    with pytest.raises(DatabaseError, match="append-only"):
        event.delete()
    event.action = "case.closed"
    with pytest.raises(DatabaseError, match="append-only"):
        event.save()
    assert Event.objects.get().action == "case.read"


@pytest.mark.parametrize("table", ["audit_event", "audit_link", "audit_head"])
def test_emptying_a_table_is_refused(table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    record("case.read", by=None)

    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")
    assert (Event.objects.count(), Link.objects.count(), Head.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
        "INSERT OR REPLACE INTO audit_link SELECT * FROM audit_link",
    ],
)
def test_replacing_a_row_is_refused(statement: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    record("case.read", by=None)

    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_tests_put_back_what_they_lift() -> None:
    record("case.read", by=None)
    with triggers_lifted():
        Event.objects.update(actor="x")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.update(actor="y")
