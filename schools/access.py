"""Who sees and changes which organisations. Roles are known higher up, and come through the registry.

Case managers and administrators see their partnership with its sites, schools and care partners; only its
administrators change something.
"""

from typing import Any

from common.registry import collect
from schools.models import School, SchoolSite

ADMINISTRATOR = "administrator"
SEES = frozenset({"case_manager", ADMINISTRATOR})

# Slot: user -> pairs of the id of an organisation and a role that the user has there today.
ROLES = "roles_in_organisations"


def _where(user: Any, roles: frozenset[str]) -> frozenset[int]:
    pairs = [pair for found in collect(ROLES, user) for pair in found]
    return frozenset(organisation for organisation, role in pairs if role in roles)


def partnerships_seen_by(user: Any) -> frozenset[int]:
    """The partnerships whose organisations somebody sees."""
    return _where(user, SEES)


def partnerships_administered_by(user: Any) -> frozenset[int]:
    return _where(user, frozenset({ADMINISTRATOR}))


def sees_organisations(user: Any) -> bool:
    return bool(partnerships_seen_by(user))


def may_change_settings(user: Any, partnership: int) -> bool:
    return partnership in partnerships_administered_by(user)


def may_change_calendar(user: Any, organisation: int) -> bool:
    """Of a site: who administers a partnership of it. Of a school: of all its sites, which it is for."""
    own = partnerships_administered_by(user)
    sites = SchoolSite.objects.filter(partnerships__in=own)
    elsewhere = SchoolSite.objects.exclude(pk__in=sites.values("pk"))
    if sites.filter(pk=organisation).exists():
        return True
    return School.objects.filter(pk=organisation, sites__in=sites).exclude(sites__in=elsewhere).exists()
