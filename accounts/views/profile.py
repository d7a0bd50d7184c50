"""What people see and change about themselves at /profiel/."""

from itertools import chain

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from accounts import queries
from accounts.forms import LanguageForm, NotificationAddressForm, ProfileForm
from accounts.services import profile as services
from accounts.services import sessions
from accounts.views import UserRequest, posted
from common import dates
from common.registry import collect
from common.render import render_page
from notifications.queries import stopped_address_of

require_form = require_http_methods(["GET", "HEAD", "POST"])


@require_form
def profile(request: UserRequest) -> HttpResponse:
    form = ProfileForm(posted(request), instance=request.user)
    if form.is_valid():
        services.change_profile(by=request.user, **form.cleaned_data)
        with override(request.user.language):
            messages.success(request, _("Your profile was saved."))
        return redirect("profile")
    context = {
        "form": form,
        "memberships": queries.active_memberships(request.user),
        "has_second_factor": queries.has_second_factor(request.user),
        "stopped": stopped_address_of(request.user),
        "links": chain.from_iterable(collect("profile_links", request.user)),
    }
    return render_page(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@require_form
@reauthentication_required
def notification_address(request: UserRequest) -> HttpResponse:
    form = NotificationAddressForm(posted(request), initial={"email": request.user.notification_email})
    if form.is_valid():
        services.ask_notification_address(by=request.user, email=form.cleaned_data["email"])
        if request.user.notification_email_asked:
            messages.info(request, _("Follow the link in the mail that we sent to the new address."))
        else:
            messages.success(request, _("Notifications go to the address you log in with."))
        return redirect("profile")
    status = 422 if form.is_bound else 200
    return render_page(request, "accounts/notification_address.html", {"form": form}, status=status)


@require_form
def confirm_address(request: UserRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        services.confirm_notification_address(by=request.user, token=token, at=dates.now())
        messages.success(request, _("Notifications go to your new address from now on."))
        return redirect("profile")
    context = {
        "heading": _("Use this address for notifications?"),
        "confirm_label": _("Use this address"),
        "back_url": reverse("profile"),
    }
    return render_page(request, "accounts/confirm_address.html", context)


@require_POST
def end_own_session(request: UserRequest, pk: int) -> HttpResponse:
    sessions.end_session(user=request.user, session_id=pk, by=request.user)
    messages.success(request, _("The session has ended."))
    return redirect("usersessions_list")


@login_not_required
@require_POST
def change_language(request: HttpRequest) -> HttpResponseBase:
    """For this browser, and for who is logged in everywhere."""
    form = LanguageForm(request.POST)
    if form.is_valid() and request.user.is_authenticated:
        services.choose_language(by=request.user, language=form.cleaned_data["language"])
    return set_language(request)
