"""Which notices of drafts may be told to somebody at this moment."""

from collections.abc import Sequence
from typing import Any

from reports.access import partnerships_read_by
from reports.models import Version

#: The kinds: a draft was made, and it still waits.
READY, WAITS = "report_draft", "report_draft_waits"


def key_of(kind: str, version_id: int) -> str:
    return f"{kind}:{version_id}"


def may_get(user: Any, notices: Sequence[Any]) -> set[int]:
    """Those of drafts that are still there, of partnerships whose figures this user reads."""
    by_version: dict[int, list[int]] = {}
    for notice in notices:
        by_version.setdefault(int(notice.key.rpartition(":")[2]), []).append(notice.pk)
    drafts = Version.objects.drafts().filter(pk__in=by_version, partnership__in=partnerships_read_by(user))
    return {pk for version_id in drafts.values_list("pk", flat=True) for pk in by_version[version_id]}
