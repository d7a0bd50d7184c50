"""Correcting and changing the facts of a case, and its exemptions."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from cases.forms.facts import ExemptionForm, FactsForm
from cases.forms.sharing import ConfirmForm
from cases.models import Case
from cases.permissions import MANAGE
from cases.queries.casefile import exemption_of
from cases.services import correction
from cases.views.opening import Request, back_to, case_url, done, form_page, of_case, once, picked, sent
from common import dates


@of_case(right=MANAGE, is_open=True)
def correct(request: Request, case: Case) -> HttpResponse:
    form = FactsForm(sent(request), case=case, on=dates.today(), by=request.user)

    def work() -> None:
        given = {"case": case, "changes": form.changes, "at": dates.now(), "on": dates.today()}
        fields = picked(form, "holds_from", "seen")
        once(request, form, case_url(case, "facts"), correction.correct, **given, **fields)

    if done(form, work):
        messages.success(request, _("The facts were recorded."))
        return back_to(case, "facts")
    return form_page(request, "cases/case/facts_form.html", case, form, _("Change the facts"))


@of_case(right=MANAGE, is_open=True)
def add_exemption(request: Request, case: Case) -> HttpResponse:
    form = ExemptionForm(sent(request), case=case, on=dates.today())

    def work() -> None:
        given = {"case": case, "given": form.given, "at": dates.now()}
        once(request, form, case_url(case, "facts"), correction.add_exemption, **given)

    if done(form, work):
        messages.success(request, _("The exemption was recorded."))
        return back_to(case, "facts")
    return form_page(request, "cases/case/form.html", case, form, _("Record an exemption"))


@of_case(right=MANAGE, is_open=True)
def change_exemption(request: Request, case: Case, pk: int) -> HttpResponse:
    """To correct it, or to give it its last day."""
    exemption = exemption_of(case, pk)
    form = ExemptionForm(sent(request), case=case, on=dates.today(), exemption=exemption)

    def work() -> None:
        given = {"exemption": exemption, "case": case, "given": form.given, "at": dates.now()}
        once(request, form, case_url(case, "facts"), correction.change_exemption, **given)

    if done(form, work):
        messages.success(request, _("The exemption was changed."))
        return back_to(case, "facts")
    return form_page(request, "cases/case/form.html", case, form, _("Change or end the exemption"))


@of_case(right=MANAGE, is_open=True)
def remove_exemption(request: Request, case: Case, pk: int) -> HttpResponse:
    """It was recorded by mistake."""
    exemption = exemption_of(case, pk)
    form = ConfirmForm(sent(request), case=case, on=dates.today())

    def work() -> None:
        given = {"exemption": exemption, "case": case, "given": None, "at": dates.now()}
        once(request, form, case_url(case, "facts"), correction.change_exemption, **given)

    if done(form, work):
        messages.success(request, _("The exemption was removed."))
        return back_to(case, "facts")
    context = {"intro": exemption.get_article_display(), "danger": True}
    return form_page(
        request, "cases/case/form.html", case, form, _("Remove the exemption: recorded by mistake"), **context
    )
