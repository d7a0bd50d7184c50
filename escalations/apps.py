from typing import Any

from django.apps import AppConfig
from django.urls import ResolverMatch
from django.utils.translation import gettext_lazy as _


class EscalationsConfig(AppConfig):
    name = "escalations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register, register_nav
        from escalations import doctor, notices
        from escalations.access import sees_rules
        from escalations.queries.operations import metrics
        from escalations.queries.worklist import attestations, reminders
        from escalations.services.sweeps import case_touched

        notices.register_all()
        register("case_touched", case_touched)
        register("case_panels", _reminders_of_case)
        register("worklist", reminders, order=10)
        register("worklist", attestations, order=10)
        register("audit_target", _reminder_of_address)
        register("audit_target", _rules_of_address)
        register("metrics", metrics)
        register("doctor", doctor.sweeps)
        register_nav(_("Reminder rules"), "rules", 75, visible=sees_rules)
        register_nav(_("Operations"), "operations", 85, visible=_keeps_it_running)
        register_nav(_("Attestations"), "attestations", 37, visible=_attests, badge=_unanswered)
        register_nav(_("Escalations"), "escalations", 35, visible=_manages_cases)


def _reminders_of_case(reader: Any) -> dict[str, Any]:
    """A panel on the page of a case: its template and what it shows."""
    from escalations.queries.reminders import reminders_of_case

    found = reminders_of_case(reader.user, reader.case, on=reader.on)
    return {"template": "escalations/case_panel.html", "context": {"reminders": found}}


def _reminder_of_address(match: Any) -> str:
    return f"reminder {match.kwargs['pk']}" if (match.url_name or "").startswith("reminder") else ""


def _keeps_it_running(user: Any) -> bool:
    from escalations.queries.operations import may_see_works

    return user.is_authenticated and may_see_works(user)


def _manages_cases(user: Any) -> bool:
    from cases.queries.worklist import manages_cases

    return user.is_authenticated and manages_cases(user)


def _rules_of_address(match: ResolverMatch) -> str:
    """Whose rules a refused page was about, for the log."""
    names = {"rules_of", "rule", "rule_preview", "rule_reset", "escalation_contact"}
    return f"organisation {match.kwargs['pk']}" if match.url_name in names else ""


def _attests(user: Any) -> bool:
    from escalations.access import takes_part

    return user.is_authenticated and takes_part(user)


def _unanswered(user: Any) -> int:
    from common.dates import today
    from escalations.queries.worklist import unanswered_of

    return len(unanswered_of(user, on=today()))
