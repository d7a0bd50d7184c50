"""The people of a partnership: what its administrator does at /beheer/."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries
from accounts.forms import FindForm, InviteForm
from accounts.services import memberships, profile, second_factor, sessions
from accounts.views import UserRequest, posted
from common import dates
from common.errors import Invalid, NotAllowed
from common.render import render_page
from notifications.queries import stopped_address_of

PER_PAGE = 25
MOST_FOUND = 100

View = Callable[..., HttpResponse]
require_form = require_http_methods(["GET", "HEAD", "POST"])


def managers_only(view: View) -> View:
    @wraps(view)
    def guarded(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not queries.is_manager(request.user):
            raise NotAllowed(_("Only an administrator manages people."))
        return view(request, *args, **kwargs)

    return guarded


@require_form
@managers_only
def people(request: UserRequest) -> HttpResponse:
    """All people by page, or (by POST, so that no name gets into an address) those that were looked for."""
    context: dict[str, Any] = {"form": FindForm(posted(request))}
    if context["form"].is_valid():
        found = queries.find_people(request.user, **context["form"].cleaned_data)
        context |= {"found": found[:MOST_FOUND], "more": len(found) > MOST_FOUND}
        context |= {"searched": True, "clear_url": reverse("people")}
    else:
        paginator = Paginator(queries.memberships_managed_by(request.user), PER_PAGE)
        page = paginator.get_page(request.GET.get("page"))
        context |= {"found": page.object_list, "page": page}
    return render_page(request, "accounts/people.html", context)


@require_safe
@managers_only
def person(request: UserRequest, pk: int) -> HttpResponse:
    roles = queries.managed_roles_of(request.user, pk)
    somebody = roles[0].user
    context = {
        "person": somebody,
        "roles": roles,
        "stopped": stopped_address_of(somebody),
        "sessions": len(sessions.sessions_of(somebody)),
        "has_second_factor": queries.has_second_factor(somebody),
        "may_reset": somebody != request.user and queries.manages_all_of(request.user, somebody),
    }
    return render_page(request, "accounts/person.html", context)


@require_form
@managers_only
def end_role(request: UserRequest, pk: int) -> HttpResponse:
    membership = queries.managed_membership(request.user, pk)
    if request.method == "POST":
        memberships.end_role(membership=membership, by=request.user, at=dates.now())
        messages.success(request, _("The role has ended."))
        return redirect("people")
    context = {
        "membership": membership,
        "heading": _("End this role?"),
        "confirm_label": _("End the role"),
        "back_url": reverse("person", args=[membership.user_id]),
        "danger": True,
    }
    return render_page(request, "accounts/end_role.html", context)


@require_POST
@managers_only
def end_person_sessions(request: UserRequest, pk: int) -> HttpResponse:
    somebody = queries.managed_roles_of(request.user, pk)[0].user
    keep = request.session.session_key if somebody == request.user else None
    sessions.end_sessions(user=somebody, by=request.user, keep=keep)
    messages.success(request, _("This person is logged out everywhere."))
    return redirect("person", pk=pk)


@require_POST
@managers_only
def try_person_address(request: UserRequest, pk: int) -> HttpResponse:
    somebody = queries.managed_roles_of(request.user, pk)[0].user
    profile.try_address_again(user=somebody, by=request.user)
    messages.success(request, _("We try this address again."))
    return redirect("person", pk=pk)


@require_form
@managers_only
def reset_factor(request: UserRequest, pk: int) -> HttpResponse:
    somebody = queries.managed_roles_of(request.user, pk)[0].user
    if request.method == "POST":
        second_factor.reset_second_factor(user=somebody, by=request.user, at=dates.now())
        messages.success(request, _("The second factor was removed."))
        return redirect("person", pk=pk)
    context = {
        "person": somebody,
        "heading": _("Remove the second factor?"),
        "confirm_label": _("Remove the second factor"),
        "back_url": reverse("person", args=[pk]),
        "danger": True,
    }
    return render_page(request, "accounts/reset_factor.html", context)


@require_form
@managers_only
def invite(request: UserRequest) -> HttpResponse:
    form = InviteForm(posted(request), by=request.user)
    if form.is_valid():
        try:
            memberships.invite(**form.cleaned_data, by=request.user, at=dates.now())
        except Invalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("invitations")
    status = 422 if form.is_bound else 200
    return render_page(request, "accounts/invite.html", {"form": form}, status=status)


@require_safe
@managers_only
def invitations(request: UserRequest) -> HttpResponse:
    page = Paginator(queries.invitations_managed_by(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render_page(request, "accounts/invitations.html", {"page": page, "now": dates.now()})


@require_POST
@managers_only
def resend_invitation(request: UserRequest, pk: int) -> HttpResponse:
    old = queries.managed_invitation(request.user, pk)
    memberships.invite(
        email=old.email, name=old.name, role=old.role, organisation=old.organisation,
        by=request.user, at=dates.now(),
    )  # fmt: skip
    messages.success(request, _("A new invitation is on its way. The link in the old one no longer works."))
    return redirect("invitations")


@require_POST
@managers_only
def withdraw_invitation(request: UserRequest, pk: int) -> HttpResponse:
    invitation = queries.managed_invitation(request.user, pk)
    memberships.withdraw_invitation(invitation=invitation, by=request.user, at=dates.now())
    messages.success(request, _("The invitation was withdrawn."))
    return redirect("invitations")
