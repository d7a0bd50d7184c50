from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.urls import ResolverMatch
from django.utils.translation import gettext_lazy as _

from common.registry import ProfileLink

if TYPE_CHECKING:
    from accounts.models import User


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cases import checks, notices  # noqa: F401  # checks register themselves
        from cases.queries import worklist
        from cases.services.demo import work_on_cases
        from common.registry import register, register_nav

        notices.register_all()
        worklist.register_sources()
        register("audit_target", _case_of_address)
        register("load_demo", work_on_cases)
        register("profile_links", _calendar_link)
        register_nav(_("Worklist"), "start", 10)
        register_nav(_("Cases"), "case_list", 20, visible=_sees_cases)
        register_nav(_("Signal a pupil"), "signal", 25, visible=_may_signal)
        register_nav(_("Invitations"), "case_invitations", 30, visible=_takes_part, badge=_open_invitations)
        register_nav(_("Access log"), "reads", 50, visible=_watches_over_reads)
        register_nav(_("Import a register"), "register", 40, visible=_leads_a_partnership)


def _case_of_address(match: ResolverMatch) -> str:
    """What a refused page was about, for the log."""
    number = match.kwargs.get("number", "")
    return f"case {str(number).upper()}" if number else ""


def _calendar_link(user: "User") -> list[ProfileLink]:
    """On the profile page, for who has a role that sees cases: others would have an empty calendar."""
    from cases.queries.feed import may_have_entries

    if not may_have_entries(user):
        return []
    return [ProfileLink(_("Calendar"), _("Deadlines in your own calendar"), "calendar_feed")]


def _sees_cases(user: "User") -> bool:
    from cases.queries.listing import has_cases

    return user.is_authenticated and has_cases(user)


def _may_signal(user: "User") -> bool:
    from cases.queries.places import may_signal

    return user.is_authenticated and may_signal(user)


def _takes_part(user: "User") -> bool:
    from cases.queries.partners import answers_for_partners

    return user.is_authenticated and answers_for_partners(user)


def _open_invitations(user: "User") -> int:
    from cases.queries.partners import invitations_for
    from common.dates import today

    return invitations_for(user, on=today())[:100].count()


def _leads_a_partnership(user: "User") -> bool:
    from accounts.queries import active_memberships
    from accounts.roles import Role

    return user.is_authenticated and any(m.role == Role.CASE_MANAGER for m in active_memberships(user))


def _watches_over_reads(user: "User") -> bool:
    from cases.queries.reads import watches_over_reads

    return user.is_authenticated and watches_over_reads(user)
