"""Who has access to a case, and letting care partners in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases.forms.sharing import ConfirmForm, InviteForm
from cases.models import Case
from cases.permissions import SHARE
from cases.queries import casefile
from cases.services import participation
from cases.views.case import reader
from cases.views.opening import Request, case_url, done, form_page, of_case, once, picked, sent
from common import dates
from common.errors import DomainError, NotAllowed

MOST = 100


@of_case()
def sharing(request: Request, case: Case) -> HttpResponse:
    """Who sees the case and through which organisation; below that the form to invite, for who may."""
    shown = reader(request, case)
    if not shown.reads_access or (request.method == "POST" and SHARE not in shown.rights):
        raise NotAllowed(_("You may not see or change who has access to this case."))
    form = InviteForm(sent(request), case=case, on=shown.on) if shown.may_share else None
    if form is None and request.method == "POST":
        raise DomainError(_("The case is closed. Reopen it first."))

    def invite() -> None:
        given = {"case": case, "at": dates.now(), "on": shown.on}
        fields = picked(form, "partner", "purpose", "ends_on")
        once(request, form, request.path, participation.invite, **given, **fields)

    if form is not None and done(form, invite):
        messages.success(request, _("The invitation is on its way."))
        return redirect("case_access", number=case.number)
    context = {
        "reader": shown,
        "on": shown.on,
        "doors": casefile.doors(case, on=shown.on),
        "participations": list(casefile.participations_of(case)[:MOST]),
    }
    return form_page(request, "cases/case/access.html", case, form, _("Who has access"), **context)


@of_case(right=SHARE, is_open=True)
def revoke(request: Request, case: Case, pk: int) -> HttpResponse:
    taking_part = casefile.participation_of(case, pk)
    if taking_part.state not in participation.RUNNING and request.method != "POST":
        raise DomainError(_("This participation is over already."))
    form = ConfirmForm(sent(request), case=case, on=dates.today())

    def work() -> None:
        given = {"participation": taking_part, "case": case, "at": dates.now()}
        once(request, form, case_url(case), participation.revoke, **given)

    if done(form, work):
        messages.success(request, _("Access was revoked."))
        return redirect("case_access", number=case.number)
    context = {"intro": taking_part.partner.name, "danger": True}
    return form_page(request, "cases/case/form.html", case, form, _("Revoke access"), **context)
