"""The quarterly dates on which schools confirm their list (contracts/rules.csv, R15)."""

import datetime as dt

DAY, MONTHS = 15, (3, 6, 9, 12)


def rounds_from(year: int) -> list[dt.date]:
    return [dt.date(year, month, DAY) for month in MONTHS]


def latest_round(on: dt.date) -> dt.date:
    """The last quarterly date up to and including a day."""
    return max(day for year in (on.year - 1, on.year) for day in rounds_from(year) if day <= on)


def next_round(on: dt.date) -> dt.date:
    """The first quarterly date after a day."""
    return min(day for year in (on.year, on.year + 1) for day in rounds_from(year) if day > on)


def previous_round(day: dt.date) -> dt.date:
    """The last quarterly date before a day."""
    return latest_round(day - dt.timedelta(days=1))
