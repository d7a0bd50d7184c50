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


def offer_on(facts: Sequence[Offered], day: dt.date) -> Offered | None:
    """What was recorded of the offer for a day."""
    return next((fact for fact in reversed(facts) if fact.holds_from <= day), None)


def is_offered(offer: Offered | None, day: dt.date) -> bool:
    """Whether a fitting offer has started by a day; one of which the day is not known has not."""
    if offer is None or offer.offer not in FITTING_OFFERS:
        return False
    return offer.since is not None and offer.since <= day


def is_known(offer: Offered | None) -> bool:
    """Whether it is known if there is an offer, and of a fitting one since when."""
    if offer is None or not offer.offer:
        return False
    return offer.offer not in FITTING_OFFERS or offer.since is not None
