"""The main reason of an absence and whether there is a fitting offer, on a day."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from cases.enums import FITTING_OFFERS, Reason


class Reasons(NamedTuple):
    """Codes a space apart, the first is the main one."""

    holds_from: dt.date
    codes: str


class Offered(NamedTuple):
    holds_from: dt.date
    offer: str
    since: dt.date | None


def main_reason(facts: Sequence[Reasons], day: dt.date) -> str:
    """`ONB` where no reason is known."""
    for fact in reversed(facts):
        if fact.holds_from <= day:
            return next(iter(fact.codes.split()), Reason.UNKNOWN.value)
    return Reason.UNKNOWN.value


def is_offered(facts: Sequence[Offered], day: dt.date) -> bool:
    """Whether a fitting offer has started by a day; one of which the day is not known has not."""
    for fact in reversed(facts):
        if fact.holds_from <= day:
            return fact.offer in FITTING_OFFERS and fact.since is not None and fact.since <= day
    return False
