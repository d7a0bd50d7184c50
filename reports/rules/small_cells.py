"""Hides what could tell of a pupil outside the partnership (contracts/counting.md, "Small cells")."""

from collections.abc import Mapping

from reports.rules.figures import Counts, Figures, Middle
from reports.rules.periods import Period
from reports.rules.shown import SMALL, Cell, Cells, Shown

#: Counts below this one and above zero are hidden, and medians of fewer.
LEAST = 5


def protect(
    figures: Figures, *, period: Period, definition: str, around: Mapping[tuple[str, Period], Figures]
) -> Shown:
    """The figures of a period as they may leave the partnership.

    `around`: by definition and period, for all four definitions and for this period and each whole month of
    it: what others may have been given already, and could compute a hidden cell from.
    """
    return Shown(
        start=_cell(figures.start),
        inflow=_cell(figures.inflow),
        outflow=_cell(figures.outflow),
        end=_cell(figures.end),
        reentries=_cell(figures.reentries),
        outflow_by=_cells(figures.outflow_by),
        breakdowns={name: _cells(counts) for name, counts in figures.breakdowns.items()},
        with_offer=_cell(figures.with_offer),
        without_offer=_cell(figures.without_offer),
        days_to_return=_middle(figures.days_to_return),
        days_in_state={state: _middle(one) for state, one in figures.days_in_state.items()},
    )


def _cell(count: int) -> Cell:
    return SMALL if 0 < count < LEAST else count


def _cells(counts: Counts) -> Cells:
    return {key: _cell(count) for key, count in counts.items()}


def _middle(middle: Middle) -> Middle:
    return Middle(0, None) if middle.number < LEAST else middle
