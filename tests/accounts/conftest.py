"""Two partnerships, each with its organisations, and people: what one administrator manages and what not."""

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.roles import Role
from schools.models import CareKind
from tests.factories.accounts import UserFactory, member
from tests.factories.schools import (
    CarePartnerFactory,
    PartnershipFactory,
    SchoolBoardFactory,
    SchoolFactory,
    SchoolSiteFactory,
)


def a_region() -> SimpleNamespace:
    """A partnership with all kinds of organisations that its administrator manages."""
    partnership = PartnershipFactory()
    school = SchoolFactory()
    site = SchoolSiteFactory(school=school, partnerships=[partnership])
    return SimpleNamespace(
        partnership=partnership.organisation,
        school=school.organisation,
        site=site.organisation,
        care=CarePartnerFactory(partnerships=[partnership]).organisation,
        office=CarePartnerFactory(kind=CareKind.ATTENDANCE, partnerships=[partnership]).organisation,
    )


@pytest.fixture
def world(db: Any) -> SimpleNamespace:
    here, there = a_region(), a_region()
    mixed = SchoolFactory()
    mixed_here = SchoolSiteFactory(school=mixed, partnerships=[here.partnership.partnership])
    mixed_there = SchoolSiteFactory(school=mixed, partnerships=[there.partnership.partnership])
    return SimpleNamespace(
        here=here,
        there=there,
        mixed=mixed.organisation,
        mixed_here=mixed_here.organisation,
        mixed_there=mixed_there.organisation,
        board=SchoolBoardFactory().organisation,
        municipality=here.site.schoolsite.municipality.organisation,
        admin=member(UserFactory(name="Anouk Bakker"), Role.ADMINISTRATOR, here.partnership),
        other_admin=member(UserFactory(name="Bram Ander"), Role.ADMINISTRATOR, there.partnership),
        operator=member(UserFactory(name="Thea Kuipers"), Role.PLATFORM_OPERATOR, None),
        coordinator=member(UserFactory(name="Sanne Visser"), Role.COORDINATOR, here.school),
        case_manager=member(UserFactory(name="Mehmet Yıldız"), Role.CASE_MANAGER, here.partnership),
        outsider=member(UserFactory(name="Olga Buiten"), Role.COORDINATOR, there.school),
    )
