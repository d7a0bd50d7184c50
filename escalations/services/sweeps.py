"""Sweeps of many partnerships: by command all of them, by workers whichever is due."""

import datetime as dt

from escalations.services.sweep import Tally, sweep_partnership
from schools.models import Partnership


def sweep_all(*, on: dt.date, at: dt.datetime, dry_run: bool = False) -> Tally:
    """Every partnership, one after the other."""
    total = Tally()
    for partnership_id in Partnership.objects.order_by("pk").values_list("pk", flat=True):
        total.add(sweep_partnership(partnership_id, on=on, at=at, dry_run=dry_run))
    return total
