"""How a view of a case begins: with the case that this user sees, what he may do, and a line in the log."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit.services import record
from cases import access, permissions
from cases.models import Case
from cases.queries.visibility import visible_case
from cases.services import submission
from common import dates
from common.errors import DomainError, Invalid, NotAllowed
from common.render import render_page


class Request(HttpRequest):
    """A request of somebody who is logged in (the middleware sees to that)."""

    user: User


CaseView = Callable[..., HttpResponse]

PAGE = ("GET", "HEAD")
FORM = ("GET", "HEAD", "POST")


def of_case(
    *, right: str = permissions.VIEW, methods: tuple[str, ...] = FORM, is_open: bool = False
) -> Callable[[CaseView], CaseView]:
    """The view gets the case instead of its number.

    Unknown and invisible are the same 404, without the right 403; what is impossible now is told on a page
    that leads back to the case. Every opening is recorded.
    """

    def decorate(view: CaseView) -> CaseView:
        @require_http_methods(methods)
        @wraps(view)
        def opened(request: Request, number: str, **kwargs: Any) -> HttpResponse:
            case = visible_case(request.user, number, on=dates.today())
            try:
                _refuse(case, request.user, right=right, is_open=is_open)
                response = view(request, case, **kwargs)
            except DomainError as error:
                if error.status not in {409, 422}:
                    raise
                context = {"sentence": error.message, "case": case, "back_url": case_url(case)}
                return render_page(request, "cases/case/conflict.html", context, status=409)
            if request.method != "POST" and response.status_code == 200:
                page = request.resolver_match.url_name if request.resolver_match else ""
                record("case.read", by=request.user, target=f"case {case.number}", details={"page": page})
            return response

        return opened

    return decorate


def _refuse(case: Case, user: User, *, right: str, is_open: bool) -> None:
    if right not in access.rights_on(user, case):
        raise NotAllowed(_("You may not do this with this case."))
    if is_open and not case.is_open:
        raise DomainError(_("The case is closed. Reopen it first."))


def sent(request: HttpRequest) -> Any:
    """What was sent by a form, also where that is nothing; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def case_url(case: Case, part: str = "") -> str:
    """The page of a case, at one of its parts."""
    address = reverse("case", args=[case.number])
    return f"{address}#{part}" if part else address


def back_to(case: Case, part: str = "") -> HttpResponse:
    return redirect(case_url(case, part))


def done(form: forms.Form | forms.ModelForm, work: Callable[[], object], *others: Any) -> bool:
    """Does the work of a form that was sent and is right, together with the other forms on its page.

    What the service finds wrong stands beside its field, in whichever of the forms that is.
    """
    all_forms = (form, *others)
    if not form.is_bound or [it for it in all_forms if not it.is_valid()]:
        return False
    try:
        work()
    except Invalid as error:
        owner = next((it for it in all_forms if error.field in getattr(it, "fields", ())), form)
        owner.add_error(error.field if error.field in owner.fields else None, str(error.message))
        return False
    return True


def once(request: Request, form: Any, url: str, service: Callable[..., object], **given: Any) -> None:
    """Calls the service of a form, at most once for its token; a second sending leads to `url`."""
    token, by = form.cleaned_data.get("token"), request.user
    submission.do_once(lambda: service(by=by, **given), token=token, url=url, by=by, at=dates.now())


def picked(form: Any, *names: str) -> dict[str, Any]:
    """These fields of a form that is right."""
    return {name: form.cleaned_data[name] for name in names}


def form_page(
    request: HttpRequest, template: str, case: Case, form: Any, heading: str, **context: Any
) -> HttpResponse:
    """The page of a form of a case; with status 422 where something in it is wrong."""
    status = 422 if form.is_bound else 200
    given = {"case": case, "form": form, "heading": heading, "back_url": case_url(case), **context}
    return render_page(request, template, given, status=status)
