"""Made-up pupils, counted by every definition in any period: figures that agree as real ones do."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from reports.enums import MEMBERS, Definition
from reports.rules.figures import Figures, figures_of
from reports.rules.lines import Leaving, Line, Standing
from reports.rules.periods import DAY, Period

CATEGORIES = ("lrv", "absoluut", "ziek-deels", "5a")
DESTINATIONS = ("eigen-school", "andere-school", "sbo", "vso", "verhuisd-nl", "achttien")


@dataclass
class Pupil:
    """`on`: from which days the pupil is of which category (None: of none), in order; `goes`: how an absence
    that ends in no category ends."""

    on: Sequence[tuple[dt.date, str | None]]
    goes: Sequence[str]
    standing: Standing


def pupil(random: Random, begins: dt.date, days: int, *, schools: int, quick: float) -> Pupil:
    on: list[tuple[dt.date, str | None]] = []
    day = begins + random.randrange(-60, days) * DAY
    category: str | None = random.choice(CATEGORIES[: random.choice((1, 2, 4, 4))])
    while day <= begins + days * DAY:
        on.append((day, category))
        day += (1 + int(random.expovariate(1) * quick)) * DAY
        if random.random() < 0.2:
            category = random.choice([one for one in CATEGORIES if one != category])
        elif category is None:
            category = random.choice(CATEGORIES)
        else:
            category = None
    return Pupil(
        on,
        [random.choice(DESTINATIONS[: random.choice((1, 3, 6))]) for _ in on],
        Standing(
            category="",
            duration=random.choice(("<4w", "4w-3m", "3-6m", "6-12m", ">12m")),
            sector=random.choice(("VO", "VO", "BO", "VSO")),
            age=random.randrange(12, 17),
            year_group=random.choice((None, 1, 2)),
            municipality=f"03{random.randrange(1 + schools // 2):02}",
            school=random.choice(
                ("", f"{random.randrange(schools):02}AA", f"{random.randrange(schools):02}AA")
            ),
            site="",
            first_day=begins,
            reason=random.choice(("ONB", "G1", "G2")),
            offered=random.random() < 0.5,
            state=random.choice(("gesignaleerd", "onderzoek", "plan")),
        ),
    )


def line_of(nth: int, one: Pupil, definition: str, period: Period) -> Line | None:
    """The line of a pupil in a period, counted from day to day."""
    line = Line(nth, start=False)
    before, earlier = False, False
    for place, (day, category) in enumerate(one.on):
        member = category in MEMBERS[definition]
        if day <= period.day_before:
            line.start = member
        if day in period:
            if member and not before:
                line.entered.append(day)
                line.returns += earlier
            if before and not member:
                line.left.append(
                    Leaving(day, _ending(one, place, category), absent=(day - one.on[0][0]).days)
                )
        if day <= period.last:
            standing = one.standing
            line.end = Standing(**{**_fields(standing), "category": category}) if member else None
        before, earlier = member, earlier or member
    return line if line.start or line.entered else None


def _ending(one: Pupil, place: int, category: str | None) -> str:
    if category is None:
        return one.goes[place]
    return "exemption" if category == "5a" else "authorised" if category == "ziek-deels" else "correction"


def _fields(standing: Standing) -> dict[str, object]:
    return {name: getattr(standing, name) for name in Standing.__slots__}


def counted(pupils: Sequence[Pupil], periods: Iterable[Period]) -> dict[tuple[str, Period], Figures]:
    return {
        (str(definition), period): figures_of(
            line
            for nth, one in enumerate(pupils)
            if (line := line_of(nth, one, definition, period)) is not None
        )
        for definition in Definition.values
        for period in periods
    }


def some_pupils(
    seed: int,
    *,
    number: int,
    months: int = 3,
    schools: int = 4,
    quick: float = 20,
    begins: dt.date = dt.date(2026, 1, 1),
) -> list[Pupil]:
    random = Random(seed)
    return [pupil(random, begins, months * 30, schools=schools, quick=quick) for _ in range(number)]
