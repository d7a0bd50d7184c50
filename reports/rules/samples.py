"""Made-up rows that show what a template makes of the quarterly list, to who may see no cases."""

import datetime as dt

from cases.enums import Category, Destination, Offer, Reason
from reports.enums import Duration
from reports.rules.columns import Numbered
from reports.rules.listed import Listed
from schools.models import Sector


def sample_rows(partnership: str) -> list[Numbered]:
    """A member, one who went back to school, and one who is exempt."""
    member = Listed(
        case_id=0,
        spell=0,
        told_on=dt.date(2026, 12, 31),
        category=Category.LONG.value,
        duration=Duration.MONTHS_3.value,
        sector=Sector.VO.value,
        age=14,
        municipality="0000",
        school="00AA",
        site="00AA01",
        first_day=dt.date(2026, 10, 5),
        entered=dt.date(2026, 11, 3),
        last=dt.date(2026, 11, 3),
        memberships=1,
        days=87,
        reason=Reason.PLACE.value,
        offered=True,
        offer=Offer.BUILD_UP.value,
        offer_since=dt.date(2026, 12, 1),
    )
    returned = Listed(
        case_id=0,
        spell=0,
        told_on=dt.date(2026, 11, 15),
        category=Category.ABSOLUTE.value,
        duration=Duration.MONTHS_6.value,
        sector=Sector.SO.value,
        age=9,
        municipality="0000",
        school="",
        site="",
        first_day=dt.date(2026, 8, 10),
        entered=dt.date(2026, 8, 10),
        last=dt.date(2026, 8, 10),
        memberships=1,
        days=97,
        left=dt.date(2026, 11, 16),
        ending=Destination.SO.value,
        reason=Reason.SYSTEM.value,
    )
    exempt = Listed(
        case_id=0,
        spell=0,
        told_on=dt.date(2026, 12, 31),
        category=Category.EXEMPT_5A.value,
        duration=Duration.LONGER.value,
        sector=Sector.VSO.value,
        age=16,
        municipality="0000",
        school="00AB",
        site="00AB02",
        first_day=dt.date(2025, 9, 1),
        entered=dt.date(2026, 8, 1),
        last=dt.date(2026, 9, 14),
        memberships=2,
        days=486,
    )
    rows = (member, returned, exempt)
    return [Numbered(number, f"VOORBEELD{number}", partnership, row) for number, row in enumerate(rows, 1)]
