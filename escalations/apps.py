from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class EscalationsConfig(AppConfig):
    name = "escalations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register, register_nav
        from escalations.queries.worklist import attestations

        register("worklist", attestations, order=10)
        register_nav(_("Attestations"), "attestations", 35, visible=_attests, badge=_unanswered)


def _attests(user: "User") -> bool:
    from escalations.access import takes_part

    return user.is_authenticated and takes_part(user)


def _unanswered(user: "User") -> int:
    from common.dates import today
    from escalations.queries.worklist import unanswered_of

    return len(unanswered_of(user, on=today()))
