"""Empties the tables after a test that commits, as Django's flush does, in a fraction of its time.

That one truncates each table, for which PostgreSQL makes new files of it and of all its indexes, and then
lets migrate fill in the kinds of models and their permissions again. Of some hundred tables few hold
anything, and little: those rows are deleted, and the kinds and permissions stay. Where there is more, or
where a test changed those, Django does it.
"""

from collections.abc import Callable

from django.db import connection, transaction

from tests.append_only import triggers_lifted
from tests.remembered import forget

#: What migrate fills.
FILLED = ("auth_permission", "django_content_type")

#: More rows than this are not deleted one by one.
MANY = 3_000

_filled: dict[str, int] = {}


def empty_tables(flush: Callable[[], None]) -> None:
    """`flush` is Django's. The log refuses to be emptied, except around this."""
    with triggers_lifted():
        if not _delete_few():
            flush()
            forget()  # the permissions are others now
            counts = _counts()
            _filled.update({table: counts[table] for table in FILLED})


def _delete_few() -> bool:
    """Whether it was done. It waits for who is still writing, as TRUNCATE does."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(map(connection.ops.quote_name, _tables()))}")
        counts = _counts()
        filled = {table: counts.pop(table) for table in FILLED}
        if filled != _filled or sum(counts.values()) > MANY:
            return False
        for table, count in counts.items():
            if count:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608
    return True


def _tables() -> list[str]:
    """Those that flush empties."""
    names: list[str] = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return names


def _counts() -> dict[str, int]:
    tables = _tables()
    counts = ", ".join(f"(SELECT count(*) FROM {connection.ops.quote_name(table)})" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))
