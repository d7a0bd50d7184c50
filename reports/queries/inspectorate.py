"""The rows of the quarterly list for the Inspectorate, and what a partnership chose for it."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.enums import Category, Reason
from cases.models import FittingOffer, ReasonCodes
from cases.rules import effective
from reports.enums import Definition
from reports.models import ListTemplate
from reports.queries.counting import cases_of_partnership, numbers_of
from reports.queries.histories import facts_of, histories
from reports.queries.reports import threshold_of
from reports.rules.columns import DEFAULT, Column, columns_from_json
from reports.rules.listed import Listed, listed
from reports.rules.offers import Offered, Reasons, is_offered, main_reason, offer_on
from reports.rules.periods import Period, school_year_of
from reports.rules.selection import Selection
from reports.rules.stays import stays_of
from schools.models import Partnership


@dataclass(frozen=True)
class Template:
    """The columns of a partnership, its own or the default."""

    columns: Sequence[Column]
    with_5a: bool
    is_own: bool


@dataclass(frozen=True)
class Check:
    """What to look at before a list is handed in. `members`: without an end, which is the figure `end`."""

    rows: int
    members: int
    ended: int
    more_than_once: int
    without_reason: int
    without_site: int
    without_offer: int
    by_category: Mapping[str, int]


def template_of(partnership_id: int) -> Template:
    found = ListTemplate.objects.filter(pk=partnership_id).first()
    if found is None:
        return Template(DEFAULT, with_5a=False, is_own=False)
    return Template(columns_from_json(found.columns), with_5a=found.with_5a, is_own=True)


def cumulative(last: dt.date) -> Period:
    """What a list up to a day is about: the school year until then."""
    return Period(school_year_of(last).first, last)


def definition_of_list(*, with_5a: bool) -> str:
    """D2, with 5a D4: that is D2 with the exemptions under 5a."""
    return Definition.D4 if with_5a else Definition.D2


def listed_cases(
    partnership: Partnership, last: dt.date, *, with_5a: bool, known_at: dt.datetime
) -> list[Listed]:
    """All thuiszitters of a partnership in the school year up to a day, as known at a moment, in the order in
    which they became one. A case has one row (reports/rules/listed.py)."""
    period, selection = cumulative(last), Selection(definition_of_list(with_5a=with_5a))
    thresholds = {partnership.pk: threshold_of(partnership)}
    found: list[Listed] = []
    for chunk in histories(
        cases_of_partnership(partnership.pk), period, known_at=known_at, thresholds=thresholds
    ):
        members = [(history, stays) for history in chunk if (stays := stays_of(history, selection))]
        numbers = numbers_of(history for history, _stays in members)
        rows = [row for history, stays in members if (row := listed(history, stays, period, numbers))]
        _describe(rows, known_at)
        found += rows
    return sorted(found, key=lambda row: (row.entered, row.case_id))


def check_of(rows: Sequence[Listed]) -> Check:
    return Check(
        rows=len(rows),
        members=sum(row.left is None for row in rows),
        ended=sum(row.left is not None for row in rows),
        more_than_once=sum(row.memberships > 1 for row in rows),
        without_reason=sum(row.reason == Reason.UNKNOWN for row in rows),
        without_site=sum(not row.site for row in rows),
        without_offer=sum(row.left is None and not row.offered for row in rows),
        by_category=_by_category(rows),
    )


def _by_category(rows: Sequence[Listed]) -> dict[str, int]:
    found = Counter(row.category for row in rows)
    return {str(Category(code).label): found[code] for code in Category.values if code in found}


def _describe(rows: Sequence[Listed], known_at: dt.datetime) -> None:
    """Fills in reason and offer, as on the day of which the row tells."""
    keys = [row.case_id for row in rows]
    reasons = facts_of(ReasonCodes, keys, known_at, Reasons, Reasons._fields)
    offers = facts_of(FittingOffer, keys, known_at, Offered, Offered._fields)
    for row in rows:
        row.reason = main_reason(effective(reasons.get(row.spell, ())), row.told_on)
        offer = offer_on(effective(offers.get(row.spell, ())), row.told_on)
        row.offered = is_offered(offer, row.told_on)
        row.offer, row.offer_since = (offer.offer, offer.since) if offer else ("", None)
