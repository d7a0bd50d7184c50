"""Which schools have to confirm their list, and which did."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from escalations.models import Attestation, RuleSetting
from escalations.rules.rounds import latest_round
from escalations.rules.table import ATTESTATION
from schools.models import School, SchoolSite


def schools_asked(partnership_id: int, *, on: dt.date) -> tuple[dt.date, list[int]]:
    """The latest quarterly date, and the schools with a site in the partnership that were there before it."""
    day = latest_round(on)
    return day, list(asked_in(partnership_id, day).order_by("pk").values_list("pk", flat=True))


def schools_unanswered(partnership_id: int, *, on: dt.date) -> tuple[dt.date, list[int]]:
    """Of these the ones that have not answered yet."""
    day = latest_round(on)
    unanswered = asked_in(partnership_id, day).exclude(has_answered(partnership_id, day))
    return day, list(unanswered.order_by("pk").values_list("pk", flat=True))


def asked_in(partnership_id: int, day: dt.date) -> QuerySet[School]:
    """The schools that are asked on a quarterly date."""
    sites = SchoolSite.objects.filter(school=OuterRef("pk"), partnerships=partnership_id)
    return School.objects.filter(Exists(sites), organisation__added_on__lt=day)


def has_answered(partnership_id: int, day: dt.date) -> Exists:
    """Of schools: that they answered to that partnership in that round."""
    return Exists(Attestation.objects.filter(school=OuterRef("pk"), partnership=partnership_id, round=day))


def not_asking(partnership_ids: Iterable[int]) -> frozenset[int]:
    """Of these partnerships the ones that switched the attestation off."""
    off = RuleSetting.objects.filter(
        partnership__in=list(partnership_ids),
        rule=ATTESTATION,
        sector="",
        replaced_at__isnull=True,
        active=False,
    )
    return frozenset(off.values_list("partnership_id", flat=True))
