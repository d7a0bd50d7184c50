"""The figures of a period: sums over its lines (contracts/counting.md, "Period figures")."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from cases.enums import BACK_AT_SCHOOL
from reports.enums import Ending
from reports.rules.lines import Line, Standing

#: The keys of who has no school, and of whom the year group is not known.
NO_SCHOOL, NO_YEAR_GROUP = "geen", "onbekend"

#: What counts as back at school among the endings.
RETURNED = frozenset({Ending.RETURNED.value, *(one.value for one in BACK_AT_SCHOOL)})

#: The breakdowns of the members on the last day, each with the key of a member. They add up to `end`.
BREAKDOWNS: dict[str, Callable[[Standing], str]] = {
    "by_category": lambda one: one.category,
    "by_duration": lambda one: one.duration,
    "by_sector": lambda one: one.sector,
    "by_municipality": lambda one: one.municipality,
    "by_reason": lambda one: one.reason,
    "by_school": lambda one: one.school or NO_SCHOOL,
    "by_age": lambda one: str(one.age),
    "by_year_group": lambda one: NO_YEAR_GROUP if one.year_group is None else str(one.year_group),
    "by_state": lambda one: one.state,
}

Counts = dict[str, int]


@dataclass(frozen=True)
class Middle:
    """The median of so many numbers of days; None of none."""

    number: int
    days: float | None

    @classmethod
    def of(cls, days: Iterable[int]) -> "Middle":
        found = list(days)
        return cls(len(found), float(median(found)) if found else None)


@dataclass(frozen=True)
class Figures:
    """`start + inflow - outflow = end`; each breakdown adds up to `end`, `outflow_by` to `outflow`. Keys
    without a count are left out.

    `days_to_return`: days absent of those who went back to school in the period. `days_in_state`: of stays in
    a state that ended in the period, by state.
    """

    start: int = 0
    inflow: int = 0
    outflow: int = 0
    end: int = 0
    reentries: int = 0
    outflow_by: Counts = field(default_factory=dict)
    breakdowns: dict[str, Counts] = field(default_factory=lambda: {name: {} for name in BREAKDOWNS})
    with_offer: int = 0
    without_offer: int = 0
    days_to_return: Middle = Middle(0, None)
    days_in_state: Mapping[str, Middle] = field(default_factory=dict)

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
            "days_to_return": _as_json(self.days_to_return),
            "days_in_state": {state: _as_json(one) for state, one in self.days_in_state.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Figures":
        """Figures as they were written by `as_json`, maybe before there were all these breakdowns."""
        return cls(
            **{
                name: values[name]
                for name in (
                    "start",
                    "inflow",
                    "outflow",
                    "end",
                    "reentries",
                    "outflow_by",
                    "with_offer",
                    "without_offer",
                )
            },
            breakdowns={name: dict(values[name]) for name in BREAKDOWNS if name in values},
            days_to_return=_middle(values["days_to_return"]),
            days_in_state={state: _middle(one) for state, one in values["days_in_state"].items()},
        )


def figures_of(lines: Iterable[Line]) -> Figures:
    """What these lines add up to."""
    found = list(lines)
    left = [leaving for line in found for leaving in line.left]
    members = [line.end for line in found if line.end]
    offered = sum(one.offered for one in members)
    states: dict[str, list[int]] = {}
    for line in found:
        for state, days in line.states:
            states.setdefault(state, []).append(days)
    return Figures(
        start=sum(line.start for line in found),
        inflow=sum(len(line.entered) for line in found),
        outflow=len(left),
        end=len(members),
        reentries=sum(line.returns for line in found),
        outflow_by=_counts(leaving.ending for leaving in left),
        breakdowns={name: _counts(map(key, members)) for name, key in BREAKDOWNS.items()},
        with_offer=offered,
        without_offer=len(members) - offered,
        days_to_return=Middle.of(leaving.absent for leaving in left if leaving.ending in RETURNED),
        days_in_state={state: Middle.of(days) for state, days in sorted(states.items())},
    )


def _counts(keys: Iterable[str]) -> Counts:
    return dict(sorted(Counter(keys).items()))


def _as_json(middle: Middle) -> dict[str, Any]:
    return {"number": middle.number, "median": middle.days}


def _middle(values: Mapping[str, Any]) -> Middle:
    return Middle(values["number"], values["median"])
