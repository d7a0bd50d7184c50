"""Case numbers: `TZ-2026-00001`. Unique, gaps allowed, never a lock that others wait for.

PostgreSQL: a sequence for each year, which hands out numbers outside any transaction. SQLite has one writer
at a time anyway: a counter row in the same transaction.
"""

from django.db import connection
from django.db.models import F

from cases.models import CaseNumberCounter


def take_numbers(year: int, count: int) -> list[str]:
    """So many new case numbers of a year of entry, in one go. Call it within a transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(%s) FROM generate_series(1, %s)", [f"cases_number_{year:d}", count]
            )
            taken = [row[0] for row in cursor.fetchall()]
    else:
        CaseNumberCounter.objects.get_or_create(year=year)
        CaseNumberCounter.objects.filter(year=year).update(last=F("last") + count)
        last = CaseNumberCounter.objects.values_list("last", flat=True).get(year=year)
        taken = list(range(last - count + 1, last + 1))
    return [f"TZ-{year}-{number:05d}" for number in taken]
