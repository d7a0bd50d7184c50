"""The conditions of the workflow (contracts/workflow.md): one predicate for each fact, and why it is refused
in words."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from cases.enums import BACK_AT_SCHOOL, Destination, PlanKind, State

if TYPE_CHECKING:
    from cases.models.case import Case


@dataclass(frozen=True)
class Given:
    """What comes with pressing a button.

    `met_since`: the first day from which the timetable of the return is met, as the one who closes declares.
    """

    reason: str = ""
    destination: str = ""
    met_since: dt.date | None = None


#: Takes a case; django-fsm knows it as any model.
Condition = Callable[[Any], bool]

#: Why a condition does not hold, in the user's words; also the table of docs/workflow.md.
SENTENCES: dict[str, Any] = {}


def _condition(name: str, sentence: Any) -> Callable[[Condition], Condition]:
    def name_it(predicate: Condition) -> Condition:
        SENTENCES[predicate.__name__] = sentence
        predicate.contract_name = name  # type: ignore[attr-defined]
        return predicate

    return name_it


@_condition(
    "has_agreed_arrangement",
    _("There is no arrangement yet that was agreed on or before today and has not ended."),
)
def has_agreed_arrangement(case: "Case") -> bool:
    return bool(case.current_plans(PlanKind.ARRANGEMENT))


@_condition("pupil_heard", _("Record how the pupil was heard on the arrangement, or why not."))
def pupil_heard_on_arrangement(case: "Case") -> bool:
    return case.is_heard_on(PlanKind.ARRANGEMENT)


@_condition(
    "has_active_remote_plan", _("There is no remote education plan yet that has started and has not ended.")
)
def has_active_remote_plan(case: "Case") -> bool:
    return bool(case.current_plans(PlanKind.REMOTE))


@_condition("pupil_heard", _("Record how the pupil was heard on the remote education plan, or why not."))
def pupil_heard_on_remote_plan(case: "Case") -> bool:
    return case.is_heard_on(PlanKind.REMOTE)


@_condition(
    "has_return_plan", _("There is no return plan yet with a receiving school and at least one step.")
)
def has_return_plan(case: "Case") -> bool:
    return bool(case.current_plans(PlanKind.RETURN))


@_condition("pupil_heard", _("Record how the pupil was heard on the return plan, or why not."))
def pupil_heard_on_return_plan(case: "Case") -> bool:
    return case.is_heard_on(PlanKind.RETURN)


@_condition("has_destination", _("Choose where the pupil goes."))
def has_destination(case: "Case") -> bool:
    return case.given.destination in set(Destination.values) - {Destination.MISTAKEN}


@_condition(
    "return_is_sustained",
    _("Say since when the pupil meets the timetable of the return, or give the reason to close now."),
)
def return_is_sustained(case: "Case") -> bool:
    if case.state != State.RETURN or case.given.destination not in BACK_AT_SCHOOL:
        return True
    if case.given.reason.strip():
        return True
    return case.given.met_since is not None and case.given.met_since <= case.day


@_condition("has_reason", _("Give the reason."))
def has_reason(case: "Case") -> bool:
    return bool(case.given.reason.strip())


#: Conditions that the closing form itself answers: they never hold back the button to that form.
ANSWERED_BY_FORM = frozenset({"has_destination", "return_is_sustained", "has_reason"})
