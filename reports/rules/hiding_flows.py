"""Which stocks and flows are hidden, in all four definitions at once.

Stocks of a day are hidden by their values alone, so that the end of one period and the start of the next are
hidden alike. Flows of a month follow from its own figures and those of its two days. Longer periods follow
from their months, the earlier ones first: so what was given out before never depends on what comes later.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cases.enums import Category
from reports.enums import Definition, PeriodKind
from reports.rules.figures import Figures
from reports.rules.hiding import (
    LEAST,
    PATTERNS,
    Four,
    Key,
    Labels,
    cheapest,
    is_small,
    parts_of,
    stays_nested,
    summed,
)
from reports.rules.periods import Period, quarter_of, school_year_of
from reports.rules.shown import HIDDEN, SMALL

DEFINITIONS: tuple[str, ...] = tuple(Definition.values)

#: The categories that have a cell of their own in some definition; that of D1 is its total.
_PARTS = (Category.ABSOLUTE.value, Category.ILL_PARTLY.value, Category.EXEMPT_5A.value)

#: What it weighs to hide a stock: the default definition goes last, parts go before totals.
_STOCK: dict[str, int] = {Definition.D2: 1000, Definition.D4: 130, Definition.D3: 120, Definition.D1: 60}
_PART, _ZERO_STOCK = 20, 70

#: In this order hidden stocks look for a move.
_ORDER = (Definition.D2, Definition.D1, *_PARTS, Definition.D3, Definition.D4)

INFLOW, OUTFLOW, REENTRIES = "inflow", "outflow", "reentries"

#: What it weighs to hide a flow that is at least five, and one that is zero.
_FLOW, _ZERO_FLOW = 20, 40

#: A change of inflow and of outflow.
Change = tuple[int, int]

#: The quarter that lies in two school years, so that its cells take part in the hiding of both.
_SPLIT = 7


@dataclass(frozen=True)
class Stocks:
    """The members on a day by definition and category, and moves that nobody can tell from the truth."""

    labels: Labels[str]
    moves: tuple[Four, ...]


@lru_cache(maxsize=4096)
def stocks_of(counts: Four) -> Stocks:
    """How the stocks of a day are hidden, whatever the day."""
    labels: Labels[str] = Labels(
        {
            **dict(zip(DEFINITIONS, counts, strict=True)),
            **dict(zip(_PARTS, parts_of(counts)[1:], strict=True)),
        }
    )
    moves: list[Four] = []
    touched: set[str] = set()
    for key in _ORDER:
        if key not in labels.labels or key in touched:
            continue
        found = cheapest(
            (_stock_price(labels, counts, pattern), pattern)
            for pattern in PATTERNS
            if _stock_changes(pattern).get(key)
        )
        if found is None:
            continue
        moves.append(found[1])
        for changed, change in _stock_changes(found[1]).items():
            labels.touch(changed, change)
            touched.add(changed)
    return Stocks(labels, tuple(moves))


def _stock_price(labels: Labels[str], counts: Four, pattern: Four) -> int | None:
    """What a move of the stocks costs; a little more where one less has to be found among few."""
    if not stays_nested(counts, pattern):
        return None
    parts = zip(parts_of(counts), parts_of(pattern), strict=True)
    rare = sum(change < 0 and count < LEAST for count, change in parts)
    prices = [
        labels.price(key, change, _STOCK.get(key, _PART) + _ZERO_STOCK * (labels.counts[key] == 0))
        for key, change in _stock_changes(pattern).items()
    ]
    return summed([*prices, rare])


@lru_cache(maxsize=64)
def _stock_changes(pattern: Four) -> dict[str, int]:
    """The cells that a move of the stocks changes."""
    changes = zip((*DEFINITIONS, *_PARTS), (*pattern, *parts_of(pattern)[1:]), strict=True)
    return {key: change for key, change in changes if change}


@dataclass
class Flows:
    """How the flows of one definition in a month are hidden.

    `absorbed`: how they take up a move of the stocks of the day before ("start") or of the last day ("end").
    `events`: one more or one less in and out. `revisits`: one more or one less reentry.
    """

    labels: Labels[str]
    price: int = 0
    absorbed: dict[tuple[str, Four], Change] = field(default_factory=dict)
    events: list[int] = field(default_factory=list)
    revisits: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, figures: Figures) -> "Flows":
        names = (INFLOW, OUTFLOW, REENTRIES)
        return cls(Labels({name: getattr(figures, name) for name in names}))

    def priced(self, change: Change) -> int | None:
        """What a change costs. There are never more reentries than there is inflow."""
        entered, left = change
        counts = self.labels.counts
        if entered < 0 and counts[INFLOW] + entered < counts[REENTRIES]:
            return None
        prices = []
        for name, by in ((INFLOW, entered), (OUTFLOW, left)):
            prices.append(self.labels.price(name, by, _FLOW if counts[name] else _ZERO_FLOW))
        return summed(prices)

    def choose(self, options: Iterable[Change]) -> Change:
        """Hides the cheapest of these changes."""
        found = cheapest((self.priced(option), option) for option in options)
        if found is None:
            raise ValueError("These flows cannot be those of their stocks.")
        self.price += found[0]
        self.labels.touch(INFLOW, found[1][0])
        self.labels.touch(OUTFLOW, found[1][1])
        return found[1]

    def admits(self, sign: int) -> bool:
        """Whether one more (or one less) may have come in and gone out."""
        return (
            INFLOW in self.labels.labels and OUTFLOW in self.labels.labels and self.priced((sign, sign)) == 0
        )

    def admits_reentry(self, sign: int) -> bool:
        counts = self.labels.counts
        return counts[REENTRIES] + sign <= counts[INFLOW] and self.labels.admits(REENTRIES, sign)

    def used(self) -> set[int]:
        """The changes of outflow that the breakdown of outflow must be able to take up."""
        found = {change[1] for change in self.absorbed.values() if change[1]}
        return found | {sign for sign in (1, -1) if self.admits(sign)}


@dataclass(frozen=True)
class Month:
    """How the flows of a month are hidden, by definition. `carried`: moves of the stocks that go on from its
    day before to its last day, so that its flows stay as they are."""

    period: Period
    start: Stocks
    end: Stocks
    flows: Sequence[Flows]
    carried: frozenset[Four]


def month_of(period: Period, figures: Sequence[Figures]) -> Month:
    """`figures`: of the four definitions, in order."""
    start, end = (stocks_of(_four(one)) for one in _stocks(figures))
    common = frozenset(start.moves) & frozenset(end.moves)
    choices = [common, frozenset[Four]()] if common else [common]
    found = [Month(period, start, end, _flows(figures, start, end, carried), carried) for carried in choices]
    return min(found, key=lambda month: sum(flows.price for flows in month.flows))


def _stocks(figures: Sequence[Figures]) -> Iterator[list[int]]:
    yield [one.start for one in figures]
    yield [one.end for one in figures]


def _four(counts: Sequence[int]) -> Four:
    first, second, third, fourth = counts
    return first, second, third, fourth


def _flows(figures: Sequence[Figures], start: Stocks, end: Stocks, carried: frozenset[Four]) -> list[Flows]:
    found = []
    for place, (definition, one) in enumerate(zip(DEFINITIONS, figures, strict=True)):
        flows = Flows.of(one)
        for side, stocks, towards in (("start", start, -1), ("end", end, 1)):
            for pattern in stocks.moves:
                needed = towards * pattern[place]
                if needed and pattern not in carried:
                    flows.absorbed[side, pattern] = flows.choose([(needed, 0), (0, -needed)])
        hidden = [definition in stocks.labels.labels for stocks in (start, end)]
        _hide_in_and_out(flows, at_edge=hidden[0] != hidden[1] and max(one.start, one.end) >= LEAST)
        _hide_reentries(flows)
        found.append(flows)
    return found


def _hide_in_and_out(flows: Flows, *, at_edge: bool) -> None:
    """`at_edge`: only one of the stocks is hidden and the other is shown. There a small flow is hidden
    together with the other flow, or a longer period would give it away."""
    counts, labels = flows.labels.counts, flows.labels.labels
    touched = [
        {name for name, by in zip((INFLOW, OUTFLOW), change, strict=True) if by}
        for change in flows.absorbed.values()
    ]
    alone = {name for name in (INFLOW, OUTFLOW) if name in labels} - set[str]().union(*touched)
    if alone or (at_edge and any(is_small(counts[name]) for name in (INFLOW, OUTFLOW))):
        flows.events.append(flows.choose([(1, 1), (-1, -1)])[0])


def _hide_reentries(flows: Flows) -> None:
    labels = flows.labels
    if REENTRIES not in labels.labels:
        return
    count, most = labels.counts[REENTRIES], labels.counts[INFLOW]
    found = cheapest((labels.price(REENTRIES, sign, 0), sign) for sign in (1, -1) if count + sign <= most)
    if found is not None:
        labels.touch(REENTRIES, found[1])
        flows.revisits.append(found[1])


# --- Longer periods


@dataclass(frozen=True)
class Full:
    """A move of one definition through all months: the changes of inflow and outflow by month. `alone`: it
    changes the quarter of each of these months."""

    changes: dict[int, Change]
    alone: bool = False

    def within(self, places: range) -> Change:
        found = [change for place, change in self.changes.items() if place in places]
        return sum(one[0] for one in found), sum(one[1] for one in found)


def full_moves(months: Sequence[Month], place: int) -> list[Full]:
    """Every chosen move of a definition through these months in a row, which begin a school year or later."""
    flows = [month.flows[place] for month in months]
    found = [*_of_stocks(months, place)]
    alone = []
    for nth, one in enumerate(flows):
        if one.events:
            pair = _pair(months, flows, nth, _in_quarter(months, nth))
            if pair is None:
                alone.append(nth)
            else:
                found.append(pair)
    for nth in alone:
        year = school_year_of(months[nth].period.first)
        others = [other for other in alone if other != nth and months[other].period.first in year]
        pair = _pair(months, flows, nth, others, whole_quarters=True)
        sign = flows[nth].events[0]
        found.append(Full(pair.changes if pair else {nth: (sign, sign)}, alone=True))
    return found


def _of_stocks(months: Sequence[Month], place: int) -> Iterator[Full]:
    """Moves of stocks: over all the days on which they go on, taken up by the flows before and after."""
    for day in range(len(months) + 1):
        moves = months[day].start.moves if day < len(months) else months[-1].end.moves
        for pattern in moves:
            if not pattern[place] or (day > 0 and pattern in months[day - 1].carried):
                continue
            last = day
            while last < len(months) and pattern in months[last].carried:
                last += 1
            changes: dict[int, Change] = {}
            if day > 0:
                changes[day - 1] = months[day - 1].flows[place].absorbed["end", pattern]
            if last < len(months):
                changes[last] = months[last].flows[place].absorbed["start", pattern]
            yield Full(changes)


def _in_quarter(months: Sequence[Month], nth: int) -> list[int]:
    """The other months of the same quarter and school year."""
    first = months[nth].period.first
    return [
        other for other in range(len(months)) if other != nth and same_atom(months[other].period.first, first)
    ]


def same_atom(one: dt.date, other: dt.date) -> bool:
    """Whether two days are in the same quarter and in the same school year."""
    return quarter_of(one) == quarter_of(other) and school_year_of(one) == school_year_of(other)


def _pair(
    months: Sequence[Month],
    flows: Sequence[Flows],
    nth: int,
    others: Sequence[int],
    *,
    whole_quarters: bool = False,
) -> Full | None:
    """One more in and out of a month and one less of another one: longer periods with both stay as they are.
    They are not small themselves."""
    for other in others:
        told = [flows[one].labels.counts for one in ((nth, other) if whole_quarters else (nth, *others))]
        if any(sum(counts[name] for counts in told) < LEAST for name in (INFLOW, OUTFLOW)):
            continue
        for sign in (1, -1):
            if not (flows[nth].admits(sign) and flows[other].admits(-sign)):
                continue
            if whole_quarters and not (
                _quarter_admits(months, flows, nth, sign) and _quarter_admits(months, flows, other, -sign)
            ):
                continue
            return Full({nth: (sign, sign), other: (-sign, -sign)})
    return None


def _quarter_admits(months: Sequence[Month], flows: Sequence[Flows], nth: int, sign: int) -> bool:
    """Whether the quarter of a month, hidden itself, can change so."""
    quarter = quarter_of(months[nth].period.first)
    if quarter.first.month == _SPLIT:
        return True
    inside = [flow for month, flow in zip(months, flows, strict=True) if month.period.first in quarter]
    for name in (INFLOW, OUTFLOW):
        count = sum(flow.labels.counts[name] for flow in inside)
        if is_small(count) and not is_small(count + sign):
            return False
    return True


def hide_changes(labels: Labels[Key], key: Key, changes: set[int], period: Period) -> None:
    """Hides a cell of a quarter or school year that moves change. SMALL where all of them leave it small,
    except in the quarter that is in two school years, which must admit moves of both."""
    if changes - {0} or key in labels.labels:
        count = labels.counts[key]
        split = period.kind == PeriodKind.QUARTER and period.first.month == _SPLIT
        small = not split and is_small(count) and all(is_small(count + change) for change in changes)
        labels.labels[key] = SMALL if small else HIDDEN


def reentries(months: Sequence[Month], place: int, inside: range) -> set[int]:
    """The changes of the reentries of a longer period."""
    flows = [month.flows[place] for month in months]
    found: set[int] = set()
    for nth in range(len(months)):
        for sign in flows[nth].revisits:
            other = _other_reentry(flows, nth, _in_quarter(months, nth))
            if (nth in inside) != (other in inside):
                found |= {sign} if nth in inside else {1, -1}
    return found


def _other_reentry(flows: Sequence[Flows], nth: int, others: Sequence[int]) -> int | None:
    """A month of which a reentry can be one of this month, and the other way round."""
    if sum(flows[one].labels.counts[REENTRIES] for one in (nth, *others)) < LEAST:
        return None
    for other in others:
        if any(flows[nth].admits_reentry(by) and flows[other].admits_reentry(-by) for by in (1, -1)):
            return other
    return None
