from typing import Any

from django.apps import AppConfig
from django.urls import ResolverMatch
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register, register_nav
        from reports import notices
        from reports.exports import lists, report_file
        from reports.models import ReportFile
        from reports.queries.worklist import drafts
        from reports.services import files
        from reports.services.demo import issue_reports

        notices.register_all()
        files.register(ReportFile.Kind.REPORT, report_file.MAKER)
        lists.register_makers()
        register("worklist", drafts, order=20)
        register("load_demo", issue_reports, order=10)
        register("audit_target", _report_of_address)
        register_nav(_("Reports"), "report", 45, visible=_reads_figures)
        register_nav(_("Figures"), "lists", 46, visible=_has_own_figures)
        register_nav(_("Quarterly list"), "list_templates", 80, visible=_administers)


def _report_of_address(match: ResolverMatch) -> str:
    """Which report a refused page was about, for the log."""
    name = match.url_name or ""
    return f"report {match.kwargs['pk']}" if name.startswith("report_version") and match.kwargs else ""


def _reads_figures(user: Any) -> bool:
    """By the memberships that the request has at hand: asked on every page."""
    from accounts.queries import active_memberships
    from reports.access import READS

    return any(membership.role in READS for membership in active_memberships(user))


def _has_own_figures(user: Any) -> bool:
    from reports.access import has_own_figures

    return user.is_authenticated and has_own_figures(user)


def _administers(user: Any) -> bool:
    from accounts.queries import active_memberships
    from accounts.roles import Role

    return any(membership.role == Role.ADMINISTRATOR for membership in active_memberships(user))
