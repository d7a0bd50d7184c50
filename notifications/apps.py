from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.registry import register_nav


class NotificationsConfig(AppConfig):
    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import registry
        from notifications import doctor
        from notifications.kinds import register

        registry.register("doctor", doctor.mail)
        register_nav(_("Messages"), "inbox", 70, badge=unread_badge)
        register(
            "address_stopped",
            _("Mail to %(name)s does not arrive"),
            _("No reminders are mailed there until the address is changed or tried again. Tell the person."),
        )


def unread_badge(user: Any) -> str:
    """How many messages are unread, in the main menu; nothing where there are none."""
    from notifications.queries import MOST_COUNTED, unread_count

    count = unread_count(user)
    if not count:
        return ""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
