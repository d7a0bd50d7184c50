"""What each rule finds in a case on a day: the objects for which it holds, and the date it counts from.

Source: contracts/rules.csv (`counts_from`, `applies_while`). Every case given is open.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from cases.enums import FITTING_OFFERS, PlanKind, State
from escalations.enums import About
from escalations.rules.facts import CaseFacts, ExemptionFacts, PlanFacts

Found = Iterator[tuple[About, int, dt.date]]
NONE: tuple[()] = ()


def nothing(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    return NONE


def absent(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    """Absent and not exempt."""
    if case.first_day_absent > on or (case.back_on is not None and case.back_on <= on):
        return NONE
    if any(exemption.holds_on(on) for exemption in case.exemptions):
        return NONE
    return ((About.CASE, case.id, case.first_day_absent),)


def absent_without_offer(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    """A fitting offer is one of four kinds, started on or before the day."""
    started = case.offer_since is not None and case.offer_since <= on
    return NONE if started and case.offer in FITTING_OFFERS else absent(case, on)


def plan_not_evaluated(case: CaseFacts, on: dt.date) -> Found:
    """Plans that have started, are not over, and were not evaluated since their start."""
    for plan in case.plans:
        evaluated = plan.evaluated_on is not None and plan.evaluated_on >= plan.start
        if plan.start <= on and not plan.is_over_on(on) and not evaluated:
            yield About.PLAN, plan.id, plan.start


def without_progress(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    return ((About.CASE, case.id, case.last_progress_on or case.signalled_on),)


def ends(case: CaseFacts, on: dt.date) -> Found:
    """Plans and exemptions whose end is not past, and that no later one of their kind follows."""
    for plan in case.plans:
        if plan.end is not None and not plan.is_over_on(on) and not _followed_plan(plan, case.plans, on):
            yield About.PLAN, plan.id, plan.end
    for exemption in case.exemptions:
        if exemption.valid_to is None or exemption.valid_to < on:
            continue
        if not _followed_exemption(exemption, case.exemptions, on):
            yield About.EXEMPTION, exemption.id, exemption.valid_to


def signalled(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    return ((About.CASE, case.id, case.signalled_on),) if case.state == State.SIGNALLED else NONE


def signalled_without_lead(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    return signalled(case, on) if case.lead_id is None else NONE


def arrangement_to_evaluate(case: CaseFacts, on: dt.date) -> Found:
    """An evaluation puts the next date in the place of the old one, so a date that stands was not met."""
    return _to_evaluate(case, on, State.ARRANGEMENT, PlanKind.ARRANGEMENT)


def remote_education_to_review(case: CaseFacts, on: dt.date) -> Found:
    return _to_evaluate(case, on, State.REMOTE_EDUCATION, PlanKind.REMOTE)


def in_remote_education(case: CaseFacts, on: dt.date) -> Sequence[tuple[About, int, dt.date]]:
    return ((About.CASE, case.id, case.state_since),) if case.state == State.REMOTE_EDUCATION else NONE


def open_actions(case: CaseFacts, on: dt.date) -> Found:
    for action in case.actions:
        yield About.ACTION, action.id, action.deadline


def unanswered_invitations(case: CaseFacts, on: dt.date) -> Found:
    """Those that can still be answered."""
    for invitation in case.invitations:
        if invitation.ends_on >= on:
            yield About.PARTICIPATION, invitation.id, invitation.invited_on


def _to_evaluate(case: CaseFacts, on: dt.date, state: State, kind: PlanKind) -> Found:
    if case.state != state:
        return
    for plan in case.plans:
        if plan.kind == kind and plan.evaluate_on is not None and not plan.is_over_on(on):
            yield About.PLAN, plan.id, plan.evaluate_on


def _followed_plan(plan: PlanFacts, plans: list[PlanFacts], on: dt.date) -> bool:
    return any(
        other.kind == plan.kind
        and (other.start, other.id) > (plan.start, plan.id)
        and not other.is_over_on(on)
        for other in plans
    )


def _followed_exemption(exemption: ExemptionFacts, exemptions: list[ExemptionFacts], on: dt.date) -> bool:
    return any(
        other.article == exemption.article
        and (other.valid_from, other.id) > (exemption.valid_from, exemption.id)
        and (other.valid_to is None or other.valid_to >= on)
        for other in exemptions
    )
