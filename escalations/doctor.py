"""Whether cases are judged: what `manage.py doctor` tells of it."""

import datetime as dt

from django.db.models import Sum

from common.doctor import Finding, Level
from escalations.models import SweepState
from escalations.queries.operations import late_sweeps


def sweeps(*, at: dt.datetime) -> list[Finding]:
    """Are all partnerships swept, without failing, and can somebody get each reminder?"""
    found = []
    if failing := SweepState.objects.filter(failures__gt=0).count():
        says = f"the last sweep of {failing} partnerships failed"
        found.append(Finding(Level.ERROR, "reminders", says, "See why on /beheer/werking/ and in the log."))
    if late := late_sweeps(at=at).count():
        says = f"{late} partnerships were not swept within the hour"
        found.append(Finding(Level.ERROR, "reminders", says, "Is the worker at work?"))
    if untold := SweepState.objects.aggregate(untold=Sum("untold"))["untold"]:
        says = f"{untold} reminders can reach nobody"
        found.append(Finding(Level.WARNING, "reminders", says, "A role is missing: see /beheer/werking/."))
    return found or [Finding(Level.WELL, "reminders", "every partnership is swept")]
