"""What the pages of a version show beside its figures: cases by their numbers, and nothing else of them."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from accounts.models import User
from cases.models import Case
from cases.queries.visibility import cases_visible_to
from common.arrays import among
from reports.enums import Cause
from reports.models import Version
from reports.queries.differences import FigureRow, figure_rows, moves_of, sentence_of
from reports.rules.differences import Differences, Moved
from reports.rules.warnings import of_cases

#: So many cases of one kind are named.
MOST = 50


@dataclass(frozen=True)
class Named:
    """A case by its number; a link for who sees it. `number` is empty where the case is kept no longer."""

    number: str
    is_seen: bool
    moves: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """Cases of a kind: how many, and the numbers of the first of them."""

    key: str
    label: str
    count: int
    cases: list[Named]

    @property
    def more(self) -> int:
        return self.count - len(self.cases)


@dataclass(frozen=True)
class Joined:
    """How a report joins the one beside it: a sentence, and the cases by cause."""

    sentence: str
    version: Version | None
    agrees: bool
    groups: list[Group]

    @property
    def kind(self) -> str:
        return "ok" if self.agrees else "warning"


@dataclass(frozen=True)
class Changed:
    """What differs between two counts: figures in words, and the cases by cause."""

    rows: list[FigureRow]
    groups: list[Group]


def standing_out_in(version: Version, user: User, *, on: dt.date) -> list[Group]:
    """What stood out when it was counted."""
    kept: list[tuple[str, list[int]]] = [(code, cases) for code, cases in version.standing_out]
    words = [warned.text for warned in of_cases(kept)]
    names = _names((key for _code, cases in kept for key in cases[:MOST]), user, on=on)
    return [
        Group(code, text, len(cases), [names(Moved(key, "")) for key in cases[:MOST]])
        for (code, cases), text in zip(kept, words, strict=True)
    ]


def joins_of(version: Version, user: User, *, on: dt.date) -> list[Joined]:
    """How it joined what was issued beside it, when it was counted."""
    beside = Version.objects.in_bulk([seam.version for seam in version.joins])
    return [
        Joined(sentence_of(seam), beside.get(seam.version), not seam.cases, _groups(seam.cases, user, on=on))
        for seam in version.joins
    ]


def changed(differences: Differences, user: User, *, on: dt.date) -> Changed:
    return Changed(figure_rows(differences.figures), _groups(differences.cases, user, on=on))


def _groups(cases: Sequence[Moved], user: User, *, on: dt.date) -> list[Group]:
    by_cause = {cause: [it for it in cases if it.cause == cause] for cause in Cause}
    names = _names((it.case_id for some in by_cause.values() for it in some[:MOST]), user, on=on)
    return [
        Group(cause.value, str(cause.label), len(some), [names(it) for it in some[:MOST]])
        for cause, some in by_cause.items()
        if some
    ]


class _Names:
    """Numbers of cases by their keys, and which of them somebody sees; two queries for any number."""

    def __init__(self, keys: Collection[int], user: User, *, on: dt.date) -> None:
        wanted = Case.objects.filter(pk__in=among(keys)).order_by()
        self.numbers = dict(wanted.values_list("pk", "number"))
        seen = cases_visible_to(user, on=on).filter(pk__in=among(keys)).order_by()
        self.seen = set(seen.values_list("pk", flat=True))

    def __call__(self, moved: Moved) -> Named:
        key = moved.case_id
        return Named(self.numbers.get(key, ""), key in self.seen, moves_of(moved))


def _names(keys: Iterable[int], user: User, *, on: dt.date) -> _Names:
    return _Names(set(keys), user, on=on)
