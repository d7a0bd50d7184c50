"""Writes new reminders, thousands at once: the first sweep of a country makes hundreds of thousands."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from escalations.models import Reminder

BATCH = 2000


class New(NamedTuple):
    """A reminder to be made."""

    rule: str
    about: str
    object_id: int
    case_id: int | None
    counts_from: dt.date
    due_on: dt.date
    by_when: dt.date
    level: int
    anew: bool


def make_reminders(rows: Sequence[New], *, partnership_id: int, at: dt.datetime) -> None:
    """One that exists already stays as it is."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        if connection.vendor == "postgresql":
            _insert(batch, partnership_id, at)
        else:
            Reminder.objects.bulk_create(
                [Reminder(partnership_id=partnership_id, made_at=at, **row._asdict()) for row in batch],
                ignore_conflicts=True,
            )


def _insert(batch: Sequence[New], partnership_id: int, at: dt.datetime) -> None:
    """The same without an object for each: a tenth of the time of `bulk_create`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO escalations_reminder (
                rule, about, object_id, case_id, counts_from, due_on, by_when, level, anew,
                partnership_id, made_at, state, newest, cancelled_why
            )
            SELECT row.*, %s, %s, 'open', true, ''
            FROM json_to_recordset(%s) AS row (
                rule varchar, about varchar, object_id bigint, case_id bigint, counts_from date, due_on date,
                by_when date, level smallint, anew boolean
            )
            ON CONFLICT DO NOTHING
            """,
            [partnership_id, at, json.dumps([row._asdict() for row in batch], default=str)],
        )
