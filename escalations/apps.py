from django.apps import AppConfig
from django.urls import ResolverMatch
from django.utils.translation import gettext_lazy as _


class EscalationsConfig(AppConfig):
    name = "escalations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register, register_nav
        from escalations.access import sees_rules

        register("audit_target", _rules_of_address)
        register_nav(_("Reminder rules"), "rules", 75, visible=sees_rules)


def _rules_of_address(match: ResolverMatch) -> str:
    """Whose rules a refused page was about, for the log."""
    names = {"rules_of", "rule", "rule_preview", "rule_reset", "escalation_contact"}
    return f"organisation {match.kwargs['pk']}" if match.url_name in names else ""
