"""Versions of the figures of a partnership: who reads them, what is in them, and whether they still are as
they were issued."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from common.errors import NotFound
from reports import access
from reports.models import Version
from reports.models.versions import VersionQuerySet
from reports.queries.differences import differences_from, seams_of
from reports.queries.reports import Result, count, for_outside
from reports.rules.differences import Differences
from reports.rules.digest import digest_of
from reports.rules.document import Flow
from reports.rules.frozen import plain, shown_as_json, trend_as_json
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.warnings import standing_out
from schools.models import Partnership

#: So many are in memory while all are checked.
CHUNK = 20
#: What a list of versions leaves in the database.
HEAVY = ("trend", "outside", "standing_out", "seams", "differences")


def versions_read_by(user: User) -> QuerySet[Version]:
    """Drafts and issued versions of the partnerships whose figures somebody reads, newest period first."""
    found = Version.objects.filter(partnership__in=access.partnerships_read_by(user))
    return found.select_related("partnership__organisation", "issued_by").order_by(
        "-last_day", "first_day", "partnership__organisation__name", "definition", "-number"
    )


def versions_listed(user: User) -> QuerySet[Version]:
    """The same for a list, without what only the page of a version shows."""
    return versions_read_by(user).defer(*HEAVY)


def version_for(user: User, pk: int) -> Version:
    """One of them; unknown and invisible are the same `NotFound`."""
    found = versions_read_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound("")
    return found


def may_issue(user: User, version: Version) -> bool:
    return access.partnerships_reported_by(user).filter(pk=version.partnership_id).exists()


def series(partnership: Partnership, period: Period, definition: str) -> VersionQuerySet:
    """All versions of the same figures, the newest first."""
    same = Version.objects.filter(
        partnership=partnership, first_day=period.first, last_day=period.last, definition=definition
    )
    return same.select_related("issued_by").defer(*HEAVY).order_by("-number")


def series_of(version: Version) -> VersionQuerySet:
    return series(version.partnership, version.period, version.definition)


def drafts_to_issue(user: User) -> QuerySet[Version]:
    """The drafts that wait for somebody, the oldest period first."""
    mine = Version.objects.drafts().filter(partnership__in=access.partnerships_reported_by(user))
    return mine.select_related("partnership__organisation").order_by("last_day", "first_day", "pk")


# --- What is in a version


def frozen(result: Result, *, before: Version | None) -> dict[str, Any]:
    """The fields of a version that hold what was counted. `before`: the version that it corrects."""
    shown, trend = for_outside(result)
    period, definition, known_at = result.period, result.selection.definition, result.known_at
    differences = (
        differences_from(before, result.figures, result.lines, known_at=known_at) if before else None
    )
    seams = seams_of(result.partnership, period, definition, result.lines, known_at=known_at)
    values = {
        "figures": result.figures.as_json(),
        "trend": trend_as_json([Flow.of(month, figures) for month, figures in result.months]),
        "outside": {"figures": shown_as_json(shown), "trend": trend_as_json(trend)},
        "standing_out": standing_out(result.lines),
        "seams": [seam.as_json() for seam in seams],
        "differences": differences.as_json() if differences is not None else {},
    }
    return {
        "threshold_days": result.threshold.days,
        "threshold_inclusive": result.threshold.inclusive,
        "known_at": known_at,
        **{name: plain(value) for name, value in values.items()},
    }


def differences_from_now(version: Version, *, at: dt.datetime) -> Differences:
    """What a count of this moment, by the same threshold, gives otherwise than a version."""
    result = count(
        version.partnership,
        version.period,
        Selection(version.definition),
        known_at=at,
        threshold=version.threshold,
        trend=False,
    )
    return differences_from(version, result.figures, result.lines, known_at=at)


def content_of(version: Version) -> dict[str, Any]:
    """Everything that a version says, its digest aside."""
    return {
        "partnership": version.partnership_id,
        "first_day": version.first_day.isoformat(),
        "last_day": version.last_day.isoformat(),
        "definition": str(version.definition),
        "number": version.number,
        "threshold_days": version.threshold_days,
        "threshold_inclusive": version.threshold_inclusive,
        "known_at": _moment(version.known_at),
        "figures": version.figures,
        "trend": version.trend,
        "outside": version.outside,
        "standing_out": version.standing_out,
        "seams": version.seams,
        "differences": version.differences,
        "comment": version.comment,
        "made_at": _moment(version.made_at),
        "issued_at": _moment(version.issued_at),
        "issued_by": version.issued_by_id,
        "lines": version.kept_lines.values,
    }


def seal_of(version: Version) -> str:
    """The digest of what stands in the database; of a draft it marks what somebody looked at."""
    return digest_of(content_of(version))


def is_whole(version: Version) -> bool:
    """Whether an issued version is still what was issued."""
    return version.digest == seal_of(version)


def broken_versions() -> Iterator[Version]:
    """The issued versions that are no longer what was issued."""
    issued = Version.objects.issued().select_related("kept_lines").order_by("pk")
    return (version for version in issued.iterator(chunk_size=CHUNK) if not is_whole(version))


def _moment(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).isoformat() if moment else ""
