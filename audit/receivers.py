"""Logins in the log: the one use of signals, for Django sends them from every door that one can log in by."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from audit.hashing import address_code
from audit.services import record


def connect() -> None:
    user_logged_in.connect(login_ok, dispatch_uid="audit.login_ok")
    user_logged_out.connect(logout, dispatch_uid="audit.logout")
    user_login_failed.connect(login_failed, dispatch_uid="audit.login_failed")


def login_ok(sender: Any, user: Any, **kwargs: Any) -> None:
    record("login.ok", by=user, target=f"user {user.pk}")


def logout(sender: Any, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record("logout", by=user, target=f"user {user.pk}")


def login_failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The address is written as a code, known or not: people type their password in the wrong field."""
    typed = credentials.get(get_user_model().USERNAME_FIELD) or credentials.get("username") or ""
    record("login.failed", by=None, target=f"address {address_code(str(typed))}", result="failed")
