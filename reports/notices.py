"""What the notices of reports say in the inbox and by mail."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from notifications.kinds import Frequency, register, register_topic
from reports.queries.notices import READY, WAITS, may_get

STANDS_IN = _("You get this because nobody is reporter of your partnership. Only a reporter can issue it.")


def register_all() -> None:
    """Called once, in `ReportsConfig.ready`."""
    register_topic(
        "reports",
        _("Reports to issue"),
        _("The draft of a month or quarter is ready, or still waits."),
        default=Frequency.AT_ONCE,
    )
    kinds = {
        READY: (
            _("The report of %(partnership)s is ready to check"),
            _("It is about %(first)s to %(last)s. Check what stands out, comment and issue it."),
        ),
        WAITS: (
            _("The report of %(partnership)s still waits"),
            _("The draft about %(first)s to %(last)s was not issued yet."),
        ),
    }
    for kind, (title, body) in kinds.items():
        register(kind, title, body, topic="reports", may_get=may_get)
        instead = format_lazy("{body} {why}", body=body, why=STANDS_IN)
        register(f"{kind}_instead", title, instead, topic="reports", may_get=may_get)
