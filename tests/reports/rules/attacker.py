"""Somebody who collects every report that was handed out and tries to compute what is hidden in it.

Knows how figures are made (contracts/counting.md) and nothing of how cells are chosen to be hidden. Each cell
is an unknown whole number between bounds: what is shown, 1 to 4 for "<5", anything for "x". Between them hold
equations (`total` 0) and inequalities (at least 0).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

from reports.rules.periods import Period

Document = Mapping[str, Any]
Documents = Mapping[tuple[str, Period], Document]
Name = tuple[Any, ...]

MANY = 10**6
TABLES = (
    "by_category",
    "by_duration",
    "by_sector",
    "by_municipality",
    "by_reason",
    "by_school",
    "by_age",
    "by_year_group",
    "by_state",
)
FLOWS = ("inflow", "outflow", "reentries")
#: Each definition with the one that it adds a category to.
ADDS = {"D2": ("D1", "absoluut"), "D3": ("D2", "ziek-deels"), "D4": ("D2", "5a")}
#: Reasons of which one definition can have more than the one that holds it.
OWN_REASONS = {
    ("correction", "D2"),
    ("correction", "D3"),
    ("correction", "D4"),
    ("exemption", "D4"),
    ("authorised", "D3"),
}


class Attacker:
    """`given`: what was handed out. `knows`: cells that the attacker knows besides, by (table, key)."""

    def __init__(
        self, given: Documents, *, knows: Iterable[tuple[str, str]] = (), truth: Documents | None = None
    ) -> None:
        self.low: dict[Name, int] = {}
        self.high: dict[Name, int] = {}
        self.true: dict[Name, int] = {}
        self.hidden: set[Name] = set()
        self.equations: list[dict[Name, int]] = []
        self.inequalities: list[dict[Name, int]] = []
        self.truth = truth
        self._told: set[Name] = set()
        for which, document in given.items():
            self._read(which, document, truth[which] if truth else None)
        self._nest(given)
        self._add_up(given, truth)
        for table, key in knows:
            for name in [name for name in self.low if name[0] == table and name[1] == key]:
                self.low[name] = self.high[name] = self.true[name]
                self.hidden.discard(name)

    # --- What is known

    def _cell(self, name: Name, cell: int | str, true: int | None) -> None:
        low, high = {"<5": (1, 4), "x": (0, MANY)}.get(cell, (cell, cell))  # type: ignore[arg-type]
        self.low[name] = max(low, self.low.get(name, 0))
        self.high[name] = min(high, self.high.get(name, MANY))
        if isinstance(cell, str):
            self.hidden.add(name)
        if true is not None:
            assert low <= true <= high, (name, cell, true)
            assert self.true.setdefault(name, true) == true, name
        if cell == "<5" or isinstance(cell, int):
            assert self.low[name] <= self.high[name], name

    def _read(self, which: tuple[str, Period], document: Document, true: Document | None) -> None:
        definition, period = which
        names = {
            "start": ("stock", definition, period.day_before),
            "end": ("stock", definition, period.last),
            **{flow: (flow, "", definition, period) for flow in FLOWS},
        }
        for field, name in names.items():
            self._cell(name, document[field], true[field] if true else None)
        self.equations.append({names["start"]: 1, names["inflow"]: 1, names["outflow"]: -1, names["end"]: -1})
        self.inequalities.append({names["inflow"]: 1, names["reentries"]: -1})
        for table in TABLES:
            cells = document[table]
            self._table(table, definition, period.last, names["end"], cells, true[table] if true else None)
        offers = {key: document[key] for key in ("with_offer", "without_offer")}
        self._table("offer", definition, period.last, names["end"], offers, true)
        self._table(
            "outflow_by",
            definition,
            period,
            names["outflow"],
            document["outflow_by"],
            true and true["outflow_by"],
        )

    def _table(
        self,
        table: str,
        definition: str,
        when: Any,
        total: Name,
        cells: Mapping[str, Any],
        true: Mapping[str, Any] | None,
    ) -> None:
        if not cells and (total in self.hidden or self.low[total]):
            return
        names = []
        for key, cell in cells.items():
            name = self._name(table, key, definition, when)
            self._cell(name, cell, true.get(key, 0) if true is not None else None)
            names.append(name)
        self._told.add((table, definition, when))
        if true is not None:
            kept = set(cells)
            left = {key: true[key] for key in true if key not in kept and table != "offer" and true[key]}
            assert not left, (table, left)
        if names != [total]:
            self.equations.append({**dict.fromkeys(names, 1), total: -1})

    def _name(self, table: str, key: str, definition: str, when: Any) -> Name:
        if table == "by_category":
            return ("stock", "D1", when) if key == "lrv" else ("category", key, when)
        return (table, key, definition, when)

    def _nest(self, given: Documents) -> None:
        """What a definition holds of another one: in total, and by key in each table that both show."""
        days = {name[2] for name in self.low if name[0] == "stock"}
        for day in days:
            for definition, (inner, category) in ADDS.items():
                outer_name, inner_name = ("stock", definition, day), ("stock", inner, day)
                if outer_name in self.low and inner_name in self.low:
                    part = ("category", category, day)
                    self._unknown(part, self.true.get(outer_name, 0) - self.true.get(inner_name, 0))
                    self.equations.append({inner_name: 1, part: 1, outer_name: -1})
        keys: defaultdict[tuple[str, Any], set[str]] = defaultdict(set)
        for name in self.low:
            if len(name) == 4 and name[0] not in FLOWS:
                keys[name[0], name[3]].add(name[1])
        for (table, when), found in keys.items():
            for definition, (inner, _category) in ADDS.items():
                if not {(table, definition, when), (table, inner, when)} <= self._told:
                    continue
                for key in found:
                    if (key, definition) not in OWN_REASONS or table != "outflow_by":
                        outer_name, inner_name = (table, key, definition, when), (table, key, inner, when)
                        self._zero(outer_name)
                        self._zero(inner_name)
                        self.inequalities.append({outer_name: 1, inner_name: -1})

    def _zero(self, name: Name) -> None:
        if name not in self.low:
            self.low[name] = self.high[name] = self.true[name] = 0

    def _unknown(self, name: Name, true: int) -> None:
        if name not in self.low:
            self.low[name], self.high[name], self.true[name] = 0, MANY, true

    def _add_up(self, given: Documents, truth: Documents | None) -> None:
        """Longer periods are the sums of their months."""
        for definition, period in given:
            months = period.months
            if len(months) < 2 or not all((definition, month) in given for month in months):
                continue
            for flow in FLOWS:
                whole = (flow, "", definition, period)
                self.equations.append({**{(flow, "", definition, month): 1 for month in months}, whole: -1})
            told = {one for one in [*months, period] if ("outflow_by", definition, one) in self._told}
            if len(told) <= len(months):
                continue
            keys = {
                name[1]
                for name in self.low
                if name[0] == "outflow_by" and name[2] == definition and name[3] in told
            }
            for key in keys:
                names = [("outflow_by", key, definition, one) for one in [*months, period]]
                for name in names:
                    self._zero(name)
                self.equations.append({**dict.fromkeys(names[:-1], 1), names[-1]: -1})

    # --- What can be computed

    def computed(self) -> dict[Name, int]:
        """Hidden cells of which the attacker finds the number: by narrowing the bounds of each equation, and
        by elimination."""
        low, high = dict(self.low), dict(self.high)
        changed, rounds = True, 0
        while changed and rounds < 50:
            changed, rounds = False, rounds + 1
            for terms, equal in [
                *((one, True) for one in self.equations),
                *((one, False) for one in self.inequalities),
            ]:
                most = sum(by * (high[name] if by > 0 else low[name]) for name, by in terms.items())
                least = sum(by * (low[name] if by > 0 else high[name]) for name, by in terms.items())
                for name, by in terms.items():
                    if low[name] == high[name]:
                        continue
                    rest_most = most - by * (high[name] if by > 0 else low[name])
                    rest_least = least - by * (low[name] if by > 0 else high[name])
                    # by * name >= -rest_most, and for an equation by * name <= -rest_least
                    bounds = [(-rest_most, True)] + ([(-rest_least, False)] if equal else [])
                    for bound, at_least in bounds:
                        value, is_low = bound * by, at_least == (by > 0)
                        if is_low and value > low[name]:
                            low[name] = value
                        elif not is_low and value < high[name]:
                            high[name] = value
                        else:
                            continue
                        changed = True
                    if changed:
                        break
        found = {name: low[name] for name in self.hidden if low[name] == high[name]}
        return {**self._eliminated(), **found}

    def _eliminated(self) -> dict[Name, int]:
        rows: list[tuple[dict[Name, Fraction], Fraction]] = []
        for terms in self.equations:
            right = Fraction(
                -sum(by * self.low[name] for name, by in terms.items() if self.low[name] == self.high[name])
            )
            row = {name: Fraction(by) for name, by in terms.items() if self.low[name] != self.high[name]}
            for pivot_row, pivot_right in rows:
                pivot = next(iter(pivot_row))
                if factor := row.get(pivot):
                    row, right = _minus(row, pivot_row, factor), right - factor * pivot_right
            if row:
                pivot, scale = next(iter(row.items()))
                row, right = {name: by / scale for name, by in row.items()}, right / scale
                for nth, (other, other_right) in enumerate(rows):
                    if factor := other.get(pivot):
                        rows[nth] = _minus(other, row, factor), other_right - factor * right
                rows.append((row, right))
        return {
            next(iter(row)): int(right)
            for row, right in rows
            if len(row) == 1 and next(iter(row)) in self.hidden
        }

    # --- What cannot be

    def given_away(self) -> list[Name]:
        """Hidden cells of which no other number was found that fits with all that is known. `truth` is only
        where the search for other numbers begins."""
        self._of: defaultdict[Name, list[tuple[dict[Name, int], bool, Name]]] = defaultdict(list)
        for constraints, equal in ((self.equations, True), (self.inequalities, False)):
            for terms in constraints:
                group = next((_group(name) for name in terms if _group(name)), ())
                for name in terms:
                    self._of[name].append((terms, equal, group))
        self._groups = sorted({_group(name) for name in self._of} - {()}, key=repr)
        safe: set[Name] = set()
        for name in sorted(self.hidden, key=repr):
            if name not in safe:
                worlds = (self._other_world(name, step) for step in (1, -1) if self._fits(name, step))
                safe |= next((world.keys() for world in worlds if world is not None), set())
        return sorted(self.hidden - safe, key=repr)

    def _other_world(self, name: Name, step: int) -> dict[Name, int] | None:
        """Numbers that differ by one from the true ones, here and where that follows from it. The flows are
        tried first, then each table by itself; in another order each time."""
        group, steps = _group(name), {name: step}
        if group:
            found = next(self._repaired(steps, {group}, [2000], None), None)
            if found is not None:
                return found
        for attempt in range(60):
            order = Random(attempt) if attempt else None
            for world in islice(self._repaired(steps, {group, ()}, [400], order), 4):
                whole: dict[Name, int] | None = world
                for other in self._groups:
                    if whole is not None and other != group:
                        whole = next(self._repaired(whole, {other}, [500], None), None)
                if whole is not None:
                    return whole
        return None

    def _fits(self, name: Name, step: int) -> bool:
        return self.low[name] <= self.true[name] + step <= self.high[name]

    def _repaired(
        self, steps: dict[Name, int], groups: set[Name], left: list[int], order: Random | None
    ) -> Iterator[dict[Name, int]]:
        """Every way in which the equations of these groups hold again after these steps."""
        left[0] -= 1
        if left[0] < 0:
            return
        choices: list[tuple[int, Name, int]] | None = None
        for name in steps:
            for terms, equal, group in self._of[name]:
                off = sum(by * steps.get(one, 0) for one, by in terms.items()) if group in groups else 0
                if off and not equal:
                    off = min(0, off + sum(by * self.true[one] for one, by in terms.items()))
                if off:
                    options = [
                        (len(self._of[one]), one, -off * by)
                        for one, by in terms.items()
                        if one not in steps and _group(one) in groups and self._fits(one, -off * by)
                    ]
                    if choices is None or len(options) < len(choices):
                        choices = options
        if choices is None:
            yield steps
            return
        choices.sort(key=lambda choice: (choice[0], repr(choice[1])))
        if order is not None:
            order.shuffle(choices)
        for _, one, step in choices:
            yield from self._repaired({**steps, one: step}, groups, left, order)


def _group(name: Name) -> Name:
    """The table of a cell; none for stocks and flows."""
    if len(name) != 4 or name[0] in FLOWS:
        return ()
    return ("outflow_by",) if name[0] == "outflow_by" else (name[0], name[3])


def _minus(row: dict[Name, Fraction], other: dict[Name, Fraction], factor: Fraction) -> dict[Name, Fraction]:
    found = dict(row)
    for name, by in other.items():
        found[name] = found.get(name, Fraction(0)) - factor * by
    return {name: by for name, by in found.items() if by}
