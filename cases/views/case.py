"""The page of a case, and what is read beside it: its whole timeline, a page to print, the log of reads."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.enums import PlanKind, State
from cases.forms.work import NoteForm
from cases.models import Case, Plan
from cases.queries import casefile
from cases.queries.casefile import Reader, Refusal
from cases.queries.reads import reads_of
from cases.queries.timeline import period, reason_labels, timeline
from cases.views.opening import PAGE, Request, of_case
from common import dates
from common.errors import NotAllowed
from common.registry import collect
from common.render import render_page

#: What the page shows at first of that which grows; all of it is on a page of its own, and in print.
SHOWN_NOTES, SHOWN_ENTRIES, SHOWN_ENDED = 5, 10, 5
MOST = 500

#: The form that would put right what a transition lacks.
NEW_PLAN = {
    PlanKind.ARRANGEMENT: ("arrangement_add", gettext_lazy("Record an arrangement")),
    PlanKind.REMOTE: ("remote_plan_add", gettext_lazy("Record a remote education plan")),
    PlanKind.RETURN: ("return_plan_add", gettext_lazy("Record a return plan")),
}
PLAN_FOR = {
    "has_agreed_arrangement": PlanKind.ARRANGEMENT,
    "pupil_heard_on_arrangement": PlanKind.ARRANGEMENT,
    "has_active_remote_plan": PlanKind.REMOTE,
    "pupil_heard_on_remote_plan": PlanKind.REMOTE,
    "has_return_plan": PlanKind.RETURN,
    "pupil_heard_on_return_plan": PlanKind.RETURN,
}


@of_case(methods=PAGE)
def page(request: Request, case: Case) -> HttpResponse:
    return render_page(request, "cases/case/page.html", whole_file(reader(request, case)))


@of_case(methods=PAGE)
def printed(request: Request, case: Case) -> HttpResponse:
    """Everything at once, without forms and buttons."""
    return render_page(request, "cases/case/page.html", whole_file(reader(request, case), whole=True))


@of_case(methods=PAGE)
def history(request: Request, case: Case) -> HttpResponse:
    number = request.GET.get("page", "")
    found = timeline(reader(request, case), page=int(number) if number.isdecimal() else 1)
    return render_page(request, "cases/case/timeline.html", {"case": case, "timeline": found})


@of_case(methods=PAGE)
def log(request: Request, case: Case) -> HttpResponse:
    """Who opened the case: for its lead."""
    if not reader(request, case).reads_log:
        raise NotAllowed(_("Only the case lead reads who opened this case."))
    events, earlier = reads_of(case.number, before=request.GET.get("before", ""))
    context = {"case": case, "events": events, "earlier_url": f"?before={earlier}" if earlier else ""}
    return render_page(request, "cases/case/log.html", context)


def reader(request: Request, case: Case) -> Reader:
    return Reader(user=request.user, case=case, on=dates.today())


def whole_file(reader: Reader, *, whole: bool = False) -> dict[str, Any]:
    """All that the page of a case shows to this reader."""
    case, on = reader.case, reader.on
    plans = casefile.plans_of(case)
    exemptions = casefile.exemptions_of(case) if reader.reads_exemptions else []
    actions = list(casefile.open_actions(reader)[:MOST])
    current = [plan for plan in plans if plan.spell == case.spell]
    return {
        "reader": reader,
        "case": case,
        "on": on,
        "whole": whole,
        "days": case.days_absent(on),
        "steps": stepper(reader),
        "next_steps": next_steps(reader),
        "alerts": alerts(reader, actions, current),
        "reasons": reason_labels(case.reasons) if reader.reads_reasons else [],
        "category": casefile.category_of(case, exemptions, on=on) if reader.reads_exemptions else None,
        "exemptions": [{"it": it, "period": period(it.valid_from, it.valid_to)} for it in exemptions],
        "plans": current,
        "earlier_plans": [plan for plan in plans if plan.spell != case.spell],
        "new_plans": [
            {"url": reverse(name, args=[case.number]), "label": label} for name, label in NEW_PLAN.values()
        ],
        "actions": actions,
        "ended_actions": list(casefile.ended_actions(reader)[: MOST if whole else SHOWN_ENDED]),
        "doors": casefile.doors(case, on=on) if reader.reads_access else [],
        "panels": collect("case_panels", reader),
        **notes_and_timeline(reader, whole=whole),
        **({"note_form": note_form(reader)} if reader.may_contribute and not whole else {}),
    }


def notes_and_timeline(reader: Reader, *, whole: bool = False) -> dict[str, Any]:
    """What a new note changes on the page."""
    most = MOST if whole else SHOWN_NOTES
    notes = list(casefile.notes_for(reader)[: most + 1])
    return {
        "notes": notes[:most],
        "more_notes": len(notes) > most,
        "timeline": timeline(reader, size=MOST if whole else SHOWN_ENTRIES),
    }


def note_form(reader: Reader, data: Any = None) -> NoteForm:
    """The form beside the file. Its fields have a prefix, as other forms may stand on the page."""
    return NoteForm(data, reader=reader, prefix="note")


def stepper(reader: Reader) -> list[dict[str, Any]]:
    """The states with their day in words, for the bar on top."""
    found = casefile.steps(reader.case, casefile.state_changes(reader.case))
    words = {
        "done": gettext_lazy("%(day)s"),
        "current": gettext_lazy("since %(day)s"),
        "todo": gettext_lazy("earlier: %(day)s"),
    }
    return [
        {
            "label": step.label,
            "state": step.state,
            "date": words[step.state] % {"day": date_format(step.day, "j F Y")} if step.day else "",
        }
        for step in found
    ]


def alerts(reader: Reader, actions: Any, plans: list[Plan]) -> list[dict[str, Any]]:
    """What is overdue: actions, and evaluations of plans that still run."""
    if not reader.case.is_open:
        return []
    late = [
        {"what": action.what, "day": action.deadline, "part": "actions"}
        for action in actions
        if action.deadline < reader.on
    ]
    return late + [
        {"what": evaluation_of(plan), "day": plan.evaluate_on, "part": "plans"}
        for plan in plans
        if plan.evaluate_on and plan.evaluate_on < reader.on and not plan.is_over_on(reader.on)
    ]


def evaluation_of(plan: Plan) -> str:
    return _("Evaluation of the plan: %(plan)s") % {"plan": plan.get_kind_display()}


def next_steps(reader: Reader) -> list[dict[str, Any]]:
    """The transitions as the page shows them: with their address, or with what is in the way and would help.

    The first that leads on (closing does not) is the button that stands out.
    """
    case = reader.case
    found = casefile.next_steps(case, reader.user, on=reader.on)
    first = next((step for step in found if step.is_possible and step.target != State.CLOSED), None)
    return [
        {
            "label": step.label,
            "is_possible": step.is_possible,
            "is_first": step is first,
            "url": reverse("case_move", args=[case.number, step.name]),
            "refusals": [{"sentence": it.sentence, **remedy(it, case)} for it in step.refusals],
        }
        for step in found
    ]


def remedy(refusal: Refusal, case: Case) -> dict[str, Any]:
    """The form that would help: for what a plan that there is still lacks, or else to record the plan."""
    kind = PLAN_FOR.get(refusal.condition)
    if kind is None:
        return {}
    if refusal.condition.startswith("pupil_heard"):
        plans, name, label = case.current_plans(kind), "plan_hear", _("Record the pupil's voice")
    else:
        plans, name, label = not_agreed(case, kind), "plan_agree", _("Record the agreement")
    if plans:
        return {"url": reverse(name, args=[case.number, plans[0].pk]), "help": label}
    if refusal.condition.startswith("pupil_heard"):
        return {}  # the plan is missing: its own refusal leads to the form, which asks for the voice too
    new, what = NEW_PLAN[kind]
    return {"url": reverse(new, args=[case.number]), "help": what}


def not_agreed(case: Case, kind: PlanKind) -> list[Plan]:
    """Arrangements of this spell that were recorded, but not agreed yet."""
    if kind != PlanKind.ARRANGEMENT:
        return []
    of_kind = [plan for plan in case.spell_plans if plan.kind == kind and not plan.is_over_on(case.day)]
    return [plan for plan in of_kind if plan.arrangement.agreed_on is None]
