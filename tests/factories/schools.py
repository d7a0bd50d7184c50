# mypy: disable-error-code="no-untyped-call"
"""Organisations that cannot be mistaken for real ones. `number` and `name` may be given to each factory.

SchoolSiteFactory(partnerships=[swv], region="midden")   # with a school of its own
SchoolSiteFactory(school=school, number="99AA02")
"""

from collections.abc import Iterable
from typing import Any

from factory.declarations import LazyAttribute, Maybe, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

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

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def brin(n: int) -> str:
    """The n-th BRIN: 90AA, 90AB, ... 99ZZ."""
    tens, rest = divmod(n % 6760, 676)
    return f"{90 + tens}{LETTERS[rest // 26]}{LETTERS[rest % 26]}"


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    kind = OrganisationKind.BOARD
    number = Sequence(lambda n: f"O{n:05}")
    name = LazyAttribute(lambda it: f"Organisatie {it.number}")


def organisation(kind: str) -> Any:
    """The organisation of a body, with the number and name given to the factory of the body."""
    return SubFactory(
        OrganisationFactory,
        kind=kind,
        number=SelfAttribute("..number"),
        name=SelfAttribute("..name"),
    )


class PartnershipFactory(DjangoModelFactory[Partnership]):
    class Meta:
        model = Partnership

    class Params:
        number = Sequence(lambda n: f"PO{9001 + n % 999:04}")
        name = LazyAttribute(lambda it: f"Samenwerkingsverband {it.number}")

    organisation = organisation(OrganisationKind.PARTNERSHIP)
    region = Region.MIDDLE


class SchoolBoardFactory(DjangoModelFactory[SchoolBoard]):
    class Meta:
        model = SchoolBoard

    class Params:
        number = Sequence(lambda n: f"{n % 1000:03}B{n // 1000:03}")
        name = LazyAttribute(lambda it: f"Bestuur {it.number}")

    organisation = organisation(OrganisationKind.BOARD)


class SchoolFactory(DjangoModelFactory[School]):
    class Meta:
        model = School

    class Params:
        number = Sequence(lambda n: brin(n + 676))  # 90AA to 90ZZ are for tests that name their school
        name = LazyAttribute(lambda it: f"School {it.number}")

    organisation = organisation(OrganisationKind.SCHOOL)
    board = SubFactory(SchoolBoardFactory)


class MunicipalityFactory(DjangoModelFactory[Municipality]):
    class Meta:
        model = Municipality

    class Params:
        number = Sequence(lambda n: f"{2001 + n % 7000:04}")  # those from 9001 on are for tests to name
        name = LazyAttribute(lambda it: f"Voorbeeldstad {it.number}")

    organisation = organisation(OrganisationKind.MUNICIPALITY)


class SchoolSiteFactory(DjangoModelFactory[SchoolSite]):
    """A site of its own school, in the partnerships given (none unless given)."""

    class Meta:
        model = SchoolSite
        skip_postgeneration_save = True

    class Params:
        number = LazyAttribute(lambda it: f"{it.school.number}{it.school.sites.count() + 1:02}")
        name = LazyAttribute(lambda it: f"Vestiging {it.number}")

    organisation = organisation(OrganisationKind.SITE)
    school = SubFactory(SchoolFactory)
    sector = Sector.BO
    region = Region.MIDDLE
    municipality = SubFactory(MunicipalityFactory)

    @post_generation
    def partnerships(self: Any, create: bool, extracted: Iterable[Partnership] | None, **kwargs: Any) -> None:
        if create and extracted:
            self.partnerships.set(extracted)


class CarePartnerFactory(DjangoModelFactory[CarePartner]):
    """Youth care unless `kind` is given; an attendance office (kind "leerplicht") has a municipality."""

    class Meta:
        model = CarePartner
        skip_postgeneration_save = True

    class Params:
        number = Sequence(lambda n: f"ZP-{n:05}")
        name = LazyAttribute(lambda it: f"Zorgpartner {it.number}")

    organisation = organisation(OrganisationKind.CARE_PARTNER)
    kind = CareKind.YOUTH_CARE
    municipality = Maybe(
        LazyAttribute(lambda it: it.kind == CareKind.ATTENDANCE),
        yes_declaration=SubFactory(MunicipalityFactory),
        no_declaration=None,
    )

    @post_generation
    def partnerships(self: Any, create: bool, extracted: Iterable[Partnership] | None, **kwargs: Any) -> None:
        if create and extracted:
            self.partnerships.set(extracted)
