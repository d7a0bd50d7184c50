"""What was expected and what arrived, for each scenario."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Name = TypeVar("Name")  # of one thing that has to arrive
HEAD = ("scenario", "expected", "received", "lost", "doubled", "excused", "kills", "seconds")


@dataclass(frozen=True)
class Count:
    """One scenario. `excused`: at most so many doubles, that nobody can exclude: the sender never heard the
    answer."""

    scenario: str
    expected: int
    received: int
    lost: int
    doubled: int
    excused: int
    kills: int
    seconds: float

    @property
    def row(self) -> tuple[str, ...]:
        numbers = (self.expected, self.received, self.lost, self.doubled, self.excused, self.kills)
        return (self.scenario, *(str(number) for number in numbers), f"{self.seconds:.1f}")


def lost(expected: Iterable[Name], received: Iterable[Name]) -> list[Name]:
    return sorted((Counter(expected) - Counter(received)).elements())


def surplus(expected: Iterable[Name], received: Iterable[Name]) -> list[Name]:
    """What arrived more often than it should, and what nobody expected."""
    return sorted((Counter(received) - Counter(expected)).elements())


def table(counts: Iterable[Count]) -> str:
    counts = list(counts)
    total = Count(
        scenario="together",
        expected=sum(count.expected for count in counts),
        received=sum(count.received for count in counts),
        lost=sum(count.lost for count in counts),
        doubled=sum(count.doubled for count in counts),
        excused=sum(count.excused for count in counts),
        kills=sum(count.kills for count in counts),
        seconds=sum(count.seconds for count in counts),
    )
    rows = [HEAD, *(count.row for count in counts), total.row]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def write(counts: Iterable[Count], file: Path) -> str:
    text = table(counts)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")
    return text
