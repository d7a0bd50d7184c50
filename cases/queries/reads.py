"""Who opened a case, for who may read that without the file (contracts/rights.md)."""

import re

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from audit.models import Event
from audit.queries import events_about
from cases.models import Case

#: What the log of reads of a case is about.
READS = frozenset({"case.read", "access.refused"})
PAGE = 50
#: Digits that fit the keys of every database.
LONGEST_MARK = 19
NUMBER = re.compile(r"TZ-\d{4}-\d{5,15}")


def watches_over_reads(user: User) -> bool:
    """Whether somebody is privacy officer of a partnership."""
    return bool(_watched(user))


def is_watched(user: User, number: str) -> bool:
    """Whether this is a case of a partnership of which somebody is privacy officer. Unknown is the same as of
    others."""
    return (
        bool(NUMBER.fullmatch(number))
        and Case.objects.filter(number=number, partnership__in=_watched(user)).exists()
    )


def reads_of(number: str, *, before: str = "") -> tuple[list[Event], str]:
    """A page of who opened a case, newest first, and the mark of the page with earlier ones (empty: there is
    none).

    `before` is such a mark, from an address; what is none is left out. Holds nothing of the case itself.
    """
    mark = int(before) if before.isascii() and before.isdecimal() and len(before) < LONGEST_MARK else None
    events = events_about(f"case {number}", READS, limit=PAGE + 1, before=mark)
    return events[:PAGE], str(events[PAGE - 1].pk) if len(events) > PAGE else ""


def _watched(user: User) -> list[int]:
    return [
        membership.organisation_id
        for membership in active_memberships(user)
        if membership.role == Role.PRIVACY_OFFICER and membership.organisation_id is not None
    ]
