"""The other partnerships of a holiday region, by what they issued over the same period.

Only sums, only of three or more, and small ones hidden: so none of them can be known from it.
"""

from dataclasses import dataclass
from enum import StrEnum

from reports.models import Version
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.shown import SMALL, Cell
from reports.rules.small_cells import LEAST
from schools.models import Partnership

#: So many others at least.
FEWEST = 3


class Lacking(StrEnum):
    """Why there is no comparison."""

    REGION = "region"
    PART = "part"
    ISSUED = "issued"


@dataclass(frozen=True)
class RegionFigure:
    """A sum over the others, and the mean of a partnership; none where the sum is hidden."""

    name: str
    total: Cell
    mean: float | None


@dataclass(frozen=True)
class Regional:
    """`number`: of other partnerships that issued. `lacking`: why there are no figures."""

    number: int = 0
    figures: tuple[RegionFigure, ...] = ()
    lacking: Lacking | None = None


def region_of(partnership: Partnership, period: Period, selection: Selection) -> Regional:
    if not selection.is_whole:
        return Regional(lacking=Lacking.PART)
    if not partnership.region:
        return Regional(lacking=Lacking.REGION)
    issued = Version.objects.issued().filter(
        partnership__region=partnership.region,
        first_day=period.first,
        last_day=period.last,
        definition=selection.definition,
    )
    others = issued.exclude(partnership=partnership).order_by("partnership", "number")
    last = dict(others.values_list("partnership", "figures"))
    if len(last) < FEWEST:
        return Regional(len(last), lacking=Lacking.ISSUED)
    return Regional(
        len(last),
        tuple(
            _figure(name, [figures[name] for figures in last.values()])
            for name in ("end", "inflow", "outflow")
        ),
    )


def _figure(name: str, counts: list[int]) -> RegionFigure:
    total = sum(counts)
    if 0 < total < LEAST:
        return RegionFigure(name, SMALL, None)
    return RegionFigure(name, total, round(total / len(counts), 1))
