"""What the rules look at, for many cases at once: a fixed number of queries for any number of cases."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max

from cases.enums import ActionState, ParticipationState, State
from cases.models import Action, Case, Exemption, Participation, Plan
from common.arrays import among
from escalations.rules.facts import ActionFacts, CaseFacts, ExemptionFacts, InvitationFacts, PlanFacts

OPEN_STATES = [state.value for state in State if state != State.CLOSED]


def open_case_ids(partnership_id: int, *, on: dt.date) -> list[int]:
    """The cases of a partnership that are open and were signalled by that day, in order."""
    cases = Case.objects.filter(partnership=partnership_id, state__in=OPEN_STATES, signalled_on__lte=on)
    return list(cases.order_by("pk").values_list("pk", flat=True))


def facts_of(case_ids: Sequence[int]) -> dict[int, CaseFacts]:
    """The facts of those that are open, by key: six queries."""
    if not case_ids:
        return {}
    # Which of them are open is not asked of the database: it would go through all open cases for it.
    rows = Case.objects.filter(pk__in=among(case_ids)).values_list(
        "spell",
        "pk",
        "partnership_id",
        "site_id",
        "sector",
        "state",
        "state_since",
        "signalled_on",
        "first_day_absent",
        "back_on",
        "offer",
        "offer_since",
        "lead_id",
        "last_progress_on",
    )
    spells = {}
    found = {}
    for spell, *row in rows:
        case = CaseFacts(*row)
        if case.state != State.CLOSED:
            found[case.id], spells[case.id] = case, spell
    ids = list(found)
    if not ids:
        return found
    _add_plans(found, spells, ids)
    _add_exemptions(found, ids)
    _add_actions(found, ids)
    _add_invitations(found, ids)
    return found


def _add_plans(found: dict[int, CaseFacts], spells: dict[int, int], ids: list[int]) -> None:
    """Those of the current spell."""
    rows = (
        Plan.objects.filter(case__in=among(ids))
        .annotate(evaluated_on=Max("evaluations__on"))
        .order_by("pk")
        .values_list(
            "case_id", "spell", "pk", "kind", "start", "end", "evaluate_on", "ended_on", "evaluated_on"
        )
    )
    for case_id, spell, *plan in rows:
        if spell == spells[case_id]:
            found[case_id].plans.append(PlanFacts(*plan))


def _add_exemptions(found: dict[int, CaseFacts], ids: list[int]) -> None:
    rows = (
        Exemption.objects.filter(case__in=among(ids), known_until__isnull=True)
        .order_by("pk")
        .values_list("case_id", "pk", "article", "valid_from", "valid_to")
    )
    for case_id, pk, article, valid_from, valid_to in rows:
        case = found[case_id]
        case.exemptions.append(ExemptionFacts(pk, article, valid_from or case.first_day_absent, valid_to))


def _add_actions(found: dict[int, CaseFacts], ids: list[int]) -> None:
    rows = Action.objects.filter(case__in=among(ids), state=ActionState.OPEN).order_by("pk")
    for case_id, pk, deadline in rows.values_list("case_id", "pk", "deadline"):
        found[case_id].actions.append(ActionFacts(pk, deadline))


def _add_invitations(found: dict[int, CaseFacts], ids: list[int]) -> None:
    rows = Participation.objects.filter(case__in=among(ids), state=ParticipationState.INVITED).order_by("pk")
    for case_id, pk, invited_on, ends_on in rows.values_list("case_id", "pk", "invited_on", "ends_on"):
        found[case_id].invitations.append(InvitationFacts(pk, invited_on, ends_on))
