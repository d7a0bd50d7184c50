"""Which notices somebody may still be told: those about cases that he sees now."""

from collections.abc import Sequence

from accounts.models import User
from cases.queries.partners import invitations_for
from cases.queries.visibility import cases_visible_to
from common.dates import today
from notifications.models import Notice

MOST_NUMBERS = 1000  # in one query


def those_still_seen(user: User, notices: Sequence[Notice]) -> set[int]:
    """The ids of those about a case that the user sees at this moment."""
    numbers = sorted({_number(notice) for notice in notices})
    seen: set[str] = set()
    for start in range(0, len(numbers), MOST_NUMBERS):
        some = cases_visible_to(user).filter(number__in=numbers[start : start + MOST_NUMBERS])
        seen.update(some.values_list("number", flat=True))
    return {notice.pk for notice in notices if _number(notice) in seen}


def those_still_to_answer(user: User, notices: Sequence[Notice]) -> set[int]:
    """The ids of those about an invitation that the user may answer now; he does not see its case yet."""
    open_now = invitations_for(user, on=today())
    keys = {f"participation_invited:{pk}" for pk in open_now.values_list("pk", flat=True)}
    return {notice.pk for notice in notices if notice.key in keys}


def _number(notice: Notice) -> str:
    """Notices of before say it in their words only."""
    return str(notice.about or notice.context.get("number", ""))
