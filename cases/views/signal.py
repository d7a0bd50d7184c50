"""Signal a pupil: the first thing that anybody does with a case."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.forms.signal import SignalForm
from cases.models import Case
from cases.queries.places import may_signal
from cases.services import lifecycle
from cases.services.submission import was_sent
from cases.views.opening import Request, case_url
from common.dates import now, today
from common.errors import DomainError, Invalid, NotAllowed
from common.render import render_page


@require_http_methods(["GET", "HEAD", "POST"])
def signal(request: Request) -> HttpResponse:
    """The form; with what is odd on top of it once it was sent."""
    if not may_signal(request.user):
        raise NotAllowed(_("Pupils are signalled by school coordinators and by case managers."))
    if request.method != "POST":
        form = SignalForm(user=request.user, on=today())
        return render_page(request, "cases/signal.html", {"form": form})
    form = SignalForm(request.POST, user=request.user, on=today())
    if form.is_valid() and _is_meant(request, form) and (case := _signal(request, form)):
        messages.success(request, _next_step(case))
        return redirect(case_url(case))
    return render_page(request, "cases/signal.html", {"form": form}, status=422)


def _is_meant(request: Request, form: SignalForm) -> bool:
    """Nothing odd is left to ask. A second click is asked nothing: the first made a pupil just like it."""
    return was_sent(form.cleaned_data["token"], by=request.user) or form.is_meant()


def _signal(request: Request, form: SignalForm) -> Case | None:
    """The new case, or what stood in its way in the form, so that nothing of it is lost."""
    try:
        return lifecycle.signal(
            intake=form.intake, by=request.user, at=now(), token=form.cleaned_data["token"]
        )
    except NotAllowed:
        raise
    except DomainError as error:
        field = error.field if isinstance(error, Invalid) and error.field in form.fields else None
        form.add_error(field, str(error))
        return None


def _next_step(case: Case) -> str:
    return _(
        "The pupil was signalled as %(number)s. Next: choose who leads the case, and agree on an arrangement "
        "with pupil, parents and school."
    ) % {"number": case.number}
