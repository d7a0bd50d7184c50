"""What a password may be. The rules are in AUTH_PASSWORD_VALIDATORS.

12 to 128 characters, not a common one, not the name or the address; no demands on kinds of characters, no
expiry (SECURITY.md 12; OWASP ASVS 6.2).
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class MaximumLengthValidator:
    """Long enough for any sentence, too short to keep the server busy with hashing."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("This password is too long. It can have %(max)d characters."),
                code="password_too_long",
                params={"max": self.max_length},
            )

    def get_help_text(self) -> str:
        return _("Your password can have up to %(max)d characters.") % {"max": self.max_length}
