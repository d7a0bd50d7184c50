"""In which state a spell was on which day, by its changes as they were known."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from cases.enums import TAKEN_BACK, Source, State
from reports.rules.periods import Period


class Move(NamedTuple):
    on: dt.date
    transition: str
    from_state: str
    to_state: str
    source: str


#: In which order an import enters states of one day: that of the columns.
ORDER = list(State)


def entered(moves: Iterable[Move], signalled_on: dt.date) -> list[Move]:
    """The moves that count, by day, of those in the order in which they became known: an import that brings
    another day of a state replaces the one that it brought before, or takes the state back. The first state
    begins on the day of the signal as it is known."""
    found: list[Move] = []
    for move in moves:
        if move.transition == TAKEN_BACK:
            found = [one for one in found if one.to_state != move.from_state]
            continue
        if move.source == Source.IMPORT:
            found = [one for one in found if (one.to_state, one.source) != (move.to_state, move.source)]
        found.append(move)
    if found and found[0].to_state == State.SIGNALLED:
        found[0] = found[0]._replace(on=signalled_on)
    return sorted(found, key=_place)


def _place(move: Move) -> tuple[dt.date, bool, int]:
    """On one day what an import brought comes first; what people did stays in their order."""
    imported = move.source == Source.IMPORT
    return move.on, not imported, ORDER.index(State(move.to_state)) if imported else 0


def state_on(moves: Sequence[Move], day: dt.date) -> str:
    """The state on a day; before the first move a case is signalled."""
    return next((move.to_state for move in reversed(moves) if move.on <= day), State.SIGNALLED.value)


def ended_in(moves: Sequence[Move], period: Period) -> list[tuple[str, int]]:
    """The days spent in each state that was left in the period."""
    return [
        (move.to_state, (following.on - move.on).days)
        for move, following in pairwise(moves)
        if following.on in period and following.to_state != move.to_state
    ]
