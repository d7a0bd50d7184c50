"""Members for each 1,000 pupils of school age, where the numbers of pupils are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.models import SchoolAgePopulation
from reports.rules.figures import Counts
from reports.rules.periods import Period, school_year_of
from schools.models import Municipality, Partnership

PER = 1000


@dataclass(frozen=True)
class Rates:
    """With one decimal. `year`: of the 1 October on which the pupils were counted. `whole` is that of the
    municipalities in which the partnership has sites; None where one of their numbers is not known, and
    `missing` names those."""

    year: int
    by_municipality: Mapping[str, float] = field(default_factory=dict)
    whole: float | None = None
    missing: tuple[str, ...] = ()


def rates_of(partnership: Partnership, period: Period, members: Counts) -> Rates:
    """`members`: those on the last day by the municipality in which they live."""
    year = school_year_of(period.last).first.year
    own = dict(
        Municipality.objects.filter(sites__partnerships=partnership)
        .order_by("organisation__name")
        .values_list("organisation__number", "organisation__name")
        .distinct()
    )
    rows = SchoolAgePopulation.objects.filter(
        year=year, municipality__organisation__number__in={*own, *members}
    ).order_by()
    pupils = dict(rows.values_list("municipality__organisation__number", "pupils"))
    missing = tuple(name for code, name in own.items() if code not in pupils)
    whole = None
    if own and not missing:
        living = sum(members.get(code, 0) for code in own)
        whole = _rate(living, sum(pupils[code] for code in own))
    return Rates(
        year=year,
        by_municipality={
            code: _rate(count, pupils[code]) for code, count in members.items() if code in pupils
        },
        whole=whole,
        missing=missing,
    )


def _rate(members: int, pupils: int) -> float:
    return round(members / pupils * PER, 1)
