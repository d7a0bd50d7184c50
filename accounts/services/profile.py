"""What people change about themselves."""

import datetime as dt

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import manages
from accounts.services.notices import notify_of_change
from audit.services import record
from common.errors import DomainError, NotAllowed
from notifications.services import addresses, queue_mail

ADDRESS_SALT = "accounts.notification-address"
ADDRESS_VALID = dt.timedelta(days=1)


@transaction.atomic
def change_profile(*, by: User, name: str, language: str) -> None:
    by.name, by.language = name.strip(), language
    by.save(update_fields=["name", "language"])
    record("profile.changed", by=by, target=f"user {by.pk}")


@transaction.atomic
def choose_language(*, by: User, language: str) -> None:
    """Of the screen and of the mail."""
    by.language = language
    by.save(update_fields=["language"])


@transaction.atomic
def ask_notification_address(*, by: User, email: str) -> None:
    """Mails a link to the new address, which is used once the link is followed.

    An empty address, or that of the login, means the address of the login, at once.
    """
    email = email.strip().lower()
    if email == by.email:
        email = ""
    by.notification_email_asked = email
    if not email:
        by.notification_email = ""
    by.save(update_fields=["notification_email", "notification_email_asked"])
    record("profile.address_asked", by=by, target=f"user {by.pk}")
    if not email:
        addresses.resume(user=by, by=by)
    else:
        token = signing.dumps([by.pk, _fingerprint(by)], salt=ADDRESS_SALT)
        queue_mail(
            to=email,
            kind="notification_address",
            key=f"notification-address-{by.pk}-{token[-12:]}",
            context={"name": by.name, "link": reverse("confirm_address", args=[token])},
            language=by.language,
        )


@transaction.atomic
def confirm_notification_address(*, by: User, token: str, at: dt.datetime) -> None:
    """The link was followed by who asked for it; a later request makes it void."""
    try:
        user_id, fingerprint = signing.loads(token, salt=ADDRESS_SALT, max_age=ADDRESS_VALID)
    except (signing.BadSignature, ValueError) as error:
        raise _address_refused() from error
    by = User.objects.select_for_update().get(pk=by.pk)
    if user_id != by.pk or not by.notification_email_asked or fingerprint != _fingerprint(by):
        raise _address_refused()
    by.notification_email, by.notification_email_asked = by.notification_email_asked, ""
    by.save(update_fields=["notification_email", "notification_email_asked"])
    record("profile.address_confirmed", by=by, target=f"user {by.pk}")
    addresses.resume(user=by, by=by)
    notify_of_change(user=by, change="notification_address", at=at)


@transaction.atomic
def try_address_again(*, user: User, by: User) -> None:
    """An address that took no mail gets it again, until it is refused once more."""
    if by != user and not manages(by, user):
        raise NotAllowed(_("You do not manage this person."))
    addresses.resume(user=user, by=by)


def _fingerprint(user: User) -> str:
    """Stands for the address in the link: an address in a link ends up in logs."""
    return salted_hmac(ADDRESS_SALT, user.notification_email_asked).hexdigest()[:24]


def _address_refused() -> DomainError:
    return DomainError(_("This link is no longer valid. Ask for a new one on your profile page."))
