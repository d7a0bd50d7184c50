"""A row of the outbox as a mail: templates/notifications/email/<kind>.txt, whose first line is the subject,
and <kind>.html where there is one."""

import re
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.enums import Urgency
from notifications.kinds import Text, allowed, topic_of
from notifications.links import unsubscribe_path
from notifications.models import Notice, OutboxMail
from notifications.queries import grouped_by_urgency, notices_in, topics_turned_off_by

FOLDER = "notifications/email"
MOST_LINES = 50


class Message(EmailMultiAlternatives):
    """`notices`: the keys of those that a bundle tells of."""

    notices: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Line:
    """One notice in a bundle."""

    notice: Notice
    text: Text

    @property
    def about(self) -> str:
        """Unless the title says it already."""
        return "" if self.notice.about in self.text.title else self.notice.about

    @property
    def url(self) -> str:
        return _absolute(self.notice.link or reverse("inbox"))


def message_of(mail: OutboxMail) -> Message | None:
    """In the language of who gets it, at his address of this moment; None where nothing is left to tell."""
    language = mail.user.language if mail.user else mail.language
    with override(language):
        if mail.user is None:
            values = dict(mail.context)
            if link := values.get("link"):
                values["url"] = _absolute(link)
            return _message(mail, mail.kind, values, to=mail.to)
        notices = _left_to_tell(mail)
        if not notices:
            return None
        values, headers = _bundle(mail.user, notices)
        kind = "notice" if len(notices) == 1 else "digest"
        message = _message(mail, kind, values, to=mail.user.address, headers=headers)
        message.notices = frozenset(notice.pk for notice in notices)
        return message


def _left_to_tell(mail: OutboxMail) -> list[Notice]:
    """What was not handled since, may be told to this person now, and is still wanted by mail."""
    turned_off = topics_turned_off_by(mail.user)
    wanted = [notice for notice in notices_in(mail) if topic_of(notice.kind).name not in turned_off]
    return allowed(mail.user, wanted)


def _bundle(user: Any, notices: list[Notice]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the templates need, and the headers with which a mail program turns off what it may."""
    shown = notices[:MOST_LINES]
    topics = list(dict.fromkeys(topic_of(notice.kind) for notice in notices))
    optional = [topic.name for topic in topics if not topic.required]
    values: dict[str, Any] = {
        "groups": [
            (Urgency(urgency).label, [Line(notice, notice.text) for notice in some])
            for urgency, some in grouped_by_urgency(shown)
        ],
        "count": len(notices),
        "urgent": sum(notice.urgency == Urgency.NOW for notice in notices),
        "more": len(notices) - len(shown),
        "topics": [_in_a_sentence(topic.label) for topic in topics],
        "inbox_url": _absolute(reverse("inbox")),
        "preferences_url": _absolute(reverse("notification_preferences")),
    }
    if len(notices) == 1:
        values["line"] = Line(notices[0], notices[0].text)
    if not optional:
        return values, {}
    values["unsubscribe_url"] = _absolute(unsubscribe_path(user, optional))
    headers = {
        "List-Unsubscribe": f"<{values['unsubscribe_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return values, headers


def _message(
    mail: OutboxMail, kind: str, values: dict[str, Any], *, to: str, headers: dict[str, str] | None = None
) -> Message:
    subject, _newline, text = _render(f"{kind}.txt", values, escape=False).lstrip().partition("\n")
    message = Message(
        subject.strip(),
        re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n",
        to=[to],
        reply_to=[_nobody()],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated", **(headers or {})},
    )
    try:
        html = _render(f"{kind}.html", values | {"subject": subject.strip()}, escape=True)
    except TemplateDoesNotExist:
        return message
    message.attach_alternative(html, "text/html")
    return message


def _in_a_sentence(label: object) -> str:
    """A plain str (`join` leaves lazy texts as they are), without a capital."""
    words = str(label)
    return words[:1].lower() + words[1:]


def _nobody() -> str:
    """What a mail program shows to who answers."""
    return formataddr((_("Replies are not read"), parseaddr(settings.NO_REPLY_EMAIL)[1]))


def _absolute(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path


def _render(name: str, values: dict[str, object], *, escape: bool) -> str:
    template = get_template(f"{FOLDER}/{name}")
    context = Context(values, autoescape=escape)
    return template.template.render(context)  # type: ignore[attr-defined]  # plain text: without escaping
