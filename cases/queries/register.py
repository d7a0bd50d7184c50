"""Cases with all that a row of the register shows, for any number of them in three queries."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Prefetch

from cases.enums import TAKEN_BACK
from cases.models import Exemption, StateChange
from cases.models.case import CaseQuerySet


def with_register_facts(cases: CaseQuerySet) -> CaseQuerySet:
    """Adds `register_moves` (changes of state of the current spell, in the order in which they became known)
    and `register_exemptions` (those that count, the one recorded last first)."""
    moves = StateChange.objects.filter(spell__number=F("case__spell")).order_by("known_from", "id")
    exemptions = Exemption.objects.filter(known_until__isnull=True).order_by("-known_from", "-id")
    return cases.select_related(
        "pupil__municipality__organisation", "partnership__organisation", "site__organisation", "school"
    ).prefetch_related(
        Prefetch("statechange_rows", queryset=moves, to_attr="register_moves"),
        Prefetch("exemption_rows", queryset=exemptions, to_attr="register_exemptions"),
    )


def state_days(changes: Iterable[StateChange]) -> dict[str, dt.date]:
    """The last day on which each state was entered, by the changes of one spell as they are known now."""
    days: dict[str, dt.date] = {}
    for change in sorted(changes, key=lambda change: (change.known_from, change.pk)):
        if change.transition == TAKEN_BACK:
            days.pop(change.from_state, None)
        else:
            days[change.to_state] = change.on
    return days
