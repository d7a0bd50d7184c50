"""Asking for the file of a report, as the tests do it."""

import datetime as dt
from typing import Any

from accounts.models import Membership
from reports.enums import Definition
from reports.exports import report_file
from reports.models import ReportFile
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.services import files
from tests.cast import NOW, Cast

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))


def question(partnership: str = "VO9901", **selection: Any) -> dict[str, Any]:
    return report_file.of_figures(partnership, OCTOBER, Selection(Definition.D2, **selection), known_at=NOW)


def ask(cast: Cast, person: str = "reporter", **changed: Any) -> ReportFile:
    asked: dict[str, Any] = {
        "kind": ReportFile.Kind.REPORT,
        "asked": question(),
        "format": "csv",
        "outside": True,
        "at": NOW,
        **changed,
    }
    return files.ask(by=cast.people[person], **asked)


def fresh(file: ReportFile) -> ReportFile:
    return ReportFile.objects.get(pk=file.pk)


def leaves(cast: Cast, person: str) -> None:
    """Somebody's roles end."""
    Membership.objects.filter(user=cast.people[person]).update(ended_at=NOW)
