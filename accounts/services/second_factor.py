"""The second factor: its secrets are stored encrypted, and an administrator helps who lost it."""

import base64
import datetime as dt
import hashlib

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import has_second_factor, manages_all_of
from accounts.services.notices import notify_of_change
from accounts.services.sessions import end_sessions
from audit.services import record
from common.errors import NotAllowed

# What allauth stores encrypted: of an authenticator app, and of recovery codes.
ENCRYPTED = {"secret", "seed"}


def encrypt(text: str) -> str:
    """Who can read the database alone cannot make codes of an authenticator app."""
    return _box().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    return _box().decrypt(text.encode()).decode()


@transaction.atomic
def rotate_secrets() -> int:
    """After a change of SECRET_KEY: encrypts everything with the new one. Answers how many."""
    box, count = _box(), 0
    for authenticator in Authenticator.objects.select_for_update():
        for name in ENCRYPTED & authenticator.data.keys():
            authenticator.data[name] = box.rotate(authenticator.data[name].encode()).decode()
            authenticator.save(update_fields=["data"])
            count += 1
    return count


@transaction.atomic
def reset_second_factor(*, user: User, by: User, at: dt.datetime) -> None:
    """For who lost their phone or key: takes the factors away and logs them out everywhere.

    Only by who manages every role that the person has; the person is told by mail.
    """
    if user == by or not manages_all_of(by, user):
        raise NotAllowed(_("You do not manage all roles of this person."))
    if not has_second_factor(user):
        return
    Authenticator.objects.filter(user=user).delete()
    record("second_factor.reset", by=by, target=f"user {user.pk}")
    end_sessions(user=user, by=by)
    notify_of_change(user=user, change="second_factor_reset", at=at)


def _box() -> MultiFernet:
    """The first key encrypts; those of before a change of SECRET_KEY still decrypt."""
    return MultiFernet([_key(secret) for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def _key(secret: str) -> Fernet:
    digest = hashlib.sha256(b"accounts.second-factor:" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
