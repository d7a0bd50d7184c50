"""What stands behind a figure: as many entries as the figure counts, each naming its case.

A figure counts days on which a case entered or left, and a case can do that twice: then it has two entries.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reports.enums import Duration
from reports.rules.figures import BREAKDOWNS, RETURNED
from reports.rules.lines import Leaving, Line, Standing

#: The durations that are longer than three months.
LONGER = (Duration.MONTHS_6.value, Duration.MONTHS_12.value, Duration.LONGER.value)


@dataclass(frozen=True)
class Entry:
    """A case in a figure: the day on which it entered or left, how it left, and what it is on the last day
    where it is a member then."""

    case_id: int
    on: dt.date | None = None
    leaving: Leaving | None = None
    standing: Standing | None = None


def _start(line: Line) -> list[Entry]:
    return [Entry(line.case_id, standing=line.end)] if line.start else []


def _inflow(line: Line) -> list[Entry]:
    return [Entry(line.case_id, on=day, standing=line.end) for day in line.entered]


def _reentries(line: Line) -> list[Entry]:
    return _inflow(line)[-line.returns :] if line.returns else []


def _outflow(line: Line) -> list[Entry]:
    return [Entry(line.case_id, on=one.on, leaving=one, standing=line.end) for one in line.left]


def _end(line: Line) -> list[Entry]:
    return [Entry(line.case_id, standing=line.end)] if line.end else []


def _longer(line: Line) -> list[Entry]:
    return [entry for entry in _end(line) if entry.standing and entry.standing.duration in LONGER]


def _returned(line: Line) -> list[Entry]:
    return [entry for entry in _outflow(line) if entry.leaving and entry.leaving.ending in RETURNED]


#: The figures behind which one can look, and what a line has in them.
FIGURES: dict[str, Callable[[Line], list[Entry]]] = {
    "start": _start,
    "inflow": _inflow,
    "outflow": _outflow,
    "end": _end,
    "reentries": _reentries,
    "longer": _longer,
    "returned": _returned,
}


def behind(lines: Iterable[Line], figure: str) -> list[Entry]:
    """The entries of one of FIGURES."""
    of_line = FIGURES[figure]
    return [entry for line in lines for entry in of_line(line)]


def behind_row(lines: Iterable[Line], table: str, key: str) -> list[Entry]:
    """The entries of a row of a table, by the names of `reports.queries.labels`."""
    if table == "outflow_by":
        left = behind(lines, "outflow")
        return [entry for entry in left if entry.leaving and entry.leaving.ending == key]
    if table == "offer":
        offered = key == "with_offer"
        return [e for e in behind(lines, "end") if e.standing and e.standing.offered == offered]
    key_of = BREAKDOWNS[table]
    return [entry for entry in behind(lines, "end") if entry.standing and key_of(entry.standing) == key]
