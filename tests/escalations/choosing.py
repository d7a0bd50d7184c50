"""Changing a rule in a test: what it says now, but for what is given."""

import datetime as dt
from typing import Any

from escalations.queries.rulebook import line_of
from escalations.rules.choices import choice_of
from escalations.services.settings import change_rule
from tests.cast import NOW, Cast, fresh


def change(cast: Cast, code: str, *, sector: str = "", by: str = "administrator", **given: Any) -> bool:
    """Somebody of the cast changes a rule of the partnership, having seen how it is."""
    line = line_of(cast.swv.pk, sector, code)
    now = choice_of(line.rule)
    asked: dict[str, Any] = {
        "active": now.active,
        "threshold": now.threshold,
        "repeat": now.repeat,
        "recipients": [str(recipient) for recipient in now.recipients],
        "text": now.text,
        "seen": line.seen,
        "at": NOW,
        "partnership": cast.swv,
        **given,
    }
    return change_rule(sector=sector, rule=code, by=fresh(cast.people[by]), **asked)


def later(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)
