"""Which cells of a breakdown are hidden, in all four definitions at once: a table of keys, of which each has
its counts in D1 to D4."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from reports.rules.hiding import (
    NOTHING,
    PATTERNS,
    Four,
    Labels,
    against,
    both,
    cheapest,
    only,
    stays_nested,
    summed,
)
from reports.rules.shown import Cells

#: Stands for a key that no definition counts at all: what it takes up can only be hidden by leaving the table
#: out.
ELSEWHERE = "?"

#: What it weighs to hide a cell of at least five (and its size), the same in the default definition, a cell
#: of zero where zeros are left out and where they are shown, and to leave out a table with and without
#: counts.
_SHOWN, _DEFAULT, _ZERO, _LISTED, _TABLE, _EMPTY = 100, 40, 350, 60, 20_000, 30
_LARGEST = 400
_APART = 3
_PLACE_OF_DEFAULT = 1

#: A cell: the place of its definition, and its key.
Place = tuple[int, str]
Move = dict[Place, int]


@dataclass
class Kind:
    """What is known of a table. `known`: somebody may know one of its keys exactly in every definition, but
    for those of `nobody`.
    `listed`: keys that are shown also when they are zero. `loose`: keys that definitions need not share.
    `together`: keys that are counted together elsewhere, so that moves among them (or among the others) are
    preferred. `places`: of the definitions that are counted."""

    known: bool = False
    nobody: frozenset[str] = frozenset()
    listed: bool = False
    loose: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()
    places: tuple[int, ...] = (0, 1, 2, 3)


@dataclass
class HiddenTable:
    """A table with hidden cells. `moves`: the chosen ones that leave its totals as they are. `by_total`:
    those that change the totals so. `left_out`: it is not shown at all."""

    kind: Kind
    labels: Labels[Place]
    rows: dict[str, Four]
    moves: list[Move] = field(default_factory=list)
    by_total: dict[Four, list[Move]] = field(default_factory=dict)
    left_out: bool = False
    _prices: dict[str, dict[Four, int | None]] = field(default_factory=dict)
    _touching: dict[Place, list[frozenset[str]]] = field(default_factory=dict)

    def cells(self, place: int, keys: Iterable[str]) -> Cells:
        """The cells of a definition: of these keys, and of all that are hidden."""
        if self.left_out:
            return {}
        wanted = set(keys)
        return {
            key: self.labels.cell((place, key))
            for key in sorted(self.rows)
            if key != ELSEWHERE and (key in wanted or (place, key) in self.labels.labels)
        }

    @property
    def all_moves(self) -> list[Move]:
        return [*self.moves, *(move for moves in self.by_total.values() for move in moves)]

    def price(self, key: str, pattern: Four) -> int | None:
        """What it costs that a key changes so in the four definitions."""
        known = self._prices.setdefault(key, {})
        if pattern not in known:
            known[pattern] = self._price(key, pattern)
        return known[pattern]

    def _price(self, key: str, pattern: Four) -> int | None:
        if key not in self.kind.loose and not stays_nested(self.rows[key], pattern):
            return None
        return summed(
            self.labels.price((place, key), pattern[place], self._weight(place, key))
            for place in self.kind.places
            if pattern[place]
        )

    def _weight(self, place: int, key: str) -> int:
        if key == ELSEWHERE:
            return _TABLE if any(self.rows[other][place] for other in self.rows) else _EMPTY
        count = self.rows[key][place]
        if not count:
            return _LISTED if self.kind.listed else _ZERO
        return _SHOWN + min(count, _LARGEST) // 4 + (_DEFAULT if place == _PLACE_OF_DEFAULT else 0)

    def hide(self, changes: Mapping[str, Four]) -> Move:
        """Hides that keys change so."""
        touched = frozenset(changes)
        move: Move = {}
        for key, pattern in changes.items():
            for place in self.kind.places:
                if pattern[place]:
                    if key == ELSEWHERE and self._weight(place, key) == _TABLE:
                        self.left_out = True
                    self.labels.touch((place, key), pattern[place])
                    self._touching.setdefault((place, key), []).append(touched - {key})
                    move[place, key] = pattern[place]
            self._prices.pop(key, None)
        return move

    def apart(self, *keys: str) -> int:
        """What it weighs that a move changes what is counted together elsewhere."""
        return _APART * (sum(key in self.kind.together for key in keys) == 1)

    def shared(self, cell: Place) -> frozenset[str] | None:
        """The keys that every chosen move of a cell changes too; None where there is no move of it."""
        touching = self._touching.get(cell)
        return frozenset.intersection(*touching) if touching else None


def hide_table(rows: Mapping[str, Four], totals: Iterable[Four], kind: Kind) -> HiddenTable:
    """Hides the cells of a table. `totals`: changes of the totals that it must be able to take up."""
    patterns = _patterns(kind)
    counts: dict[str, Four] = {**{key: rows[key] for key in sorted(rows)}, ELSEWHERE: NOTHING}
    labels: Labels[Place] = Labels(
        {(place, key): counts[key][place] for key in counts for place in kind.places}
    )
    table = HiddenTable(kind, labels, counts)
    for total in totals:
        _take_up(table, total, patterns)
    waiting = sorted(labels.labels, key=lambda cell: (abs(cell[0] - _PLACE_OF_DEFAULT), cell[1]))
    done: set[Place] = set()
    while waiting and not table.left_out:
        for cell in waiting:
            _cover(table, cell, patterns)
        done.update(waiting)
        waiting = sorted(labels.labels.keys() - done)
    return table


def _patterns(kind: Kind) -> Sequence[Four]:
    if len(kind.places) == len(NOTHING):
        return PATTERNS
    return [only(place, sign) for place in kind.places for sign in (1, -1)]


def _take_up(table: HiddenTable, total: Four, patterns: Sequence[Four]) -> None:
    """Chooses what takes up a change of the totals; twice where somebody may know one of the keys."""
    moves: list[Move] = []
    banned: frozenset[str] = frozenset()
    for _ in range(2 if table.kind.known else 1):
        found = _take_up_once(table, total, patterns, banned)
        if found is None:
            table.left_out = True
            break
        moves.append(table.hide(found))
        banned = frozenset(found) - table.kind.nobody
    table.by_total[total] = moves


def _take_up_once(
    table: HiddenTable, total: Four, patterns: Sequence[Four], banned: frozenset[str]
) -> dict[str, Four] | None:
    keys = [key for key in table.rows if key not in banned]
    single = cheapest((summed([table.price(key, total), table.apart(key)]), {key: total}) for key in keys)
    if single is not None and single[0] < _SHOWN:
        return single[1]
    paired = cheapest(_with_pairs(table, total, patterns, keys))
    found = [one for one in (single, paired) if one is not None]
    return min(found, key=lambda one: one[0])[1] if found else None


def _with_pairs(
    table: HiddenTable, total: Four, patterns: Sequence[Four], keys: Sequence[str]
) -> Iterator[tuple[int | None, dict[str, Four]]]:
    """A change of the totals at one key, and at the same time another change from this key to one more."""
    for pattern in patterns:
        joint = both(total, pattern)
        if joint == NOTHING or max(map(abs, joint)) > 1:
            continue
        others = _cheapest_keys(table, against(pattern), keys)
        for key in keys:
            price = table.price(key, joint)
            other = next((one for one in others if one[1] != key), None)
            if price is not None and other is not None:
                yield price + other[0], {key: joint, other[1]: against(pattern)}


def _cheapest_keys(table: HiddenTable, pattern: Four, keys: Iterable[str]) -> list[tuple[int, str]]:
    """The two keys that can change so for the least."""
    found: list[tuple[int, str]] = []
    for key in keys:
        price = table.price(key, pattern)
        if price is not None and (len(found) < 2 or price < found[1][0]):
            found = sorted([*found, (price, key)], key=lambda one: one[0])[:2]
    return found


def _cover(table: HiddenTable, cell: Place, patterns: Sequence[Four]) -> None:
    """Chooses moves of a hidden cell that leave the totals: one, or where somebody may know a key as many as
    do not all change the same other key."""
    place, key = cell
    if key == ELSEWHERE:
        return
    while not table.left_out:
        shared = table.shared(cell)
        if shared is not None and not (table.kind.known and shared):
            return
        others = [other for other in table.rows if other != key and other not in (shared or ())]
        found = cheapest(_pairs(table, key, [one for one in patterns if one[place]], others))
        if found is None:
            table.left_out = True
            return
        table.moves.append(table.hide(found[1]))


def _pairs(
    table: HiddenTable, key: str, patterns: Iterable[Four], others: Sequence[str]
) -> Iterator[tuple[int | None, dict[str, Four]]]:
    alike = [other for other in others if not table.apart(key, other)]
    choices = [(alike, 0), (others, _APART)] if len(alike) < len(others) else [(others, 0)]
    for pattern in patterns:
        price = table.price(key, pattern)
        if price is None:
            continue
        for among, more in choices:
            for other_price, other in _cheapest_keys(table, against(pattern), among)[:1]:
                yield price + other_price + more, {key: pattern, other: against(pattern)}


# --- Longer periods


def cycles(one: HiddenTable, other: HiddenTable, cell: Place, large: Set[Place]) -> bool:
    """Whether a hidden cell of a month can change together with another key of it and the same two keys of
    another month, so that no total and no sum over both months changes. `large`: cells of which the sum over
    the months is not small."""
    place, key = cell
    for pattern in PATTERNS:
        places = [at for at, change in enumerate(pattern) if change]
        back = against(pattern)
        if place not in places or not _all_free((one, key, pattern), (other, key, back)):
            continue
        for second in one.rows:
            if (
                second != key
                and all((at, it) in large for at in places for it in (key, second))
                and _all_free((one, second, back), (other, second, pattern))
            ):
                return True
    return False


def _all_free(*changes: tuple[HiddenTable, str, Four]) -> bool:
    """Whether these keys of these tables can change so without hiding more."""
    return all(key in table.rows and table.price(key, by) == 0 for table, key, by in changes)
