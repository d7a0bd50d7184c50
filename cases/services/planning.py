"""Plans of a case: made, heard on by the pupil, evaluated, ended."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from cases import permissions
from cases.enums import EvaluationResult, PlanKind
from cases.models import (
    Arrangement,
    Case,
    Evaluation,
    Hearing,
    Plan,
    RemoteEducationPlan,
    ReturnPlan,
    ReturnStep,
)
from cases.services.locking import lock
from common.errors import DomainError, Invalid, NotFound


@dataclass(frozen=True)
class Step:
    """One step of a return plan: what, for how many hours a week, from which day."""

    what: str
    hours_a_week: Decimal
    start: dt.date | None = None


@dataclass(frozen=True)
class Heard:
    """The pupil's voice on a plan, or `why_not`."""

    heard_on: dt.date | None = None
    how: str = ""
    said: str = ""
    done_with: str = ""
    why_not: str = ""


@transaction.atomic
def add_arrangement(
    *, case: Case, fields: Mapping[str, Any], heard: Heard | None, by: User, at: dt.datetime, on: dt.date
) -> Arrangement:
    """An arrangement with the fields of its model; with the pupil's voice if it is known already."""
    return _add(Arrangement, PlanKind.ARRANGEMENT, case=case, fields=fields, heard=heard, by=by, at=at, on=on)


@transaction.atomic
def add_remote_plan(
    *, case: Case, fields: Mapping[str, Any], heard: Heard | None, by: User, at: dt.datetime, on: dt.date
) -> RemoteEducationPlan:
    """A remote education plan with the fields of its model."""
    return _add(
        RemoteEducationPlan, PlanKind.REMOTE, case=case, fields=fields, heard=heard, by=by, at=at, on=on
    )


@transaction.atomic
def add_return_plan(
    *,
    case: Case,
    fields: Mapping[str, Any],
    steps: Sequence[Step],
    heard: Heard | None,
    by: User,
    at: dt.datetime,
    on: dt.date,
) -> ReturnPlan:
    """A return plan with its steps in order; hours may not be negative, dates go forward."""
    dated = [step.start for step in steps if step.start]
    if dated != sorted(dated):
        raise Invalid(_("The steps must be in the order of their dates."), field="steps")
    plan = _add(ReturnPlan, PlanKind.RETURN, case=case, fields=fields, heard=heard, by=by, at=at, on=on)
    ReturnStep.objects.bulk_create(
        ReturnStep(
            plan=plan, position=position, what=step.what, hours_a_week=step.hours_a_week, start=step.start
        )
        for position, step in enumerate(steps, start=1)
    )
    return plan


@transaction.atomic
def agree(*, plan: Plan, case: Case, agreed_on: dt.date, by: User, on: dt.date) -> Arrangement:
    """Says since when an arrangement that was recorded before is agreed."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    own = Arrangement.objects.filter(pk=_own(plan, locked).pk).first()
    if own is None:
        raise NotFound("")
    if own.agreed_on is not None:
        raise DomainError(_("This arrangement was agreed already."))
    if own.is_over_on(on):
        raise DomainError(_("This plan has ended."))
    if agreed_on > on:
        raise Invalid(_("This day lies in the future."), field="agreed_on")
    own.agreed_on = agreed_on
    own.save(update_fields=["agreed_on"])
    record("plan.agreed", by=by, target=f"case {locked.number}", details={"plan": own.pk})
    return own


@transaction.atomic
def hear(*, plan: Plan, case: Case, heard: Heard, by: User, at: dt.datetime, on: dt.date) -> Hearing:
    """Records the pupil's voice on a plan."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    hearing = _hear(_own(plan, locked), heard, by=by, at=at, on=on)
    record("plan.pupil_heard", by=by, target=f"case {locked.number}", details={"plan": plan.pk})
    return hearing


@transaction.atomic
def evaluate(
    *,
    plan: Plan,
    case: Case,
    evaluated_on: dt.date,
    result: str,
    note: str,
    next_on: dt.date | None,
    by: User,
    at: dt.datetime,
    on: dt.date,
) -> Evaluation:
    """Records an evaluation: the next date takes the place of the old one; `stop` ends the plan on the day of
    evaluation."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    own = _own(plan, locked)
    if own.is_over_on(on):
        raise DomainError(_("This plan has ended."))
    if evaluated_on > on:
        raise Invalid(_("This day lies in the future."), field="evaluated_on")
    if evaluated_on < own.start and evaluated_on < own.created_at.date():
        raise Invalid(_("This day lies before the plan."), field="evaluated_on")
    if next_on is not None and next_on <= evaluated_on:
        raise Invalid(_("The next evaluation comes after this one."), field="next_on")
    stops = result == EvaluationResult.STOP
    if not stops and next_on is None:
        raise Invalid(_("Say when you look at the plan again."), field="next_on")
    own.evaluate_on = None if stops else next_on
    if stops:
        own.ended_on, own.ended_reason = evaluated_on, note
    own.save(update_fields=["evaluate_on", "ended_on", "ended_reason"])
    evaluation = Evaluation.objects.create(
        plan=own,
        on=evaluated_on,
        result=result,
        note=note,
        next_on=own.evaluate_on,
        recorded_at=at,
        recorded_by=by,
    )
    record(
        "plan.evaluated",
        by=by,
        target=f"case {locked.number}",
        details={"plan": own.pk, "result": str(result)},
    )
    return evaluation


@transaction.atomic
def end_plan(*, plan: Plan, case: Case, ended_on: dt.date, reason: str, by: User, on: dt.date) -> Plan:
    """Ends a plan from a day on, today at the latest."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    own = _own(plan, locked)
    if own.ended_on is not None:
        raise DomainError(_("This plan has ended already."))
    if ended_on > on:
        raise Invalid(_("This day lies in the future."), field="ended_on")
    own.ended_on, own.ended_reason = ended_on, reason
    own.save(update_fields=["ended_on", "ended_reason"])
    record("plan.ended", by=by, target=f"case {locked.number}", details={"plan": own.pk})
    return own


def _add(
    model: type[Any],
    kind: PlanKind,
    *,
    case: Case,
    fields: Mapping[str, Any],
    heard: Heard | None,
    by: User,
    at: dt.datetime,
    on: dt.date,
) -> Any:
    locked = lock(case, by=by, right=permissions.MANAGE)
    plan = model.objects.create(
        case=locked, spell=locked.spell, kind=kind, created_at=at, created_by=by, **fields
    )
    if heard is not None:
        _hear(plan, heard, by=by, at=at, on=on)
    record("plan.made", by=by, target=f"case {locked.number}", details={"plan": plan.pk, "kind": str(kind)})
    return plan


def _hear(plan: Plan, heard: Heard, *, by: User, at: dt.datetime, on: dt.date) -> Hearing:
    if heard.heard_on is None and not heard.why_not.strip():
        raise Invalid(_("Record when the pupil was heard, or why not."), field="heard_on")
    if heard.heard_on is not None:
        if heard.heard_on > on:
            raise Invalid(_("This day lies in the future."), field="heard_on")
        if not heard.how:
            raise Invalid(_("Say how the pupil was heard."), field="how")
        if not heard.said.strip():
            raise Invalid(_("Write down what the pupil said."), field="said")
    return Hearing.objects.create(
        plan=plan,
        heard_on=heard.heard_on,
        how=heard.how if heard.heard_on else "",
        said=heard.said,
        done_with=heard.done_with,
        why_not="" if heard.heard_on else heard.why_not,
        recorded_at=at,
        recorded_by=by,
    )


def _own(plan: Plan, case: Case) -> Plan:
    """The plan, asked for through its case; of another case or an earlier spell it is not there."""
    own = Plan.objects.filter(pk=plan.pk, case=case, spell=case.spell).first()
    if own is None:
        raise NotFound("")
    return own
