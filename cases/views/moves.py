"""The changes of state: the form or confirmation of a transition, and the transition."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moves import CloseForm, MoveForm, ReopenForm, WithdrawForm
from cases.forms.sending import CaseForm
from cases.models import Case
from cases.queries.casefile import next_steps, plans_of
from cases.services import lifecycle
from cases.services.lifecycle import Closing
from cases.views.opening import Request, back_to, done, form_page, of_case, sent
from common import dates
from common.errors import DomainError, NotAllowed, NotFound


def _plainly(service: Callable[..., Case]) -> Callable[..., Case]:
    return lambda filled, **pressed: service(on=dates.today(), **pressed)


def _close(filled: dict[str, Any], **pressed: Any) -> Case:
    closing = Closing(
        destination=filled["destination"],
        reason=filled["reason"],
        met_since=filled.get("met_since"),
        back_on=filled["back_on"],
    )
    return lifecycle.close(closing=closing, on=filled["on"], **pressed)


def _withdraw(filled: dict[str, Any], **pressed: Any) -> Case:
    return lifecycle.withdraw(reason=filled["reason"], on=dates.today(), **pressed)


def _reopen(filled: dict[str, Any], **pressed: Any) -> Case:
    return lifecycle.reopen(
        reason=filled["reason"], first_day_absent=filled["first_day_absent"], on=dates.today(), **pressed
    )


@dataclass(frozen=True)
class Move:
    """What a transition asks, and the service that does it."""

    form: type[CaseForm]
    work: Callable[..., Case]
    done: Any
    danger: bool = False


MOVES = {
    "agree_arrangement": Move(
        MoveForm, _plainly(lifecycle.agree_arrangement), gettext_lazy("The arrangement has started.")
    ),
    "start_remote_education": Move(
        MoveForm, _plainly(lifecycle.start_remote_education), gettext_lazy("Remote education has started.")
    ),
    "start_return": Move(MoveForm, _plainly(lifecycle.start_return), gettext_lazy("The return has started.")),
    "close": Move(CloseForm, _close, gettext_lazy("The case is closed."), danger=True),
    "withdraw": Move(WithdrawForm, _withdraw, gettext_lazy("The signal was withdrawn."), danger=True),
    "reopen": Move(ReopenForm, _reopen, gettext_lazy("The case is open again.")),
}


@of_case()
def move(request: Request, case: Case, transition: str) -> HttpResponse:
    """One page for each transition; what the machine refuses is refused here in the same words."""
    asked = MOVES.get(transition)
    if asked is None:
        raise NotFound("")
    form = asked.form(sent(request), case=case, on=dates.today())
    if done(form, lambda: _press(request, case, asked, form)):
        messages.success(request, asked.done)
        return back_to(case)
    label = _refuse(request, case, transition)
    context = {"transition": transition, "plans": case.spell_plans, "danger": asked.danger}
    return form_page(request, "cases/case/move.html", case, form, label, **context)


def _press(request: Request, case: Case, asked: Move, form: CaseForm) -> Case:
    filled = form.cleaned_data
    return asked.work(
        filled,
        case=case,
        by=request.user,
        at=dates.now(),
        seen_state=filled["seen_state"],
        token=filled["token"],
    )


def _refuse(request: Request, case: Case, transition: str) -> str:
    """The name of the step, where it can be taken; why not, where it cannot."""
    plans_of(case)
    step = next(
        (it for it in next_steps(case, request.user, on=dates.today()) if it.name == transition), None
    )
    if step is None:
        state = {"state": case.get_state_display()}
        raise DomainError(_("This is not possible in the state “%(state)s”.") % state)
    if any(not refusal.condition for refusal in step.refusals):
        raise NotAllowed(step.refusals[0].sentence)
    if step.refusals:
        raise DomainError(" ".join(str(refusal.sentence) for refusal in step.refusals))
    return str(step.label)
