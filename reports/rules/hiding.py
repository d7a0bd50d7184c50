"""The means of hiding small cells: labels, and moves from the true counts to others that nobody can tell from
them.

A move changes some counts by one, so that everything that follows from the definitions stays so. A cell is
hidden when it is small or when a chosen move changes it. As each hidden cell is changed by a chosen move, and
a move changes hidden cells only, no hidden cell can be computed from what is shown, however it is put
together.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

from reports.rules.shown import HIDDEN, SMALL, Cell

#: Counts below this one and above zero are hidden, and medians of fewer.
LEAST = 5

#: What a relabelling of SMALL as HIDDEN weighs.
RELABEL = 5

Key = TypeVar("Key", bound=Hashable)
Option = TypeVar("Option")

#: The counts of D1 to D4 of one thing, or how a move changes them.
Four = tuple[int, int, int, int]

NOTHING: Four = (0, 0, 0, 0)


def parts_of(counts: Four) -> Four:
    """Who is in D1; who comes to it in D2; who comes to that in D3; and in D4."""
    first, second, third, fourth = counts
    return first, second - first, third - second, fourth - second


def _patterns() -> Iterator[Four]:
    for first, second, third, fourth in product((1, 0, -1), repeat=4):
        pattern = first, second, third, fourth
        if any(pattern) and all(-1 <= part <= 1 for part in parts_of(pattern)):
            yield pattern


#: Every change of a cell in the four definitions by which each count and each part changes by one at most,
#: the simplest first.
PATTERNS: tuple[Four, ...] = tuple(
    sorted(
        _patterns(),
        key=lambda pattern: (
            sum(map(abs, pattern)),
            sum(map(abs, parts_of(pattern))),
            -sum(pattern),
            pattern,
        ),
    )
)


def against(pattern: Four) -> Four:
    first, second, third, fourth = pattern
    return -first, -second, -third, -fourth


def both(one: Four, other: Four) -> Four:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def only(place: int, sign: int) -> Four:
    """A change of one definition alone."""
    return (
        sign if place == 0 else 0,
        sign if place == 1 else 0,
        sign if place == 2 else 0,
        sign if place == 3 else 0,
    )


def stays_nested(counts: Four, pattern: Four) -> bool:
    """Whether no definition loses what it must hold of another (where it does so in truth)."""
    return all(
        change >= 0 or part + change >= 0
        for part, change in zip(parts_of(counts), parts_of(pattern), strict=True)
    )


def is_small(count: int) -> bool:
    return 0 < count < LEAST


@dataclass
class Labels(Generic[Key]):
    """How counts are shown: those without a label as they are."""

    counts: Mapping[Key, int]
    labels: dict[Key, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.labels = {key: SMALL for key, count in self.counts.items() if is_small(count)}

    def price(self, key: Key, change: int, weight: int) -> int | None:
        """What it costs to hide that a count changes: its weight where it is shown yet. None where it
        cannot change so."""
        count = self.counts[key] + change
        if count < 0:
            return None
        if not change:
            return 0
        label = self.labels.get(key)
        if label is None:
            return weight
        return RELABEL if label == SMALL and not is_small(count) else 0

    def admits(self, key: Key, change: int) -> bool:
        """Whether a count can change without another label."""
        return not change or (key in self.labels and self.price(key, change, 1) == 0)

    def touch(self, key: Key, change: int) -> None:
        """Hides that a count changes."""
        if self.price(key, change, 1):
            self.labels[key] = HIDDEN

    def cell(self, key: Key) -> Cell:
        return self.labels.get(key, self.counts[key])


def cheapest(options: Iterable[tuple[int | None, Option]]) -> tuple[int, Option] | None:
    """The first of the options that cost least; None where none can be."""
    found: tuple[int, Option] | None = None
    for price, option in options:
        if price is not None and (found is None or price < found[0]):
            found = price, option
            if not price:
                break
    return found


def summed(prices: Iterable[int | None]) -> int | None:
    """All prices together; None where one of them is."""
    total = 0
    for price in prices:
        if price is None:
            return None
        total += price
    return total
