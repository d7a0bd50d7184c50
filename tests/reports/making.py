"""Histories written down in a line: a pupil of twelve at home without leave, but for what is asked for."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from cases.rules import Threshold
from reports.rules.history import Attendance, Dates, Exempt, History, Particulars, Spell

FIRST = dt.date(2026, 1, 5)


def day(text: str) -> dt.date:
    """ "03-14" is in 2026."""
    return dt.date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def attendance(since: dt.date = FIRST, **facts: Any) -> Attendance:
    usual: dict[str, Any] = {
        "enrolled": True,
        "extent": "volledig",
        "authorised": "nee",
        "ill": None,
        "can_attend_partly": None,
    }
    return Attendance(since, **{**usual, **facts})


def particulars(since: dt.date = FIRST, **facts: Any) -> Particulars:
    usual: dict[str, Any] = {
        "birth_date": dt.date(2013, 6, 15),
        "municipality_id": 1,
        "year_group": 8,
        "school_id": 2,
        "site_id": 3,
        "sector": "bo",
    }
    return Particulars(since, **{**usual, **facts})


def spell(
    first: dt.date = FIRST,
    *,
    key: int = 1,
    signalled: dt.date | None = None,
    back: dt.date | None = None,
    closed: dt.date | None = None,
    destination: str = "",
    attendances: Sequence[Attendance] = (),
    who: Sequence[Particulars] = (),
    **facts: Any,
) -> Spell:
    """`facts` are of the attendance from the first day on."""
    born = {"birth_date": facts.pop("born")} if "born" in facts else {}
    return Spell(
        key,
        Dates(first, signalled or first, back, closed, destination),
        attendances or [attendance(first, **facts)],
        who or [particulars(first, **born)],
    )


def history(
    *spells: Spell, exemptions: Sequence[Exempt] = (), threshold: Threshold | None = None, **facts: Any
) -> History:
    """`facts` are those of the one spell where none is given."""
    return History(1, threshold or Threshold(), spells or [spell(**facts)], exemptions)
