from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register_nav

        register_nav(_("Reports"), "report", 45, visible=_reads_figures)


def _reads_figures(user: Any) -> bool:
    """By the memberships that the request has at hand: asked on every page."""
    from accounts.queries import active_memberships
    from reports.access import READS

    return any(membership.role in READS for membership in active_memberships(user))
