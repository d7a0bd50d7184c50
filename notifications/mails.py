"""A row of the outbox as a mail: templates/notifications/email/<kind>.txt, whose first line is the subject,
and <kind>.html where there is one."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.translation import override

from notifications.kinds import text_of
from notifications.models import OutboxMail

FOLDER = "notifications/email"


def message_of(mail: OutboxMail) -> EmailMultiAlternatives:
    """In the language of who gets it. Templates see the context and `url`, its `link` after our address."""
    with override(mail.language):
        values = dict(mail.context)
        if link := values.get("link"):
            values["url"] = settings.BASE_URL.rstrip("/") + link
        if notice := values.get("notice"):
            values["notice"] = text_of(notice, values)
        subject, _, text = _render(f"{mail.kind}.txt", values, escape=False).lstrip().partition("\n")
        message = EmailMultiAlternatives(
            subject.strip(),
            text.strip() + "\n",
            to=[mail.to],
            headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        )
        try:
            html = _render(f"{mail.kind}.html", values | {"subject": subject.strip()}, escape=True)
        except TemplateDoesNotExist:
            return message
        message.attach_alternative(html, "text/html")
        return message


def _render(name: str, values: dict[str, object], *, escape: bool) -> str:
    template = get_template(f"{FOLDER}/{name}")
    context = Context(values, autoescape=escape)
    return template.template.render(context)  # type: ignore[attr-defined]  # plain text: without escaping
