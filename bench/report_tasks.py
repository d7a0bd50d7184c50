"""What bench/reports.py measures: counting periods of partnerships."""

import datetime as dt
import resource
from functools import partial

from django.db.models import Count

from bench.clock import Share, milliseconds
from bench.measuring import TIMES
from bench.world import ON
from reports.queries.reports import Result, count, for_outside
from reports.rules.periods import Period, month_of, quarter_of, school_year_of
from reports.rules.selection import Selection
from schools.models import Partnership

YEAR = dt.timedelta(days=365)
#: The last month that is over, and those of longer ago.
MONTH, YEARS_AGO = month_of(ON).before, month_of(ON - 5 * YEAR)
#: Of bench/world.sql: three parts of the size of the smallest, and ten.
MIDDLING, LARGEST = 4, 1


def report_times(at: dt.datetime, share: Share) -> object:
    """What runs while somebody waits, in milliseconds, with how many lines there are."""
    middling, largest = (Partnership.objects.get(pk=key) for key in (MIDDLING, LARGEST))
    works: dict[str, tuple[Partnership, Period, dt.datetime, bool]] = {
        "a month of a middling partnership": (middling, MONTH, at, False),
        "a month of the largest": (largest, MONTH, at, False),
        "a month with the 13 months of the trend": (largest, MONTH, at, True),
        "a month a year ago, as it was known then": (largest, MONTH.year_before, at - YEAR, False),
        "a month five years ago, as it is known now": (largest, YEARS_AGO, at, False),
        "a month five years ago, as it was known then": (largest, YEARS_AGO, at - 5 * YEAR, False),
        "a quarter": (largest, quarter_of(ON).before, at, False),
        "a school year": (largest, school_year_of(ON).before, at, False),
    }
    found = {}
    for what, (partnership, period, known_at, trend) in works.items():
        counted = partial(count, partnership, period, Selection(), known_at=known_at, trend=trend)
        found[what] = milliseconds([counted] * TIMES) | {"lines": len(counted().lines)}
    counted_once = count(largest, MONTH, Selection(), known_at=at)
    hidden = partial(for_outside, counted_once)
    found["hiding small cells of that month and its trend"] = milliseconds([hidden] * TIMES) | {
        "lines": len(counted_once.lines)
    }
    return {"times": found, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def report_all(at: dt.datetime, share: Share) -> object:
    """A month of each partnership; with more processes each counts its share."""
    return _report(at, share, trend=False)


def report_all_with_trend(at: dt.datetime, share: Share) -> object:
    """The report of a month of each partnership, with its trend."""
    return _report(at, share, trend=True)


def _report(at: dt.datetime, share: Share, *, trend: bool) -> dict[str, int]:
    by_size = Partnership.objects.annotate(size=Count("sites")).order_by("-size", "pk")
    totals = {"lines": 0, "start": 0, "inflow": 0, "outflow": 0, "end": 0}
    for partnership in by_size[share.nth :: share.of]:
        _add(totals, count(partnership, MONTH, Selection(), known_at=at, trend=trend))
    return totals


def _add(totals: dict[str, int], result: Result) -> None:
    figures = result.figures
    totals["lines"] += len(result.lines)
    for name in ("start", "inflow", "outflow", "end"):
        totals[name] += getattr(figures, name)
