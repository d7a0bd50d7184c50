"""The quarterly attestation: schools confirm their list, case managers see who did."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from cases.queries.places import partnerships_led_by
from cases.views.opening import FORM, Request, once
from common import dates
from common.errors import DomainError, NotAllowed
from common.render import render_page
from escalations import access
from escalations.forms.attestations import AttestForm, RoundForm
from escalations.queries.attestations import not_asking
from escalations.queries.questions import Question, checklist_of, question_for, questions_of
from escalations.queries.round_table import first_round_of, lines_of, round_asked, schools_in, tally_of
from escalations.services.attestations import attest

PER_PAGE, MOST_SCHOOLS = 25, 100


@require_safe
def attestations(request: Request) -> HttpResponse:
    """For coordinators the schools that they answer for, for case managers those of the partnership."""
    _refuse_outsiders(request)
    questions = questions_of(request.user, on=dates.today())
    context: dict[str, Any] = {
        "coordinates": access.is_coordinator(request.user),
        "questions": questions[:MOST_SCHOOLS],
        "more_schools": len(questions) > MOST_SCHOOLS,
    }
    if len(questions) == 1:
        context |= _to_answer(request, questions[0], None)
    if access.managed_by(request.user):
        context |= _round(request)
    return render_page(request, "escalations/attestations.html", context)


@require_http_methods(FORM)
def attestation(request: Request, partnership: int, school: int) -> HttpResponse:
    """One school: what it answered, or the list to check and the form."""
    _refuse_outsiders(request)
    user, on = request.user, dates.today()
    asked: dict[str, Any] = {"school_id": school, "partnership_id": partnership, "on": on}
    question, form = question_for(user, **asked), AttestForm(_sent(request))
    status, refused = (422 if form.is_bound else 200), ""
    if form.is_bound and form.is_valid():
        try:
            _answer(request, question, form)
            return redirect("attestations")
        except NotAllowed:
            raise
        except DomainError as error:
            status, refused = error.status, str(error)
            question = question_for(user, **asked)
    context = _to_answer(request, question, form if form.is_bound and not refused else None)
    return render_page(
        request, "escalations/attestation.html", {**context, "refused": refused}, status=status
    )


def _refuse_outsiders(request: Request) -> None:
    if not access.takes_part(request.user):
        raise NotAllowed(
            _("School coordinators confirm the list of their school; case managers see who did.")
        )


def _sent(request: Request) -> dict[str, Any] | None:
    """What was sent by the form, also where that is nothing; None where the page is only opened."""
    return request.POST.dict() if request.method == "POST" else None


def _answer(request: Request, question: Question, form: AttestForm) -> None:
    """Records the answer; the page that follows shows it."""
    given = {"school": question.school, "partnership": question.partnership}
    given |= {"round": form.cleaned_data["round"], "counted": form.cleaned_data["counted"]}
    once(request, form, reverse("attestations"), attest, at=dates.now(), on=dates.today(), **given)
    number = form.cleaned_data["counted"]
    sentence = ngettext(
        "%(school)s has confirmed its list: %(number)s open case, none missing.",
        "%(school)s has confirmed its list: %(number)s open cases, none missing.",
        number,
    )
    messages.success(request, sentence % {"school": question.school.name, "number": number})


def _to_answer(request: Request, question: Question, form: AttestForm | None) -> dict[str, Any]:
    """A question with what there is to check and the form, for who may answer."""
    if not question.may_answer:
        return {"question": question}
    checklist = checklist_of(request.user, question)
    seen = {"round": question.round, "counted": checklist.count}
    if form is None:
        form = AttestForm(initial=seen)
    else:  # the list on the page is that of now: the next sending is about this one
        form.data = {**form.data, **seen}
    return {"question": question, "checklist": checklist, "form": form}


def _round(request: Request) -> dict[str, Any]:
    """The table of the schools of a partnership in a round."""
    on, user = dates.today(), request.user
    led = list(partnerships_led_by(user))
    filters = RoundForm(request.GET, partnerships=led)
    asked = filters.cleaned_data if filters.is_valid() else {}
    partnership = next((it for it in led if str(it.pk) == asked.get("swv")), led[0])
    first = first_round_of(partnership)
    it = round_asked(first, asked.get("round", ""), on=on)
    context = {"partnership": partnership, "filters": filters, "on": on, "round": it, "first_round": first}
    context["is_off"] = bool(not_asking([partnership.pk]))
    if it is None:
        return context
    schools = schools_in(partnership.pk, it.day, asked.get("show", ""))
    page = Paginator(schools, PER_PAGE).get_page(request.GET.get("page"))
    context["lines"] = lines_of(user, partnership.pk, it, page.object_list, on=on)
    return context | {"page": page, "tally": tally_of(partnership.pk, it.day), "narrows": asked.get("show")}
