"""Refusals: what cannot be done, with a sentence that is fit for the user.

Services raise them, doors (views, commands, tasks) show them. `status` is the answer of a web page.
"""

from typing import Any


class DomainError(Exception):
    """Impossible now (409). `message` is a sentence in the user's language (lazy gettext is fine)."""

    status = 409

    def __init__(self, message: Any, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """Visible, but not for this user to do (403)."""

    status = 403


class NotFound(DomainError):
    """Unknown or invisible: the two are never told apart (404)."""

    status = 404


class Invalid(DomainError):
    """The input cannot be right (422); `field` names the field of the form where the sentence belongs."""

    status = 422


class AlreadyDone(Exception):
    """The same form was sent twice; `url` shows what the first sending did."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url
