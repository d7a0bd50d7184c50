"""What somebody sees who follows the link of an invitation."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries
from accounts.forms import AcceptForm
from accounts.models import Invitation, User
from accounts.services.memberships import accept_invitation, hash_token
from accounts.views import posted
from common import dates
from common.errors import Invalid
from common.render import render_page

SESSION_KEY = "invitation"


@never_cache
@login_not_required
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Takes the secret out of the address bar; the session remembers which invitation it was."""
    request.session[SESSION_KEY] = hash_token(token)
    return redirect("invitation")


@never_cache
@login_not_required
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Who invites for what, and how to accept: logged in, by logging in first, or by making an account."""
    found = queries.open_invitation(request.session.get(SESSION_KEY, ""), dates.now())
    if found is None:
        return render_page(request, "accounts/invitation_gone.html", status=404)
    account = queries.invited_account(found)
    if request.user.is_authenticated and request.user != account:
        return render_page(request, "accounts/invitation_other_user.html", {"invitation": found})
    if account is None:
        return _make_account(request, found)
    if not request.user.is_authenticated:
        return render_page(request, "accounts/invitation_log_in.html", {"invitation": found})
    return _take_role(request, found, account)


def _take_role(request: HttpRequest, found: Invitation, account: User) -> HttpResponse:
    if request.method == "POST":
        accept_invitation(invitation=found, by=account, at=dates.now())
        del request.session[SESSION_KEY]
        messages.success(request, _("You have accepted the invitation."))
        return redirect("/")
    return render_page(request, "accounts/invitation.html", {"invitation": found})


def _make_account(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = AcceptForm(posted(request), initial={"name": found.name})
    if form.is_valid():
        try:
            user = accept_invitation(
                invitation=found,
                by=None,
                at=dates.now(),
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
            )
        except Invalid as error:
            form.add_error(error.field, str(error))
        else:
            del request.session[SESSION_KEY]
            return perform_login(request, user)
    status = 422 if form.is_bound else 200
    return render_page(
        request, "accounts/invitation.html", {"invitation": found, "form": form}, status=status
    )
