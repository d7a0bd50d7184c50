"""What the tests of versions share: months, drafts and issued reports, and what becomes known later.

The cast on 20 November 2026: seven cases of the partnership began to count in September, one was closed on
1 October; so September is 0 + 7 - 0 = 7 and October 7 + 0 - 1 = 6.
"""

import datetime as dt
from typing import Any

from accounts.models import User
from cases.models import Case, ReasonCodes, SpellDates
from cases.services import correction, lifecycle
from cases.services.intake import ExemptionGiven
from reports.models import Version
from reports.queries.versions import seal_of
from reports.rules.periods import Period, month_of
from reports.services import versions as services
from tests.cast import NOW, TODAY, Cast, fresh
from tests.factories.cases import make_case

SEPTEMBER, OCTOBER = month_of(dt.date(2026, 9, 1)), month_of(dt.date(2026, 10, 1))
DAY = dt.timedelta(days=1)
LATER = NOW + 5 * DAY
LATER_ON = TODAY + 5 * DAY


def the(cast: Cast, name: str) -> User:
    return fresh(cast.people[name])


def draft(cast: Cast, period: Period = OCTOBER, *, at: dt.datetime = NOW, **asked: Any) -> Version:
    given = {"partnership": cast.swv, "definition": "D2", "by": the(cast, "reporter"), "on": TODAY, **asked}
    return services.make_draft(period=period, at=at, **given)


def issue(cast: Cast, made: Version, *, at: dt.datetime = NOW, **asked: Any) -> Version:
    given = {"mark": seal_of(made), "comment": "Klopt.", "by": the(cast, "reporter"), **asked}
    return services.issue(version_id=made.pk, at=at, **given)


def issued(cast: Cast, period: Period = OCTOBER, *, at: dt.datetime = NOW) -> Version:
    return issue(cast, draft(cast, period, at=at), at=at)


def flow(version: Version) -> tuple[int, int, int, int]:
    counts = version.counts
    return counts.start, counts.inflow, counts.outflow, counts.end


# --- What becomes known five days later


def signalled_late(cast: Cast) -> Case:
    """A pupil at home since August, whom nobody knew of."""
    return make_case(
        site=cast.site,
        partnership=cast.swv,
        first_day_absent=dt.date(2026, 8, 20),
        signalled_on=dt.date(2026, 9, 1),
        on=TODAY,
        municipality_id=cast.municipality.pk,
        at=LATER,
    )


def withdrawn(cast: Cast, name: str) -> Case:
    lifecycle.withdraw(
        case=cast.cases[name], reason="Vergissing", on=LATER_ON, by=the(cast, "case_manager"), at=LATER
    )
    return cast.cases[name]


def back_earlier(cast: Cast, name: str, day: dt.date = dt.date(2026, 10, 12)) -> Case:
    """A pupil who turns out to be back since a day in October."""
    return _dates(cast.cases[name], back_on=day)


def exempted(cast: Cast, name: str, day: dt.date = dt.date(2026, 10, 5)) -> Case:
    """A pupil who turns out to be exempt under 5a since a day in October."""
    given = ExemptionGiven(article="5a", valid_from=day, valid_to=None)
    case = Case.objects.get(pk=cast.cases[name].pk)
    correction.add_exemption(case=case, given=given, by=the(cast, "case_manager"), at=LATER)
    return case


def other_reason(cast: Cast, name: str) -> Case:
    case = cast.cases[name]
    ReasonCodes.objects.create(
        case=case,
        spell=case.spells.get(),
        known_from=LATER,
        recorded_at=LATER,
        holds_from=dt.date(2026, 10, 1),
        codes="GEZIN",
    )
    return case


def _dates(case: Case, **changes: Any) -> Case:
    last = SpellDates.objects.filter(case=case).latest("known_from", "id")
    last.pk, last.known_from, last.recorded_at = None, LATER, LATER
    for name, value in changes.items():
        setattr(last, name, value)
    last.save(force_insert=True)
    return case
