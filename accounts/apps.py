from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.urls import reverse

        from accounts.queries import active_memberships, administrators_of, is_manager, manages
        from common.registry import register, register_nav

        def organisation_names(user: Any) -> list[str]:
            """Each once, in the order of their names."""
            return list(
                dict.fromkeys(str(m.organisation) for m in active_memberships(user) if m.organisation)
            )

        def audit_target(match: Any) -> str:
            if match.url_name in {"person", "end_person_sessions", "reset_factor", "try_person_address"}:
                return f"user {match.kwargs['pk']}"
            if match.url_name == "end_role":
                return f"membership {match.kwargs['pk']}"
            if match.url_name in {"resend_invitation", "withdraw_invitation"}:
                return f"invitation {match.kwargs['pk']}"
            return ""

        def roles_in_organisations(user: Any) -> list[tuple[int | None, str]]:
            return [(m.organisation_id, m.role) for m in active_memberships(user)]

        def administrators_and_page(user: Any) -> list[tuple[Any, str]]:
            """With the page where each sees this person; an operator may have none."""
            page = reverse("person", args=[user.pk])
            return [(it, page if manages(it, user) else "") for it in administrators_of(user)]

        register("administrators_of", administrators_and_page)
        register("header_organisations", organisation_names)
        register("roles_in_organisations", roles_in_organisations)
        register("audit_target", audit_target)
        register_nav(_("People"), "people", 80, visible=is_manager)
