from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register_nav
        from reports.exports import lists, report_file
        from reports.models import ReportFile
        from reports.services import files

        files.register(ReportFile.Kind.REPORT, report_file.MAKER)
        lists.register_makers()
        register_nav(_("Figures"), "lists", 46, visible=_has_own_figures)
        register_nav(_("Quarterly list"), "list_templates", 80, visible=_administers)


def _has_own_figures(user: Any) -> bool:
    from reports.access import has_own_figures

    return user.is_authenticated and has_own_figures(user)


def _administers(user: Any) -> bool:
    from accounts.queries import active_memberships
    from accounts.roles import Role

    return any(membership.role == Role.ADMINISTRATOR for membership in active_memberships(user))
