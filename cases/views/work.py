"""Actions, notes and contact moments, and who leads the case."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _

from cases.enums import ActionState
from cases.forms.work import ActionForm, EndActionForm, LeadForm
from cases.models import Case
from cases.permissions import CONTRIBUTE, MANAGE
from cases.queries import casefile
from cases.services import lifecycle, work
from cases.views.case import note_form, notes_and_timeline, reader
from cases.views.opening import PAGE, Request, back_to, case_url, done, form_page, of_case, once, picked, sent
from common import dates
from common.errors import AlreadyDone, DomainError, NotAllowed
from common.render import render_page, wants_partial

PER_PAGE = 25


@of_case(methods=PAGE)
def notes(request: Request, case: Case) -> HttpResponse:
    shown = reader(request, case)
    page = Paginator(casefile.notes_for(shown), PER_PAGE).get_page(request.GET.get("page"))
    return render_page(request, "cases/case/notes.html", {"case": case, "reader": shown, "page": page})


@of_case(right=CONTRIBUTE, is_open=True)
def add_note(request: Request, case: Case) -> HttpResponse:
    """From the form beside the file (htmx then refreshes notes and timeline), or from a page of its own."""
    shown = reader(request, case)
    form = note_form(shown, sent(request))

    def add() -> None:
        fields = picked(form, "kind", "noted_on", "text", "with_whom", "how", "is_progress", "shared")
        given = {"case": case, "at": dates.now(), "on": shown.on, **fields}
        once(request, form, case_url(case, "notes"), work.add_note, **given)

    try:
        if not done(form, add):
            context = {"case": case, "form": form, "reader": shown, "back_url": case_url(case)}
            status = 422 if form.is_bound else 200
            return render_page(request, "cases/case/note_form.html", context, status=status, partial="fields")
    except AlreadyDone:
        if not wants_partial(request):
            raise
    if not wants_partial(request):
        messages.success(request, _("The note was recorded."))
        return back_to(case, "notes")
    context = {"case": case, "reader": shown, "form": note_form(shown), "saved": True}
    context |= notes_and_timeline(shown)
    return render_page(request, "cases/case/page.html", context, partial="note_saved")


@of_case(methods=PAGE)
def actions(request: Request, case: Case) -> HttpResponse:
    shown = reader(request, case)
    found = casefile.actions_for(shown).order_by("-created_at", "-id")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"case": case, "reader": shown, "on": shown.on, "page": page}
    return render_page(request, "cases/case/actions.html", context)


@of_case(right=CONTRIBUTE, is_open=True)
def add_action(request: Request, case: Case) -> HttpResponse:
    shown = reader(request, case)
    form = ActionForm(sent(request), reader=shown)

    def add() -> None:
        fields = picked(form, "what", "owner", "deadline")
        given = {"case": case, "at": dates.now(), "on": shown.on, **fields}
        once(request, form, case_url(case, "actions"), work.add_action, **given)

    if done(form, add):
        messages.success(request, _("The action was recorded."))
        return back_to(case, "actions")
    return form_page(request, "cases/case/form.html", case, form, _("New action"))


@of_case(right=CONTRIBUTE, is_open=True)
def end_action(request: Request, case: Case, pk: int) -> HttpResponse:
    shown = reader(request, case)
    action = casefile.action_of(shown, pk)
    if action.owner_id != request.user.pk and not shown.may_manage:
        raise NotAllowed(_("Only who does it, or who manages the case, can end this action."))
    if action.state != ActionState.OPEN and request.method != "POST":
        raise DomainError(_("This action was ended already."))
    form = EndActionForm(sent(request), case=case, on=shown.on)

    def end() -> None:
        given = {"action": action, "case": case, "at": dates.now(), **picked(form, "state", "result")}
        once(request, form, case_url(case, "actions"), work.finish_action, **given)

    if done(form, end):
        messages.success(request, _("The action was ended."))
        return back_to(case, "actions")
    return form_page(request, "cases/case/form.html", case, form, _("End the action"), intro=action.what)


@of_case(right=MANAGE, is_open=True)
def lead(request: Request, case: Case) -> HttpResponse:
    form = LeadForm(sent(request), case=case, on=dates.today())

    def assign() -> None:
        given = {"case": case, "at": dates.now(), "on": dates.today(), **picked(form, "lead")}
        once(request, form, case_url(case), lifecycle.assign_lead, **given)

    if done(form, assign):
        messages.success(request, _("The case lead was recorded."))
        return back_to(case)
    return form_page(request, "cases/case/form.html", case, form, _("Case lead"))
