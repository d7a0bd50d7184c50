"""Who confirms the list of a school to a partnership, and who reads whether it did.

A school answers to each partnership in which it has a site. Who answers has to see all its cases there: a
coordinator of the school, or somebody who coordinates each of its sites in that partnership (mostly its only
one). A case manager of the partnership answers on behalf of any school, say after a call; so no school is
without somebody who can. Who coordinates one site of several reads whether the school answered; the number
tells of cases that he does not see.
"""

from enum import StrEnum

from django.db.models import Q

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from schools.models import SchoolSite

#: The keys of a school and of a partnership.
Place = tuple[int, int]


class Standing(StrEnum):
    """What somebody is in the attestation of a school."""

    ANSWERS = "answers"
    ON_BEHALF = "on behalf"
    READS = "reads"


def takes_part(user: User) -> bool:
    """Whether somebody has to do with attestations at all."""
    return is_coordinator(user) or bool(managed_by(user))


def is_coordinator(user: User) -> bool:
    return bool(_organisations(user, Role.COORDINATOR))


def managed_by(user: User) -> frozenset[int]:
    """The partnerships of which somebody is case manager."""
    return _organisations(user, Role.CASE_MANAGER)


def places_of(user: User) -> dict[Place, Standing]:
    """The schools for which somebody is coordinator, in each of their partnerships; one query."""
    own = _organisations(user, Role.COORDINATOR)
    if not own:
        return {}
    of_own_sites = SchoolSite.objects.filter(pk__in=own).values("school")
    sites = SchoolSite.objects.filter(
        Q(school__in=own) | Q(school__in=of_own_sites), partnerships__isnull=False
    )
    there: dict[Place, set[int]] = {}
    for site_id, school_id, partnership_id in sites.values_list("pk", "school_id", "partnerships"):
        there.setdefault((school_id, partnership_id), set()).add(site_id)
    return {
        place: Standing.ANSWERS if place[0] in own or site_ids <= own else Standing.READS
        for place, site_ids in there.items()
        if place[0] in own or site_ids & own
    }


def standing_of(user: User, *, school_id: int, partnership_id: int) -> Standing | None:
    """What somebody is in the attestation of a school to a partnership; None: it is not there for him."""
    own = places_of(user).get((school_id, partnership_id))
    if own is Standing.ANSWERS or partnership_id not in managed_by(user):
        return own
    belongs = SchoolSite.objects.filter(school=school_id, partnerships=partnership_id).exists()
    return Standing.ON_BEHALF if belongs else None


def _organisations(user: User, role: Role) -> frozenset[int]:
    held = active_memberships(user)
    return frozenset(m.organisation_id for m in held if m.role == role and m.organisation_id is not None)
