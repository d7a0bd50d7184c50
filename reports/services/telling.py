"""Tells reporters of drafts that wait for them. Where a partnership has none, its case managers are told."""

from django.urls import reverse

from accounts.models import User
from accounts.queries import people_with_role
from accounts.roles import Role
from notifications.kinds import Urgency
from notifications.services import notify
from reports.models import Version
from reports.queries.notices import READY, WAITS, key_of


def keys_of(version_id: int) -> list[str]:
    """The keys of all that is told of a draft."""
    return [key_of(kind, version_id) for kind in (READY, WAITS)]


def tell(version: Version, kind: str) -> None:
    """That a draft was made (READY), or still waits (WAITS)."""
    people, instead = _meant(version)
    notify(
        users=people,
        kind=f"{kind}_instead" if instead else kind,
        key=key_of(kind, version.pk),
        context={
            "partnership": version.partnership.name,
            "first": version.first_day.isoformat(),
            "last": version.last_day.isoformat(),
        },
        link=reverse("report_version", args=[version.pk]),
        urgency=Urgency.TODO,
        asks=True,
    )


def _meant(version: Version) -> tuple[list[User], bool]:
    """Who is told, and whether that is instead of reporters."""
    organisation = version.partnership.organisation
    if reporters := list(people_with_role(Role.REPORTER, organisation)):
        return reporters, False
    return list(people_with_role(Role.CASE_MANAGER, organisation)), True
