"""Hides what could tell of a pupil outside the partnership (contracts/counting.md, "Small cells").

Counts of 1 to 4 are SMALL, and what would give them away is HIDDEN: in a report, in the four definitions of
it, in months in a row, and in quarters and school years beside their months. docs/adr/0010 says how; the
means are in hiding.py, the blocks in hiding_flows.py and hiding_tables.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cases.enums import Category
from reports.enums import MEMBERS, Definition, Ending, PeriodKind
from reports.rules.figures import NO_SCHOOL, RETURNED, Figures, Middle
from reports.rules.hiding import LEAST, NOTHING, PATTERNS, Four, Labels, against, only
from reports.rules.hiding_flows import (
    DEFINITIONS,
    INFLOW,
    OUTFLOW,
    REENTRIES,
    Full,
    Month,
    full_moves,
    hide_changes,
    month_of,
    reentries,
    same_atom,
    stocks_of,
)
from reports.rules.hiding_tables import ELSEWHERE, HiddenTable, Kind, Move, Place, cycles, hide_table
from reports.rules.periods import Period, months_up_to, school_year_of
from reports.rules.shown import HIDDEN, Cell, Cells, Shown

__all__ = ["LEAST", "flow_cells", "protect"]

Around = Mapping[tuple[str, Period], Figures]

#: The breakdowns of which somebody may know a key exactly: a school its own number, a municipality its own.
KNOWN = frozenset({"by_school", "by_municipality"})

#: The breakdowns that ask for more than the dates of a case.
_DESCRIBED = frozenset({"by_reason", "by_state"})
_OFFER = "offer"

_OUTFLOW = Kind(loose=frozenset({Ending.CORRECTION.value, ELSEWHERE}), together=RETURNED)


def protect(figures: Figures, *, period: Period, definition: str, around: Around) -> Shown:
    """The figures of a period as they may leave the partnership.

    `around`: by definition and period, for all four definitions: of this period complete, and the flows of
    the months of `periods_around`. Of a period that is not made of whole months, or without them, nothing but
    itself is reckoned with.
    """
    place = DEFINITIONS.index(definition)
    four = [around[one, period] for one in DEFINITIONS]
    four[place] = figures
    flows = _flows_of(period, place, four, around)
    stocks = stocks_of(_counts(one.end for one in four))
    tables = _breakdowns(four, place, stocks.moves)
    offer = tables.pop(_OFFER)
    return Shown(
        start=stocks_of(_counts(one.start for one in four)).labels.cell(definition),
        inflow=flows.labels.cell(INFLOW),
        outflow=flows.labels.cell(OUTFLOW),
        end=stocks.labels.cell(definition),
        reentries=flows.labels.cell(REENTRIES),
        outflow_by=flows.outflow_by(place, figures.outflow_by),
        breakdowns={
            name: (
                _categories(stocks.labels, definition)
                if name == "by_category"
                else tables[name].cells(place, counts)
            )
            for name, counts in figures.breakdowns.items()
        },
        with_offer=offer.labels.cell((place, "with_offer")),
        without_offer=offer.labels.cell((place, "without_offer")),
        days_to_return=_to_return(figures.days_to_return, place, flows),
        days_in_state={
            state: _middle(one) if period.kind == PeriodKind.MONTH else Middle(0, None)
            for state, one in figures.days_in_state.items()
        },
    )


def flow_cells(*, period: Period, definition: str, around: Around) -> tuple[Cell, Cell, Cell, Cell]:
    """The start, inflow, outflow and end of a month as `protect` shows them."""
    month = month_of(period, [around[one, period] for one in DEFINITIONS])
    labels = month.flows[DEFINITIONS.index(definition)].labels
    return (
        month.start.labels.cell(definition),
        labels.cell(INFLOW),
        labels.cell(OUTFLOW),
        month.end.labels.cell(definition),
    )


def periods_around(period: Period) -> list[Period]:
    """The period and the months that `protect` reckons with: its own and those before it in its school
    year."""
    months = period.months
    if len(months) < 2:
        return [period]
    begins = school_year_of(period.first).first
    before = [month for month in months_up_to(months[0], 12) if begins <= month.first < months[0].first]
    return [period, *before, *months]


# --- Flows


@dataclass
class _Flows:
    """The flows of a period and the breakdown of its outflow. `changes`: how each move changes that."""

    labels: Labels[str]
    table: Labels[Place]
    keys: Sequence[str]
    changes: Sequence[Mapping[Place, int]]
    left_out: bool = False

    def outflow_by(self, place: int, counted: Iterable[str]) -> Cells:
        if self.left_out:
            return {}
        wanted = set(counted)
        return {
            key: self.table.cell((place, key))
            for key in self.keys
            if key != ELSEWHERE and (key in wanted or (place, key) in self.table.labels)
        }


def _flows_of(period: Period, place: int, four: Sequence[Figures], around: Around) -> _Flows:
    window = _window(period, around)
    if not window:
        month = month_of(period, four)
        table = _table_of_outflow(month, four)
        return _Flows(
            month.flows[place].labels, table.labels, list(table.rows), table.all_moves, table.left_out
        )
    return _Longer(period, window, around).flows(place, four)


def _window(period: Period, around: Around) -> list[Period]:
    """The months of a longer period and those before it in the school year, as far as they are known."""
    if len(period.months) < 2:
        return []
    found: list[Period] = []
    for month in reversed(periods_around(period)[1:]):
        if not all((one, month) in around for one in DEFINITIONS):
            break
        found.insert(0, month)
    return found if len(found) >= len(period.months) else []


def _table_of_outflow(month: Month, four: Sequence[Figures]) -> HiddenTable:
    rows = _rows([one.outflow_by for one in four])
    rows.setdefault(Ending.CORRECTION.value, NOTHING)
    changes = [only(place, sign) for place, flows in enumerate(month.flows) for sign in sorted(flows.used())]
    return hide_table(rows, changes, _OUTFLOW)


@dataclass
class _Longer:
    """A period of several months. `window`: its months, and before them those of the same school year."""

    period: Period
    window: Sequence[Period]
    around: Around
    months: list[Month] = field(init=False)
    tables: list[HiddenTable] = field(init=False)

    def __post_init__(self) -> None:
        figures = [[self.around[one, month] for one in DEFINITIONS] for month in self.window]
        self.months = [month_of(month, four) for month, four in zip(self.window, figures, strict=True)]
        self.tables = [
            _table_of_outflow(month, four) for month, four in zip(self.months, figures, strict=True)
        ]

    @property
    def inside(self) -> range:
        return range(len(self.window) - len(self.period.months), len(self.window))

    def flows(self, place: int, four: Sequence[Figures]) -> _Flows:
        labels = Labels({name: getattr(four[place], name) for name in (INFLOW, OUTFLOW, REENTRIES)})
        rows = _rows([one.outflow_by for one in four])
        rows.setdefault(Ending.CORRECTION.value, NOTHING)
        table: Labels[Place] = Labels({(at, key): rows[key][at] for key in rows for at in range(len(four))})
        left_out = any(self.tables[nth].left_out for nth in self.inside)
        if self.period.kind == PeriodKind.OTHER:
            hidden = self._hidden(place)
            labels.labels.update({name: HIDDEN for name in labels.counts if name in hidden})
            table.labels.update({cell: HIDDEN for cell in table.counts if cell in hidden})
            touched: Sequence[Mapping[Place, int]] = [{cell: 1} for cell in table.labels]
            return _Flows(labels, table, sorted(rows), touched, left_out)
        fulls, moves = self._moves()
        nets = [full.within(self.inside) for full in fulls[place]]
        hide_changes(labels, INFLOW, {net[0] for net in nets}, self.period)
        hide_changes(labels, OUTFLOW, {net[1] for net in nets}, self.period)
        hide_changes(labels, REENTRIES, reentries(self.months, place, self.inside), self.period)
        changes: dict[Place, set[int]] = {cell: set() for cell in table.labels}
        for move in moves:
            for cell, change in move.items():
                if cell[1] != ELSEWHERE:
                    changes.setdefault(cell, set()).add(change)
        for cell, by in changes.items():
            hide_changes(table, cell, by, self.period)
        return _Flows(labels, table, sorted(rows), moves, left_out)

    def _hidden(self, place: int) -> set[str | Place]:
        """What is hidden in some of the months."""
        found: set[str | Place] = set()
        for nth in self.inside:
            found |= self.months[nth].flows[place].labels.labels.keys()
            found |= self.tables[nth].labels.labels.keys()
        return found

    def _moves(self) -> tuple[list[list[Full]], list[Move]]:
        """The moves of the flows by definition, and how each move changes the breakdown of the outflow of the
        period. Together they change every hidden cell of every month."""
        fulls = [full_moves(self.months, place) for place in range(len(DEFINITIONS))]
        moves: list[Move] = []
        covered: set[tuple[int, Place]] = set()
        for place, found in enumerate(fulls):
            for full in found:
                moves.append(self._of_full(full, place, set() if full.alone else covered))
                if full.alone:
                    moves += self._of_signs(full, place)
        for atom in self._atoms():
            moved = {cell for nth, cell in covered if nth in atom}
            large = self._large(atom)
            for nth in atom:
                for cell in sorted(self.tables[nth].labels.labels):
                    if (
                        cell[1] == ELSEWHERE
                        or (nth, cell) in covered
                        or self._has_cycle(nth, cell, atom, large)
                    ):
                        continue
                    move = self._within(nth, cell, moved)
                    if move is None:
                        place, sign = self._event_of(nth, cell)
                        full = Full({nth: (sign, sign)}, alone=True)
                        fulls[place].append(full)
                        move = self._of_full(full, place, covered)
                    moves.append(move)
                    moved |= move.keys()
                    covered |= {(nth, changed) for changed in move}
        return fulls, moves

    def _atoms(self) -> list[list[int]]:
        """The months of the period, together those of one quarter and school year. What is chosen for them is
        the same whatever longer period they are counted in."""
        found: list[list[int]] = []
        for nth in self.inside:
            if found and same_atom(self.window[found[-1][0]].first, self.window[nth].first):
                found[-1].append(nth)
            else:
                found.append([nth])
        return found

    def _of_full(self, full: Full, place: int, covered: set[tuple[int, Place]]) -> Move:
        net: Move = {}
        for nth, (_, left) in full.changes.items():
            if left and nth in self.inside:
                for cell, change in self._of_total(nth, place, left).items():
                    net[cell] = net.get(cell, 0) + change
                    covered.add((nth, cell))
        return net

    def _of_signs(self, full: Full, place: int) -> list[Move]:
        """What a longer period may need of months that change by themselves: one more and one less."""
        return [
            self._of_total(nth, place, sign)
            for nth in full.changes
            if nth in self.inside
            for sign in (1, -1)
            if self.months[nth].flows[place].admits(sign)
        ]

    def _of_total(self, nth: int, place: int, change: int) -> Move:
        return next(iter(self.tables[nth].by_total[only(place, change)]), {})

    def _within(self, nth: int, cell: Place, moved: set[Place]) -> Move | None:
        """A move of a hidden cell of a month that leaves its outflow: preferably to a key that others move
        too, so that few cells of longer periods change."""
        table, (place, key) = self.tables[nth], cell
        chosen = [one for one in table.moves if cell in one]
        simple = [
            {
                **{(at, key): change for at, change in enumerate(pattern) if change},
                **{(at, other): -change for at, change in enumerate(pattern) if change},
            }
            for pattern in PATTERNS
            if pattern[place] and table.price(key, pattern) == 0
            for other in table.rows
            if other not in (key, ELSEWHERE) and table.price(other, against(pattern)) == 0
        ]
        return min(
            [*chosen, *simple],
            key=lambda move: sum(1 + table.labels.counts[one] for one in move.keys() - moved),
            default=None,
        )

    def _event_of(self, nth: int, cell: Place) -> tuple[int, int]:
        """The definition and the change of outflow that change a cell which no other move changes."""
        for place, flows in enumerate(self.months[nth].flows):
            for sign in (1, -1):
                found = self.tables[nth].by_total.get(only(place, sign), [])
                if flows.admits(sign) and any(cell in move for move in found):
                    return place, sign
        raise ValueError("A hidden cell has no move.")

    def _large(self, atom: Sequence[int]) -> set[Place]:
        """The cells of the breakdown of outflow of which these months together are not small."""
        sums: Counter[Place] = Counter()
        for nth in atom:
            sums.update(self.tables[nth].labels.counts)
        return {cell for cell, count in sums.items() if count >= LEAST}

    def _has_cycle(self, nth: int, cell: Place, atom: Sequence[int], large: set[Place]) -> bool:
        table = self.tables[nth]
        return any(cycles(table, self.tables[other], cell, large) for other in atom if other != nth)


# --- Breakdowns


def _breakdowns(four: Sequence[Figures], place: int, moves: Sequence[Four]) -> dict[str, HiddenTable]:
    """The breakdowns of the members on the last day, but for the one by category, and those by offer."""
    whole = all("" not in one.breakdowns["by_state"] for one in four)
    found = {}
    for name in four[place].breakdowns:
        if name != "by_category":
            counts = [one.breakdowns[name] for one in four]
            found[name] = _breakdown(name, counts, place, moves, joint=whole or name not in _DESCRIBED)
    offers = [{"with_offer": one.with_offer, "without_offer": one.without_offer} for one in four]
    found[_OFFER] = _breakdown(_OFFER, offers, place, moves, joint=whole)
    return found


def _breakdown(
    name: str, counts: Sequence[Mapping[str, int]], place: int, moves: Sequence[Four], *, joint: bool
) -> HiddenTable:
    if joint:
        return hide_table(_rows(counts), moves, _kind(name))
    alone = [one if nth == place else {} for nth, one in enumerate(counts)]
    own = sorted({only(place, move[place]) for move in moves if move[place]})
    kind = Kind(listed=name == _OFFER, places=(place,), loose=frozenset({*counts[place], ELSEWHERE}))
    rows = {key: of_key for key, of_key in _rows(alone).items() if any(of_key) or name == _OFFER}
    return hide_table(rows, own, kind)


def _kind(name: str) -> Kind:
    return Kind(known=name in KNOWN, nobody=frozenset({NO_SCHOOL}), listed=name == _OFFER)


def _categories(labels: Labels[str], definition: str) -> Cells:
    """The members by category: that of D1 is its total, what is added to it are the parts of the others."""
    names = {str(one): str(one) for one in MEMBERS[definition]}
    names[Category.LONG.value] = Definition.D1.value
    return {category: labels.cell(name) for category, name in sorted(names.items()) if labels.cell(name) != 0}


def _rows(counts: Sequence[Mapping[str, int]]) -> dict[str, Four]:
    keys = sorted({key for one in counts for key in one})
    return {key: _counts(one.get(key, 0) for one in counts) for key in keys}


def _counts(counts: Iterable[int]) -> Four:
    first, second, third, fourth = counts
    return first, second, third, fourth


# --- Medians


def _middle(middle: Middle) -> Middle:
    return Middle(0, None) if middle.number < LEAST else middle


def _to_return(middle: Middle, place: int, flows: _Flows) -> Middle:
    """The number of a median is a sum of cells: it is left out where it would tell of hidden ones."""
    for move in flows.changes:
        if sum(change for (at, key), change in move.items() if at == place and key in RETURNED):
            return Middle(0, None)
    hidden = flows.left_out and OUTFLOW in flows.labels.labels
    return Middle(0, None) if hidden else _middle(middle)
