"""Cases that may be of the same pupil: spelling variants, accents, swapped day and month."""

import datetime as dt
from collections.abc import Iterable

from rapidfuzz import fuzz

from accounts.models import User
from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.queries.visibility import cases_visible_to
from common.names import fold

#: How alike two names must be (0-100) at the same date of birth, and at one that differs by a typing error.
ALIKE, VERY_ALIKE = 80, 92
#: How many are looked at, and how many are shown.
LOOKED_AT, SHOWN = 200, 5


def like(cases: CaseQuerySet, *, first_name: str, last_name: str, birth_date: dt.date) -> list[Case]:
    """The cases among these whose pupil looks like this one, most alike first; a bounded number."""
    near = (
        cases.filter(pupil__birth_date__in=[birth_date, *mistyped(birth_date)])
        .select_related("pupil", "site__organisation")
        .order_by("-entered_at")[:LOOKED_AT]
    )
    scored = [(_alike(case, first_name, last_name, birth_date), case) for case in near]
    return [case for score, case in sorted(scored, key=lambda pair: -pair[0]) if score > 0][:SHOWN]


def like_for(user: User, *, first_name: str, last_name: str, birth_date: dt.date) -> list[Case]:
    """What a user may be warned of before saving: among the cases that he sees, and no others."""
    return like(cases_visible_to(user), first_name=first_name, last_name=last_name, birth_date=birth_date)


def others_like(case: Case) -> list[Case]:
    """Other open cases of the same partnership whose pupil looks like this one, for its case managers."""
    others: CaseQuerySet = Case.objects.open().filter(partnership=case.partnership).exclude(pk=case.pk)
    pupil = case.pupil
    return like(others, first_name=pupil.first_name, last_name=pupil.last_name, birth_date=pupil.birth_date)


def mistyped(day: dt.date) -> Iterable[dt.date]:
    """The same date with day and month swapped, and a year, month or day off by one."""
    found = set()
    for year, month, number in (
        (day.year, day.day, day.month),
        (day.year - 1, day.month, day.day),
        (day.year + 1, day.month, day.day),
        (day.year, day.month - 1, day.day),
        (day.year, day.month + 1, day.day),
        (day.year, day.month, day.day - 1),
        (day.year, day.month, day.day + 1),
    ):
        try:
            found.add(dt.date(year, month, number))
        except ValueError:
            continue
    return found - {day}


def _alike(case: Case, first_name: str, last_name: str, birth_date: dt.date) -> float:
    """How alike (0-100), or 0 where it is not enough for this date of birth."""
    pupil = case.pupil
    here, there = fold(f"{first_name} {last_name}"), fold(f"{pupil.first_name} {pupil.last_name}")
    score = max(
        fuzz.ratio(here, there), fuzz.token_sort_ratio(here, there), fuzz.token_set_ratio(here, there) - 5
    )
    return score if score >= (ALIKE if pupil.birth_date == birth_date else VERY_ALIKE) else 0
