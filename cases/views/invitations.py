"""The invitations to take part in a case, for care partners. They show nothing of the pupil."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.forms.sharing import DeclineForm
from cases.models import Participation
from cases.queries.partners import invitation_for, invitations_for
from cases.services import participation
from cases.views.opening import Request, sent
from common import dates
from common.render import render_page

MOST = 100


@require_safe
def invitations(request: Request) -> HttpResponse:
    found = invitations_for(request.user, on=dates.today())[:MOST]
    return render_page(request, "cases/case/invitations.html", {"invitations": list(found)})


@require_POST
def accept(request: Request, pk: int) -> HttpResponse:
    """From now on the people of the partner see the case."""
    invitation: Participation = invitation_for(request.user, pk)
    participation.accept(participation=invitation, by=request.user, at=dates.now(), on=dates.today())
    messages.success(request, _("Your organisation takes part. Here is the case."))
    return redirect("case", number=invitation.case.number)


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: Request, pk: int) -> HttpResponse:
    invitation: Participation = invitation_for(request.user, pk)
    form = DeclineForm(sent(request))
    if form.is_bound and form.is_valid():
        note, at, on = form.cleaned_data["note"], dates.now(), dates.today()
        participation.decline(participation=invitation, note=note, by=request.user, at=at, on=on)
        messages.success(request, _("The invitation was declined."))
        return redirect("case_invitations")
    status = 422 if form.is_bound else 200
    context = {"invitation": invitation, "form": form}
    return render_page(request, "cases/case/decline.html", context, status=status)
