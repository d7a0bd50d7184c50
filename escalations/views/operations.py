"""The operations page: is everybody reminded, and if not, why."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.queries import is_operator
from common import dates
from common.errors import NotAllowed
from common.render import render_page
from escalations.queries.operations import may_see_works, works_of
from escalations.views.reminders import Request
from notifications.services import retry


@require_safe
def operations(request: Request) -> HttpResponse:
    if not may_see_works(request.user):
        raise NotAllowed(_("Only administrators and platform operators see this."))
    context = {
        "works": works_of(request.user, at=dates.now()),
        "may_retry": is_operator(request.user),
        "on": dates.today(),
    }
    return render_page(request, "escalations/operations.html", context)


@require_POST
def retry_mail(request: Request, pk: int) -> HttpResponse:
    retry(mail_id=pk, by=request.user, at=dates.now())
    messages.success(request, _("The mail is in the queue again."))
    return redirect("operations")
