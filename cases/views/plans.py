"""Arrangement, remote education plan and return plan: recorded, agreed, heard, evaluated, ended."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from cases.forms.plans import (
    AgreeForm,
    ArrangementForm,
    EndPlanForm,
    EvaluationForm,
    HearingFields,
    HearingForm,
    RemotePlanForm,
    ReturnPlanForm,
    StepFormSet,
)
from cases.models import Case
from cases.permissions import MANAGE
from cases.queries.casefile import plan_of
from cases.services import planning
from cases.views.opening import Request, back_to, case_url, done, form_page, of_case, once, picked, sent
from common import dates
from common.errors import NotFound


@of_case(right=MANAGE, is_open=True)
def add_arrangement(request: Request, case: Case) -> HttpResponse:
    form = ArrangementForm(sent(request), case=case, on=dates.today())
    return _add(request, case, form, planning.add_arrangement, _("Record an arrangement"))


@of_case(right=MANAGE, is_open=True)
def add_remote_plan(request: Request, case: Case) -> HttpResponse:
    form = RemotePlanForm(sent(request), case=case, on=dates.today())
    return _add(request, case, form, planning.add_remote_plan, _("Record a remote education plan"))


@of_case(right=MANAGE, is_open=True)
def add_return_plan(request: Request, case: Case) -> HttpResponse:
    form = ReturnPlanForm(sent(request), case=case, on=dates.today())
    steps = StepFormSet(sent(request), prefix="steps")
    return _add(request, case, form, planning.add_return_plan, _("Record a return plan"), steps=steps)


def _add(
    request: Request, case: Case, form: Any, service: Any, heading: str, *, steps: Any = None
) -> HttpResponse:
    """A plan with the pupil's voice on the same page."""
    hearing = HearingFields(sent(request), case=case, on=dates.today(), prefix="heard")

    def work() -> None:
        given = {"case": case, "at": dates.now(), "on": dates.today(), "heard": hearing.heard}
        more = {"steps": steps.steps} if steps is not None else {}
        once(request, form, case_url(case, "plans"), service, fields=form.plan_fields, **given, **more)

    if done(form, work, hearing, *([steps] if steps is not None else [])):
        messages.success(request, _("The plan was recorded."))
        return back_to(case, "plans")
    context = {"hearing": hearing, "steps": steps}
    return form_page(request, "cases/case/plan_form.html", case, form, heading, **context)


@of_case(right=MANAGE, is_open=True)
def agree(request: Request, case: Case, pk: int) -> HttpResponse:
    plan = plan_of(case, pk)
    if plan.kind != "arrangement":
        raise NotFound("")
    form = AgreeForm(sent(request), case=case, on=dates.today())
    return _about(request, case, plan, form, planning.agree, _("Record the agreement"), ("agreed_on",))


@of_case(right=MANAGE, is_open=True)
def hear(request: Request, case: Case, pk: int) -> HttpResponse:
    plan = plan_of(case, pk)
    form = HearingForm(sent(request), case=case, on=dates.today())

    def work() -> None:
        given = {"plan": plan, "case": case, "at": dates.now(), "on": dates.today(), "heard": form.heard}
        once(request, form, case_url(case, "plans"), planning.hear, **given)

    if done(form, work):
        messages.success(request, _("The pupil's voice was recorded."))
        return back_to(case, "plans")
    return form_page(request, "cases/case/form.html", case, form, _("Record the pupil's voice"), plan=plan)


@of_case(right=MANAGE, is_open=True)
def evaluate(request: Request, case: Case, pk: int) -> HttpResponse:
    plan = plan_of(case, pk)
    form = EvaluationForm(sent(request), case=case, on=dates.today())
    names = ("evaluated_on", "result", "note", "next_on")
    return _about(request, case, plan, form, planning.evaluate, _("Evaluate the plan"), names, at=dates.now())


@of_case(right=MANAGE, is_open=True)
def end(request: Request, case: Case, pk: int) -> HttpResponse:
    plan = plan_of(case, pk)
    form = EndPlanForm(sent(request), case=case, on=dates.today())
    return _about(request, case, plan, form, planning.end_plan, _("End the plan"), ("ended_on", "reason"))


def _about(
    request: Request, case: Case, plan: Any, form: Any, service: Any, heading: str, names: tuple[str, ...],
    **given: Any,
) -> HttpResponse:  # fmt: skip
    """A form about one plan, whose fields are what the service takes."""

    def work() -> None:
        fields = picked(form, *names)
        about = {"plan": plan, "case": case, "on": dates.today()}
        once(request, form, case_url(case, "plans"), service, **about, **given, **fields)

    if done(form, work):
        messages.success(request, _("This was recorded."))
        return back_to(case, "plans")
    return form_page(request, "cases/case/form.html", case, form, heading, plan=plan)
