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

#: What removes or replaces rows without DELETE or UPDATE, on each database.
ROUNDABOUT = {
    "postgresql": ["TRUNCATE audit_event", "TRUNCATE audit_link", "TRUNCATE audit_head"],
    "sqlite": [
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
        "INSERT OR REPLACE INTO audit_link SELECT * FROM audit_link",
    ],
}


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


@pytest.mark.parametrize("statement", ROUNDABOUT[connection.vendor])
def test_the_ways_round_of_this_database_are_refused(statement: str) -> None:
    record("case.read", by=None)
    before = rows()

    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert rows() == before


def test_the_tests_put_back_what_they_lift() -> None:
    record("case.read", by=None)
    with triggers_lifted():
        Event.objects.update(actor="x")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.update(actor="y")
