"""When which period is drafted. Pure dates."""

import datetime as dt

from common.holidays import is_working_day, working_day_after
from reports.rules.periods import DAY, Period, month_of, quarter_of

#: A draft that was not issued after so many working days is reminded of.
PATIENCE = 5


def first_working_day(month: Period) -> dt.date:
    return month.first if is_working_day(month.first) else working_day_after(month.first)


def periods_to_draft(on: dt.date) -> list[Period]:
    """The last month and the last quarter, each from the first working day after it on: a day that was missed
    is made up for until the next period is over."""
    month, quarter = month_of(on), quarter_of(on)
    found = []
    if on >= first_working_day(month):
        found.append(month_of(month.first - DAY))
    if on >= first_working_day(month_of(quarter.first)):
        found.append(quarter_of(quarter.first - DAY))
    return found


def reminded_on(made: dt.date) -> dt.date:
    """The day from which a draft that was made on a day is reminded of."""
    day = made
    for _nth in range(PATIENCE):
        day = working_day_after(day)
    return day
