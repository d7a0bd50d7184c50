"""What differs between two counts: figure by figure, and case by case. Pure.

A case is explained by what became known of it between the moments of the two counts (`Learnt`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from reports.enums import Cause
from reports.rules.lines import Line, Standing

#: The figures over which a report is continuous.
FLOW = ("start", "inflow", "outflow", "end")


@dataclass(frozen=True)
class Learnt:
    """What became known of a case between two moments: a spell that was not known before, that it was
    signalled by mistake, a day back or of closing that comes before the one that was known."""

    new_spell: bool = False
    withdrawn: bool = False
    ended_earlier: bool = False


NOTHING_LEARNT = Learnt()


@dataclass(frozen=True)
class Moved:
    """A case that counts otherwise: by figure how much more or less (without those that are the same), and
    the particulars that are described otherwise."""

    case_id: int
    cause: str
    by: dict[str, int] = field(default_factory=dict)
    described: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Differences:
    """Between an earlier and a later count. `figures`: by name before and after, of those that differ, as
    "end" and "by_sector po"."""

    figures: dict[str, tuple[int, int]] = field(default_factory=dict)
    cases: list[Moved] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.figures or self.cases)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Differences":
        return cls(
            {name: (before, after) for name, (before, after) in values["figures"].items()},
            [Moved(**one) for one in values["cases"]],
        )


@dataclass(frozen=True)
class Seam:
    """Where two periods meet: the end of the one as it was issued, the start of the next. `version`: the key
    of the version on the other side; `later`: that it is the next period."""

    version: int
    end: int
    start: int
    cases: list[Moved] = field(default_factory=list)
    later: bool = False

    @property
    def difference(self) -> int:
        return self.start - self.end

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Seam":
        return cls(**{**values, "cases": [Moved(**one) for one in values["cases"]]})


def compare_figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Of figures as JSON: the counts that differ, those of a breakdown under both names."""
    one, other = _flat(before), _flat(after)
    return {
        name: (one.get(name, 0), other.get(name, 0))
        for name in dict.fromkeys([*one, *other])
        if one.get(name, 0) != other.get(name, 0)
    }


def _flat(figures: Mapping[str, Any]) -> dict[str, int]:
    """Counts only: the medians follow from the cases."""
    found: dict[str, int] = {}
    for name, value in figures.items():
        if isinstance(value, int):
            found[name] = value
        elif name == "outflow_by" or name.startswith("by_"):
            found |= {f"{name} {key}": count for key, count in value.items()}
    return found


def changed_cases(before: Iterable[Line], after: Iterable[Line]) -> list[int]:
    """The keys of the cases whose lines differ."""
    one, other = _by_case(before), _by_case(after)
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def compare_lines(before: Iterable[Line], after: Iterable[Line], learnt: Mapping[int, Learnt]) -> list[Moved]:
    """The cases that count or are described otherwise, those that move a figure first."""
    one, other = _by_case(before), _by_case(after)
    found = [
        _moved(key, one.get(key), other.get(key), learnt.get(key, NOTHING_LEARNT))
        for key in sorted(one.keys() | other.keys())
        if one.get(key) != other.get(key)
    ]
    return sorted(found, key=lambda it: (not it.by, it.case_id))


def compare_seam(
    ended: Iterable[Line], begins: Iterable[Line], learnt: Mapping[int, Learnt], *, begins_is_newer: bool
) -> tuple[int, int, list[Moved]]:
    """The members at the end of a period, at the start of the next one, and the cases in one of them only.

    `begins_is_newer`: the lines of the next period are what was known later.
    """
    end = {line.case_id for line in ended if line.end}
    start = {line.case_id for line in begins if line.start}
    older = end if begins_is_newer else start
    cases = [
        Moved(
            key,
            _cause(learnt.get(key, NOTHING_LEARNT), gone=key in older),
            {"start": 1 if key in start else -1},
        )
        for key in sorted(end ^ start)
    ]
    return len(end), len(start), cases


def _by_case(lines: Iterable[Line]) -> dict[int, Line]:
    return {line.case_id: line for line in lines}


def _moved(case_id: int, before: Line | None, after: Line | None, learnt: Learnt) -> Moved:
    one, other = _counts(before), _counts(after)
    by = {name: other[name] - one[name] for name in FLOW if other[name] != one[name]}
    if before is not None and after is not None and not by:
        return Moved(case_id, Cause.DESCRIBED.value, described=_described(before, after))
    cause = _cause(learnt, gone=one["end"] > other["end"] or (one["start"] > other["start"]))
    return Moved(case_id, cause, by)


def _cause(learnt: Learnt, *, gone: bool) -> str:
    """`gone`: it counts no longer where it did, else it counts where it did not."""
    if gone and learnt.withdrawn:
        return Cause.WITHDRAWN.value
    if gone and learnt.ended_earlier:
        return Cause.ENDED_EARLIER.value
    if not gone and learnt.new_spell:
        return Cause.LATE.value
    return Cause.CORRECTED.value


def _counts(line: Line | None) -> dict[str, int]:
    if line is None:
        return dict.fromkeys(FLOW, 0)
    return {
        "start": int(line.start),
        "inflow": len(line.entered),
        "outflow": len(line.left),
        "end": int(line.end is not None),
    }


def _described(before: Line, after: Line) -> list[str]:
    """What is otherwise of a case that moves no figure: names of `Standing`, "days" (of entering or leaving),
    "ending" and "states"."""
    found: Sequence[str] = ()
    if isinstance(before.end, Standing) and isinstance(after.end, Standing):
        found = [
            one.name
            for one in fields(Standing)
            if getattr(before.end, one.name) != getattr(after.end, one.name)
        ]
    others = {
        "days": before.entered != after.entered
        or [(it.on, it.absent) for it in before.left] != [(it.on, it.absent) for it in after.left],
        "ending": [it.ending for it in before.left] != [it.ending for it in after.left],
        "states": before.states != after.states,
    }
    return [*found, *(name for name, differs in others.items() if differs)]
