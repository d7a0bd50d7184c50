"""The organisations and the people of a made-up country, as many as its number of cases asks for.

At a million cases it has what the Netherlands has: 152 partnerships, 9,000 school sites, 2,000 care partners
and 30,000 users; smaller ones keep the partnerships and have fewer of the rest.
"""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Membership, RoleGroup, User
from accounts.roles import Role
from cases.access import partner_role
from schools.models import (
    CareKind,
    CarePartner,
    Municipality,
    Organisation,
    OrganisationKind,
    Partnership,
    Region,
    School,
    SchoolBoard,
    SchoolSite,
    Sector,
)

BATCH = 1000
MILLION = 1_000_000
PARTNERSHIPS = 152
SITES, CARE_PARTNERS, USERS, MUNICIPALITIES = 9000, 2000, 30_000, 342
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

#: Sectors as often as they occur among sites, in the partnerships for primary and for secondary education.
PRIMARY = (Sector.BO,) * 8 + (Sector.SBO, Sector.SO)
SECONDARY = (Sector.VO,) * 7 + (Sector.PRO, Sector.VSO, Sector.VSO)


@dataclass(frozen=True)
class Size:
    """How many of each there are beside the partnerships."""

    sites: int
    care_partners: int
    users: int
    municipalities: int

    @classmethod
    def for_cases(cls, cases: int) -> "Size":
        share = min(1.0, cases / MILLION)

        def of(most: int, least: int) -> int:
            return max(least, round(most * share))

        return cls(
            sites=of(SITES, 2 * PARTNERSHIPS),
            care_partners=of(CARE_PARTNERS, PARTNERSHIPS),
            users=of(USERS, 8 * PARTNERSHIPS),
            municipalities=of(MUNICIPALITIES, PARTNERSHIPS // 2),
        )


def weights() -> list[int]:
    """How large each partnership is: most are small, a few ten times as large."""
    return [10 if place % 13 == 0 else 3 if place % 4 == 0 else 1 for place in range(PARTNERSHIPS)]


@transaction.atomic
def make_places(*, cases: int, seed: int, at: dt.datetime) -> None:
    """Makes what is not there yet, for so many cases. Once: where there are organisations nothing is made."""
    if Organisation.objects.filter(kind=OrganisationKind.PARTNERSHIP).exists():
        return
    size, chance = Size.for_cases(cases), random.Random(seed)  # noqa: S311
    towns = _municipalities(size.municipalities)
    partnerships = _partnerships()
    sites = _sites(size.sites, partnerships, towns, chance)
    partners = _care_partners(size.care_partners, partnerships, towns)
    _people(size.users, partnerships, sites, partners, at)


def _organisations(kind: OrganisationKind, numbers: Sequence[str], name: str) -> list[Organisation]:
    made = [
        Organisation(kind=kind, number=number, name=f"{name} {nth}") for nth, number in enumerate(numbers, 1)
    ]
    return Organisation.objects.bulk_create(made, batch_size=BATCH)


def _municipalities(number: int) -> list[Municipality]:
    numbers = [f"{9000 + nth}" for nth in range(number)]
    made = _organisations(OrganisationKind.MUNICIPALITY, numbers, "Gemeente")
    return Municipality.objects.bulk_create(Municipality(organisation=it) for it in made)


def _partnerships() -> list[Partnership]:
    numbers = [f"{'PO' if nth % 2 == 0 else 'VO'}9{nth:03d}" for nth in range(PARTNERSHIPS)]
    made = _organisations(OrganisationKind.PARTNERSHIP, numbers, "Samenwerkingsverband")
    return Partnership.objects.bulk_create(
        Partnership(organisation=it, region=Region.values[nth % 3]) for nth, it in enumerate(made)
    )


def _sites(
    number: int, partnerships: Sequence[Partnership], towns: Sequence[Municipality], chance: random.Random
) -> list[SchoolSite]:
    """Two sites a school where there are enough, each school in one partnership."""
    shares = weights()
    owners = list(range(PARTNERSHIPS)) + chance.choices(
        range(PARTNERSHIPS), weights=shares, k=max(0, (number + 1) // 2 - PARTNERSHIPS)
    )
    brins = [_brin(nth) for nth in range(len(owners))]
    boards = _organisations(
        OrganisationKind.BOARD, [f"9{nth:04d}" for nth in range(len(owners) // 6 + 1)], "Bestuur"
    )
    SchoolBoard.objects.bulk_create([SchoolBoard(organisation=it) for it in boards], batch_size=BATCH)
    of_schools = _organisations(OrganisationKind.SCHOOL, brins, "School")
    schools = School.objects.bulk_create(
        [School(organisation=it, board_id=boards[nth // 6].pk) for nth, it in enumerate(of_schools)],
        batch_size=BATCH,
    )
    belongs = [nth // 2 for nth in range(number)]
    of_sites = _organisations(
        OrganisationKind.SITE,
        [f"{brins[school]}{nth % 2:02d}" for nth, school in enumerate(belongs)],
        "Vestiging",
    )
    sites = SchoolSite.objects.bulk_create(
        [
            SchoolSite(
                organisation=it,
                school=schools[school],
                sector=(PRIMARY if owners[school] % 2 == 0 else SECONDARY)[school % 10],
                region=partnerships[owners[school]].region,
                municipality=towns[(owners[school] * 2 + nth % 3) % len(towns)],
            )
            for nth, (it, school) in enumerate(zip(of_sites, belongs, strict=True))
        ],
        batch_size=BATCH,
    )
    SchoolSite.partnerships.through.objects.bulk_create(
        [
            SchoolSite.partnerships.through(schoolsite=site, partnership=partnerships[owners[school]])
            for site, school in zip(sites, belongs, strict=True)
        ],
        batch_size=BATCH,
    )
    return sites


def _brin(nth: int) -> str:
    """Made up, in the form of the real ones: 99ZZ, 99ZY and so on."""
    rest, last = divmod(nth, len(LETTERS))
    figures, first = divmod(rest, len(LETTERS))
    return f"{99 - figures:02d}{LETTERS[-1 - first]}{LETTERS[-1 - last]}"


def _care_partners(
    number: int, partnerships: Sequence[Partnership], towns: Sequence[Municipality]
) -> list[CarePartner]:
    """An attendance office for each municipality, and care partners that work for one partnership each."""
    offices = _organisations(
        OrganisationKind.CARE_PARTNER, [f"L{town.pk}" for town in towns], "Leerplicht gemeente"
    )
    others = _organisations(
        OrganisationKind.CARE_PARTNER,
        [f"Z{nth}" for nth in range(max(PARTNERSHIPS, number - len(towns)))],
        "Zorgpartner",
    )
    kinds = (CareKind.YOUTH_CARE, CareKind.YOUTH_DOCTOR, CareKind.MENTAL_HEALTH)
    made = CarePartner.objects.bulk_create(
        [
            CarePartner(organisation=it, kind=CareKind.ATTENDANCE, municipality=town)
            for it, town in zip(offices, towns, strict=True)
        ]
        + [CarePartner(organisation=it, kind=kinds[nth % 3]) for nth, it in enumerate(others)],
        batch_size=BATCH,
    )
    through = CarePartner.partnerships.through
    through.objects.bulk_create(
        [
            through(carepartner=partner, partnership=partnerships[nth % PARTNERSHIPS])
            for nth, partner in enumerate(made[len(towns) :])
        ],
        batch_size=BATCH,
    )
    return made


def _people(
    number: int,
    partnerships: Sequence[Partnership],
    sites: Sequence[SchoolSite],
    partners: Sequence[CarePartner],
    at: dt.datetime,
) -> None:
    """A coordinator for each school, somebody for each care partner, a reporter and an administrator for each
    partnership; the others are case managers where the partnership is large, and coordinators of sites."""
    wanted: list[tuple[int, str]] = []
    for partnership, weight in zip(partnerships, weights(), strict=True):
        wanted += [(partnership.pk, Role.CASE_MANAGER)] * (2 + weight)
        wanted += [(partnership.pk, Role.REPORTER), (partnership.pk, Role.ADMINISTRATOR)]
    wanted += [(school, Role.COORDINATOR) for school in sorted({site.school_id for site in sites})]
    of_partners = [(partner.pk, partner_role(partner)) for partner in partners]
    wanted += of_partners
    more = cycle([*((site.pk, Role.COORDINATOR) for site in sites), *of_partners])
    wanted += islice(more, max(0, number - len(wanted)))
    unusable = make_password(None)
    users = User.objects.bulk_create(
        [
            User(email=f"p{nth}@generated.invalid", name=f"Persoon {nth}", password=unusable)
            for nth in range(1, len(wanted) + 1)
        ],
        batch_size=BATCH,
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users],
        batch_size=BATCH,
    )
    groups = _role_groups({*wanted, *((site.pk, Role.COORDINATOR.value) for site in sites)})
    Membership.objects.bulk_create(
        [
            Membership(user=user, organisation_id=place, role=role, since=at)
            for user, (place, role) in zip(users, wanted, strict=True)
        ],
        batch_size=BATCH,
    )
    User.groups.through.objects.bulk_create(
        [
            User.groups.through(user=user, group=groups[place, role])
            for user, (place, role) in zip(users, wanted, strict=True)
        ],
        batch_size=BATCH,
    )


def _role_groups(places: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Group]:
    """As `accounts.queries.role_group` makes them, all at once."""
    wanted = sorted({(place, str(role)) for place, role in places})
    made = Group.objects.bulk_create(
        [Group(name=f"{role} of organisation {place}") for place, role in wanted], batch_size=BATCH
    )
    RoleGroup.objects.bulk_create(
        [
            RoleGroup(group=group, organisation_id=place, role=role)
            for (place, role), group in zip(wanted, made, strict=True)
        ],
        batch_size=BATCH,
    )
    return dict(zip(wanted, made, strict=True))
