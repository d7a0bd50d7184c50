"""Which schools have to confirm their list, and which did."""

import datetime as dt

from escalations.models import Attestation
from escalations.rules.rounds import latest_round
from schools.models import School


def schools_asked(partnership_id: int, *, on: dt.date) -> tuple[dt.date, list[int]]:
    """The latest quarterly date, and the schools with a site in the partnership that were there before it."""
    day = latest_round(on)
    schools = School.objects.filter(
        sites__partnerships=partnership_id, organisation__added_on__lt=day
    ).distinct()
    return day, list(schools.order_by("pk").values_list("pk", flat=True))


def schools_unanswered(partnership_id: int, *, on: dt.date) -> tuple[dt.date, list[int]]:
    """Of these the ones that have not answered yet."""
    day, asked = schools_asked(partnership_id, on=on)
    answered = Attestation.objects.filter(partnership=partnership_id, round=day)
    done = set(answered.values_list("school_id", flat=True))
    return day, [school for school in asked if school not in done]
