"""Made-up pupils at home, spread over ten years as real ones are: about eight of a hundred cases are open.

Most are back within months, some are at home for years; a few come home again. What is drawn for a case
depends on the seed and on its number alone.
"""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from cases.enums import Article, Authorised, Destination, Extent, Offer, Reason, State
from cases.services.intake import ExemptionGiven, Intake
from schools.models import Partnership, Sector

YEARS = 10
DAYS = 365 * YEARS

FIRST_NAMES = (
    *(
        "Aya",
        "Bo",
        "Cas",
        "Daan",
        "Eva",
        "Finn",
        "Gijs",
        "Hanna",
        "Isa",
        "Jip",
        "Kim",
        "Levi",
        "Mila",
        "Noor",
    ),
    *("Olaf", "Pien", "Quin", "Rosa", "Sem", "Tess", "Umut", "Vera", "Wout", "Xavi", "Yara", "Zoë", "Amir"),
    *("Britt", "Chaya", "Dewi", "Elif", "Fenna", "Guus", "Hugo", "Imane", "Jens", "Kaya", "Lotte", "Milan"),
)
BEGINNINGS = (
    *("Aal", "Berk", "Bos", "Dal", "Eek", "Groen", "Hei", "Kamp", "Linden", "Meer", "Noord", "Over", "Rijn"),
    *("Sluis", "Veld", "Wal", "Water", "Zand", "Zonne", "Zuid"),
)
ENDINGS = (
    *(
        "berg",
        "brink",
        "burg",
        "dijk",
        "drecht",
        "gaard",
        "hof",
        "huis",
        "kerk",
        "laar",
        "man",
        "meer",
        "oord",
    ),
    *("stra", "steen", "veen", "veld", "waard", "wijk", "zicht"),
)

REASONS = [code for code in Reason.values if code != Reason.UNKNOWN]
BACK = (Destination.OWN_SCHOOL, Destination.OWN_SCHOOL_ARRANGEMENT, Destination.OTHER_SCHOOL)
OTHERWISE = (
    Destination.SO,
    Destination.VSO,
    Destination.OZA,
    Destination.MOVED_NL,
    Destination.EXEMPT_5A,
    Destination.EIGHTEEN,
    Destination.MISTAKEN,
)
MONTHS_OF_SCHOOL = (1.2, 1.1, 1.2, 0.9, 0.9, 0.8, 0.3, 0.2, 1.3, 1.5, 1.4, 1.2)


#: What the references of made-up cases begin with.
REFERENCE = "GEN-"


def reference_of(number: int) -> str:
    return f"{REFERENCE}{number:07d}"


class Country:
    """Where pupils are: sites by partnership, and how large each partnership is."""

    def __init__(
        self,
        partnerships: Sequence[Partnership],
        weights: Sequence[int],
        sites: dict[int, list],
        towns: Sequence[int],
    ) -> None:
        self.partnerships = [one for one in partnerships if sites.get(one.pk)]
        self.reach = list(
            accumulate(weight for one, weight in zip(partnerships, weights, strict=True) if sites.get(one.pk))
        )
        self.sites = sites
        self.towns = towns


def pupil(number: int, *, seed: int, country: Country, on: dt.date) -> Intake:
    """The case of that number, as known on a day."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311
    partnership = chance.choices(country.partnerships, cum_weights=country.reach)[0]
    site = chance.choice(country.sites[partnership.pk])
    enrolled = chance.random() > 0.02
    first_day = _a_day(chance, on)
    ends = first_day + dt.timedelta(days=_days_at_home(chance))
    signalled = min(on, first_day + dt.timedelta(days=int(chance.expovariate(1 / 9))))
    closed = max(ends, signalled) if max(ends, signalled) <= on else None
    destination = _destination(chance) if closed else ""
    offer, since = _offer(chance, signalled, closed or on)
    ill = chance.choice([None, None, False, True])
    made = Intake(
        partnership=partnership,
        site=site if enrolled else None,
        sector=site.sector,
        first_name=chance.choice(FIRST_NAMES),
        last_name=f"{chance.choice(BEGINNINGS)}{chance.choice(ENDINGS)}{_letters(number)}",
        birth_date=_birth_date(chance, first_day, site.sector),
        municipality_id=chance.choice(country.towns),
        year_group=chance.randint(1, 8 if site.sector in PRIMARY_SECTORS else 6),
        enrolled=enrolled,
        first_day_absent=first_day,
        extent=Extent.PARTIAL if chance.random() < 0.15 else Extent.FULL,
        authorised=chance.choices(Authorised.values, (30, 45, 10, 15))[0],
        signalled_on=signalled,
        ill=ill,
        can_attend_partly=chance.choice([True, False]) if ill else None,
        exemption=_exemption(chance, first_day),
        offer=offer,
        offer_since=since,
        reasons=tuple(chance.sample(REASONS, chance.choices((0, 1, 2, 3), (10, 50, 30, 10))[0])),
        states=_states(chance, signalled, closed or on),
        closed_on=closed,
        destination=destination,
        back_on=closed if closed and destination in BACK and closed > first_day else None,
        reference=reference_of(number),
    )
    return _again(chance, made, on)


def _a_day(chance: random.Random, on: dt.date) -> dt.date:
    """A first day absent in the past ten years, on a weekday, less often in summer."""
    while True:
        day = on - dt.timedelta(days=1 + chance.randrange(DAYS))
        if day.weekday() < 5 and chance.random() * max(MONTHS_OF_SCHOOL) < MONTHS_OF_SCHOOL[day.month - 1]:
            return day


def _days_at_home(chance: random.Random) -> int:
    """Three in five are back within months, the others stay home much longer: 290 days in the mean."""
    return 3 + int(chance.expovariate(1 / 90 if chance.random() < 0.6 else 1 / 590))


def _birth_date(chance: random.Random, day: dt.date, sector: str) -> dt.date:
    youngest, oldest = (5, 12) if sector in PRIMARY_SECTORS else (12, 17)
    return day - dt.timedelta(days=chance.randint(youngest * 366, oldest * 365))


def _destination(chance: random.Random) -> str:
    return chance.choices((*BACK, *OTHERWISE), (30, 18, 14, 7, 8, 6, 6, 5, 4, 2))[0]


def _offer(chance: random.Random, signalled: dt.date, last: dt.date) -> tuple[str, dt.date | None]:
    offer = chance.choices(("", *Offer.values), (25, 15, 10, 10, 14, 8, 6, 7, 5))[0]
    if offer in ("", Offer.NONE):
        return offer, None
    since = signalled + dt.timedelta(days=chance.randint(5, 120))
    return (offer, since) if since <= last else ("", None)


def _exemption(chance: random.Random, first_day: dt.date) -> ExemptionGiven | None:
    if chance.random() > 0.06:
        return None
    begins = first_day + dt.timedelta(days=chance.randint(0, 200))
    article = chance.choices(Article.values, (70, 10, 5, 8, 4, 3))[0]
    return ExemptionGiven(article, begins, begins + dt.timedelta(days=365) if chance.random() < 0.7 else None)


def _states(chance: random.Random, signalled: dt.date, last: dt.date) -> tuple[tuple[State, dt.date], ...]:
    found, day = [], signalled
    for state, share in ((State.ARRANGEMENT, 0.75), (State.REMOTE_EDUCATION, 0.3), (State.RETURN, 0.6)):
        if chance.random() > share:
            continue
        day += dt.timedelta(days=1 + int(chance.expovariate(1 / 40)))
        if day > last:
            break
        found.append((state, day))
    return tuple(found)


def _again(chance: random.Random, made: Intake, on: dt.date) -> Intake:
    """One in thirty of those that went back comes home once more: what was is then the earlier spell."""
    if made.closed_on is None or made.destination not in BACK or chance.random() > 1 / 30:
        return made
    first_day = made.closed_on + dt.timedelta(days=chance.randint(20, 300))
    signalled = first_day + dt.timedelta(days=chance.randint(0, 20))
    if signalled > on:
        return made
    closed = signalled + dt.timedelta(days=_days_at_home(chance))
    ends = closed if closed <= on else None
    return replace(
        made,
        first_day_absent=first_day,
        signalled_on=signalled,
        exemption=None,
        offer="",
        offer_since=None,
        states=_states(chance, signalled, ends or on),
        closed_on=ends,
        destination=BACK[0] if ends else "",
        back_on=ends,
        earlier=(made,),
    )


def _letters(number: int) -> str:
    """A few letters that follow from the number, so that names are not all alike."""
    found = ""
    while number and len(found) < 4:
        number, rest = divmod(number, 19)
        found += "aeioulmnrstkpbdgvwz"[rest]
    return found


PRIMARY_SECTORS = frozenset({Sector.BO, Sector.SBO, Sector.SO})
