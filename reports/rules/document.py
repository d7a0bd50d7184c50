"""A report as it is shown on a page and in every file: one content, so that they cannot differ."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cases.rules import Threshold
from reports.rules.figures import Figures
from reports.rules.periods import Period
from reports.rules.shown import Cell, Shown
from reports.rules.warnings import Warned


@dataclass(frozen=True)
class Flow:
    """The numbers of one period of the trend."""

    period: Period
    start: Cell
    inflow: Cell
    outflow: Cell
    end: Cell

    @classmethod
    def of(cls, period: Period, shown: Shown | Figures) -> "Flow":
        return cls(period, shown.start, shown.inflow, shown.outflow, shown.end)


@dataclass(frozen=True)
class Row:
    key: str
    label: str
    cell: Cell


@dataclass(frozen=True)
class Table:
    """A breakdown: its name in the command's output, a heading, and rows that add up to the total."""

    name: str
    heading: str
    rows: Sequence[Row]
    total: Cell


@dataclass(frozen=True)
class Document:
    """What a report says. `outside`: small numbers are hidden. `number`: of the issued version, 0 for figures
    that were not issued. `trend`: the months up to the last of the period. `threshold`: None where the pupils
    are of partnerships that chose differently; each counts by its own. `kind`: of the organisation, as a word
    (a partnership where left out). `part`: in words which of the pupils are counted, "" for all."""

    organisation: str
    organisation_name: str
    period: Period
    definition: str
    known_at: dt.datetime
    threshold: Threshold | None
    outside: bool
    shown: Shown
    tables: Sequence[Table]
    trend: Sequence[Flow]
    part: str = ""
    number: int = 0
    comment: str = ""
    issued_at: dt.datetime | None = None
    issued_by: str = ""
    digest: str = ""
    kind: str = ""
    warnings: Sequence[Warned] = ()

    @property
    def notes(self) -> list[str]:
        """The warnings in words."""
        return [warned.text for warned in self.warnings]
