from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "schools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.registry import register, register_nav
        from schools.access import sees_organisations

        def audit_target(match: Any) -> str:
            names = {"organisation", "partnership_settings", "add_free_period", "remove_free_period"}
            return f"organisation {match.kwargs['pk']}" if match.url_name in names else ""

        register("audit_target", audit_target)
        register_nav(_("Organisations"), "organisations", 70, visible=sees_organisations)
