"""A report as JSON: the names of the command (contracts/commands.md), first and in its order."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from reports.rules.document import Document, Flow
from reports.rules.figures import Middle

#: The names that the command promises, in its order.
PROMISED = (
    "partnership",
    "from",
    "to",
    "definition",
    "known_at",
    "start",
    "inflow",
    "outflow",
    "end",
    "reentries",
    "outflow_by",
    "by_category",
    "by_duration",
    "by_sector",
    "by_municipality",
    "by_reason",
    "with_offer",
    "without_offer",
    "warnings",
)


def as_json(document: Document) -> dict[str, Any]:
    """What the command prints and what the JSON file holds: counts as numbers, hidden ones as text.

    Days as YYYY-MM-DD, moments with their zone, medians in calendar days. `version` is None for figures that
    were not issued.
    """
    shown = document.shown
    found = {
        "partnership": document.organisation,
        "from": document.period.first.isoformat(),
        "to": document.period.last.isoformat(),
        "definition": str(document.definition),
        "known_at": document.known_at.isoformat(),
        **shown.as_json(),
        "warnings": [warned.as_json() for warned in document.warnings],
    }
    return {
        **{name: found[name] for name in PROMISED},
        **{name: cells for name, cells in found.items() if name not in PROMISED},
        "days_to_return": _median(shown.days_to_return),
        "days_in_state": _medians(shown.days_in_state),
        "months": [_flow(flow) for flow in document.trend],
        "threshold": document.threshold and asdict(document.threshold),
        "outside": document.outside,
        "only": document.part,
        "version": _version(document),
    }


def _median(middle: Middle) -> dict[str, Any]:
    return {"number": middle.number, "median": middle.days}


def _medians(medians: Mapping[str, Middle]) -> dict[str, dict[str, Any]]:
    return {key: _median(middle) for key, middle in medians.items()}


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        "from": flow.period.first.isoformat(),
        "to": flow.period.last.isoformat(),
        "start": flow.start,
        "inflow": flow.inflow,
        "outflow": flow.outflow,
        "end": flow.end,
    }


def _version(document: Document) -> dict[str, Any] | None:
    if not document.number:
        return None
    return {
        "number": document.number,
        "issued_at": document.issued_at.isoformat() if document.issued_at else None,
        "issued_by": document.issued_by,
        "digest": document.digest,
        "comment": document.comment,
    }
