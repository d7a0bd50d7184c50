"""What many tests begin with: made once by the services, and after that put back row by row."""

import datetime as dt
import pickle
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import time_machine
from django.apps import apps
from django.db import connection, models

from common import dates

Made = TypeVar("Made")
Rows = dict[str, Counter[tuple[str, ...]]]


@dataclass(frozen=True)
class Kept:
    """The rows as statements, how many their tables held before, and what was made, as it was then."""

    statements: list[str]
    counts: dict[str, int]
    made: bytes


#: Refused once the rows that they belong to are there: lines of an issued report.
FIRST = ("reports_versionlines",)

_kept: dict[tuple[str, dt.datetime], Kept] = {}


def remembered(name: str, make: Callable[[], Made]) -> Made:
    """What `make()` returns, with all rows that it adds: the first time of an hour by calling it.

    It is made at the beginning of the hour that it is for the test, so that what takes the time from the
    clock has the same in each test, and nothing is in the future. Made in earnest each time where the test is
    in no transaction (what waits for a commit is done there), and where the tables hold something else than
    they held the first time.
    """
    if not connection.in_atomic_block:
        return make()
    hour = dates.now().replace(minute=0, second=0, microsecond=0)
    kept = _kept.get((name, hour))
    if kept is not None and _counts(kept.counts) == kept.counts:
        with connection.cursor() as cursor:
            for statement in kept.statements:
                cursor.execute(statement)
    else:
        before = _all_rows()
        with time_machine.travel(hour, tick=False):
            made = make()
        kept = _kept[name, hour] = _keep(before, _all_rows(), made)
    return pickle.loads(kept.made)  # noqa: S301  # our own


def forget() -> None:
    """For when the rows that what was made refers to are no longer there."""
    _kept.clear()


def _keep(before: Rows, after: Rows, made: Any) -> Kept:
    assert all(not before[table] - after[table] for table in before), "rows were changed"
    added = {table: rows - before[table] for table, rows in after.items() if rows != before[table]}
    counts = {table: before[table].total() for table in added}
    # What waits for the commit of other rows, as a foreign key does, is asked once all rows are there.
    statements = [_insert(table, added[table]) for table in sorted(added, key=lambda it: it not in FIRST)]
    if connection.vendor == "postgresql":
        statements = ["; ".join(statements)]
    return Kept(statements, counts, pickle.dumps(made))


def _tables() -> dict[str, list[str]]:
    """Each table of a model with its columns."""
    return {
        model._meta.db_table: [
            field.column
            for field in model._meta.local_concrete_fields
            if not isinstance(field, models.GeneratedField)
        ]
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def _all_rows() -> Rows:
    """Each row as the literals of its values."""
    literal = "quote_nullable({}::text)" if connection.vendor == "postgresql" else "quote({})"
    found = {}
    with connection.cursor() as cursor:
        for table, columns in _tables().items():
            values = ", ".join(literal.format(_quoted(column)) for column in columns)
            cursor.execute(f"SELECT {values} FROM {_quoted(table)}")  # noqa: S608
            found[table] = Counter(cursor.fetchall())
    return found


def _insert(table: str, rows: Counter[tuple[str, ...]]) -> str:
    columns = ", ".join(_quoted(column) for column in _tables()[table])
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"INSERT INTO {_quoted(table)} ({columns}) VALUES {values}"  # noqa: S608


def _counts(tables: dict[str, int]) -> dict[str, int]:
    if not tables:
        return {}
    counts = ", ".join(f"(SELECT count(*) FROM {_quoted(table)})" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
