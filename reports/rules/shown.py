"""Figures as they are shown: exactly, or with small numbers hidden for outside the partnership."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.rules.figures import Figures, Middle

#: A hidden count of 1 to 4, and a hidden count that would give another away.
SMALL, HIDDEN = "<5", "x"

#: A count, SMALL or HIDDEN.
Cell = int | str
Cells = dict[str, Cell]


@dataclass(frozen=True)
class Shown:
    """What stands in `Figures`, with cells in the place of counts. A median of few is None."""

    start: Cell
    inflow: Cell
    outflow: Cell
    end: Cell
    reentries: Cell
    outflow_by: Cells
    breakdowns: dict[str, Cells]
    with_offer: Cell
    without_offer: Cell
    days_to_return: Middle
    days_in_state: Mapping[str, Middle]

    def as_json(self) -> dict[str, Any]:
        """By the names of the command (contracts/commands.md)."""
        return {
            "start": self.start,
            "inflow": self.inflow,
            "outflow": self.outflow,
            "end": self.end,
            "reentries": self.reentries,
            "outflow_by": self.outflow_by,
            **self.breakdowns,
            "with_offer": self.with_offer,
            "without_offer": self.without_offer,
        }


def exactly(figures: Figures) -> Shown:
    """Every count as it is."""
    return Shown(
        start=figures.start,
        inflow=figures.inflow,
        outflow=figures.outflow,
        end=figures.end,
        reentries=figures.reentries,
        outflow_by=dict(figures.outflow_by),
        breakdowns={name: dict(counts) for name, counts in figures.breakdowns.items()},
        with_offer=figures.with_offer,
        without_offer=figures.without_offer,
        days_to_return=figures.days_to_return,
        days_in_state=figures.days_in_state,
    )
