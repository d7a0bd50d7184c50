"""The link in a mail with which one turns off what it tells of: it asks for no login and names nobody."""

from collections.abc import Iterable
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.errors import NotFound

SALT = "notifications.unsubscribe"


def unsubscribe_path(user: Any, topic_names: Iterable[str]) -> str:
    return reverse("unsubscribe", args=[unsubscribe_token(user, topic_names)])


def unsubscribe_token(user: Any, topic_names: Iterable[str]) -> str:
    return signing.dumps([user.pk, sorted(topic_names)], salt=SALT, compress=True)


def read_token(token: str) -> tuple[int, list[str]]:
    """Whose mail it was and the topics in it. A link works for as long as mails are kept."""
    try:
        user_id, names = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise NotFound(_("This link is not complete. Copy all of it from the mail.")) from error
    return user_id, names
