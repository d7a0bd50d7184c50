"""Whether mail gets out: what `manage.py doctor` tells of it."""

import datetime as dt

from django.core.mail import get_connection

from common.doctor import Finding, Level
from notifications.models import StoppedAddress
from notifications.queries import mail_backlog

#: Mail that waits longer than this waits for something.
LONG = dt.timedelta(hours=1)


def mail(*, at: dt.datetime) -> list[Finding]:
    """Does the server take mail, does any wait for long, was any given up."""
    return [*_server(), *_backlog(at)]


def _server() -> list[Finding]:
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:  # of the socket, of TLS, of the server: all mean that nothing gets out
        says = f"the mail server does not let us in: {type(error).__name__}"
        return [Finding(Level.ERROR, "mail", says, "Check EMAIL_URL and the server. Mail waits meanwhile.")]
    connection.close()
    return [Finding(Level.WELL, "mail", "the mail server lets us in")]


def _backlog(at: dt.datetime) -> list[Finding]:
    backlog, found = mail_backlog(at), []
    if backlog.oldest and at - backlog.oldest > LONG:
        hours = (at - backlog.oldest).total_seconds() / 3600
        says = f"the oldest mail waits for {hours:.0f} hours"
        found.append(Finding(Level.ERROR, "mail", says, "Is the worker at work, and the mail server up?"))
    if backlog.failed:
        says = f"{backlog.failed} mails were given up"
        found.append(Finding(Level.WARNING, "mail", says, "See why on /beheer/werking/, and try them again."))
    if stopped := StoppedAddress.objects.count():
        says = f"{stopped} addresses refuse mail: their owners get no reminders by mail"
        found.append(Finding(Level.WARNING, "mail", says, "Administrators were told; see /beheer/werking/."))
    return found
