"""Cases with all that a row of the register shows, for any number of them in three queries."""

from django.db.models import F, Prefetch

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
