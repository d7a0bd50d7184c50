"""How allauth behaves here: nobody signs up, who has no role stays out, mail goes through the outbox."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import is_invited, is_last_factor, may_enter, user_with_address
from accounts.services import second_factor
from accounts.services.notices import notify_of_change
from common import dates
from notifications.services import queue_mail

# allauth's mails with a link, and the name of that link in its context.
LINKS = {
    "account/email/password_reset_key": ("password_reset", "password_reset_url"),
    "account/email/email_confirmation": ("email_confirmation", "activate_url"),
    "account/email/unknown_account": ("unknown_account", ""),
}
# allauth's notices of a change to the account.
CHANGES = {
    "account/email/password_changed": "password",
    "account/email/password_reset": "password",
    "account/email/password_set": "password",
    "account/email/email_changed": "email",
    "account/email/email_confirm": "email",
    "account/email/email_deleted": "email",
    "mfa/email/recovery_codes_generated": "recovery_codes",
    "mfa/email/totp_activated": "app_added",
    "mfa/email/totp_deactivated": "app_removed",
    "mfa/email/webauthn_added": "key_added",
    "mfa/email/webauthn_removed": "key_removed",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right."),
        "duplicate_email": _("You use this e-mail address already."),
        "cannot_remove_primary_email": _("You cannot remove the address with which you log in."),
        "unverified_primary_email": _("Confirm the address first, with the link in the mail to it."),
        "invalid_password_reset": _("This link is no longer valid."),
        "rate_limited": _("You are going too fast. Wait a minute and try again."),
        "too_many_login_attempts": _("Too many failed attempts. Try again in five minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many wrong passwords is a page with status 429, not one more error in the form."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(respond_429(request)) from error

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Without a role there is nothing to log in to, except to accept an invitation just opened."""
        invited = is_invited(user, request.session.get("invitation"), dates.now())
        if not may_enter(user) and not (user.is_active and invited):
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        names = {
            "reauthenticate": _("With your password"),
            "mfa_reauthenticate": _("With a code of your app or a recovery code"),
            "mfa_reauthenticate:webauthn": _("With a security key"),
        }
        return [
            {**method, "description": names[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox: no waiting for the mail server, and as long for an unknown address."""
        kind, link = LINKS[template_prefix]
        user = context.get("user") or user_with_address(email)
        queue_mail(
            to=email,
            kind=kind,
            key=f"{kind}-{uuid.uuid4()}",
            context={"name": user.name if user else "", "url": context[link] if link else ""},
            language=user.language if user else get_language() or settings.LANGUAGE_CODE,
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        notify_of_change(
            user=user,
            change=CHANGES[template_prefix],
            at=dates.now(),
            to=email or user.email,
            ip=self.get_client_ip(self.request),
        )


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "This is your last second factor, and this installation asks for one. Add another one first."
        ),
        "cannot_generate_recovery_codes": _(
            "Recovery codes come with an authenticator app or a security key."
        ),
        "incorrect_code": _("This code is not right."),
    }

    def encrypt(self, text: str) -> str:
        return second_factor.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (settings.MFA_REQUIRED and is_last_factor(authenticator))
