"""Take the triggers off the tables that refuse changes for a moment: to empty the database, or to tamper as
an intruder."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TABLES = ("audit_event", "audit_link", "audit_head", "reports_version", "reports_versionlines")


@contextmanager
def triggers_lifted() -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Foreign keys that still wait to be checked would be in the way.
            now = "SET CONSTRAINTS ALL IMMEDIATE"
            off = [now, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES)]
            on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES]
            on.append("SET CONSTRAINTS ALL DEFERRED")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
                " AND (name LIKE 'audit_%' OR name LIKE 'reports_%')"
            )
            triggers = cursor.fetchall()
            off = [f"DROP TRIGGER {name}" for name, _ in triggers]
            on = [sql for _, sql in triggers]
        for statement in off:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in on:
                cursor.execute(statement)
