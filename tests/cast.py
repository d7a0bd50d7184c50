"""The named cast: two partnerships, their schools and partners, people of every role, and their cases.

`cast` is a fixture (tests/conftest.py imports it by the plugin line of tests/cases/conftest.py); every test
of who sees what uses these names, with the outsiders among them.
"""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import Membership, RoleGroup, User
from accounts.roles import Role
from cases.enums import Authorised, Extent, Source, State
from cases.models import Case
from cases.services import participation
from cases.services.intake import Intake, insert
from common.dates import start_of
from schools.models import CareKind, Sector
from tests.factories.accounts import PASSWORD, SINCE
from tests.factories.schools import (
    CarePartnerFactory,
    MunicipalityFactory,
    PartnershipFactory,
    SchoolFactory,
    SchoolSiteFactory,
)
from tests.remembered import remembered

TODAY = dt.date(2026, 11, 20)
NOW = start_of(TODAY) + dt.timedelta(hours=10)
LATER = dt.date(2027, 3, 1)


def a_pupil(**facts: Any) -> dict[str, Any]:
    """The facts of a pupil at home, complete; any may be given."""
    return {
        "first_name": "Noor",
        "last_name": "Verzonnen",
        "birth_date": dt.date(2012, 5, 4),
        "enrolled": True,
        "first_day_absent": dt.date(2026, 9, 1),
        "extent": Extent.FULL,
        "authorised": Authorised.NO,
        "signalled_on": dt.date(2026, 9, 14),
        "reasons": ("KIND-INT", "PLEK"),
        **facts,
    }


class Cast(SimpleNamespace):
    """Organisations, people and cases by name."""

    people: dict[str, User]
    cases: dict[str, Case]

    def intake(self, site: Any, **facts: Any) -> Intake:
        return Intake(
            partnership=facts.pop("partnership", self.swv),
            site=site,
            sector=facts.pop("sector", site.sector if site else Sector.VO),
            municipality_id=self.municipality.pk,
            **a_pupil(**facts),
        )

    def case(self, site: Any, **facts: Any) -> Case:
        """One more case, known since it was signalled."""
        (made,) = insert([self.intake(site, **facts)], by=None, at=NOW, source=Source.IMPORT)
        return made

    def let_in(self, case: Case, partner: Any, *, by: User, until: dt.date = LATER) -> Any:
        """A participation that was accepted."""
        invited = participation.invite(
            case=case,
            partner=partner,
            purpose="Meedenken",
            ends_on=until,
            by=self.people["case_manager"],
            at=NOW,
            on=TODAY,
        )
        return participation.accept(participation=invited, by=by, at=NOW, on=TODAY)


@pytest.fixture
def cast(db: None) -> Cast:
    return remembered("cast", make_cast)


def make_cast() -> Cast:
    it = Cast()
    it.swv = PartnershipFactory(number="VO9901", name="SWV Hier")
    it.other_swv = PartnershipFactory(number="VO9902", name="SWV Elders")
    it.municipality = MunicipalityFactory(number="9901", name="Voorbeeldstad")
    it.school = SchoolFactory(number="90AA", name="Het Voorbeeld")
    it.site = SchoolSiteFactory(school=it.school, number="90AA01", sector=Sector.VO, partnerships=[it.swv])
    it.second_site = SchoolSiteFactory(
        school=it.school, number="90AA02", sector=Sector.VO, partnerships=[it.swv]
    )
    it.other_school = SchoolFactory(number="90AB", name="De Buren")
    it.other_site = SchoolSiteFactory(
        school=it.other_school, number="90AB01", sector=Sector.VO, partnerships=[it.swv]
    )
    it.far_site = SchoolSiteFactory(number="90AC01", sector=Sector.VO, partnerships=[it.other_swv])
    it.care = CarePartnerFactory(kind=CareKind.YOUTH_CARE, partnerships=[it.swv])
    it.other_care = CarePartnerFactory(kind=CareKind.MENTAL_HEALTH, partnerships=[it.swv])
    it.office = CarePartnerFactory(
        kind=CareKind.ATTENDANCE, municipality=it.municipality, partnerships=[it.swv]
    )
    it.people = _people(it)
    it.cases = _cases(it)
    return it


def _people(it: Cast) -> dict[str, User]:
    """Everybody in a few statements."""
    yesterday = NOW - dt.timedelta(days=1)
    roles: list[tuple[str, str, Any, dt.datetime | None]] = [
        ("coordinator", Role.COORDINATOR, it.school, None),
        ("site_coordinator", Role.COORDINATOR, it.site, None),
        ("other_coordinator", Role.COORDINATOR, it.other_school, None),
        ("case_manager", Role.CASE_MANAGER, it.swv, None),
        ("far_case_manager", Role.CASE_MANAGER, it.other_swv, None),
        ("reporter", Role.REPORTER, it.swv, None),
        ("administrator", Role.ADMINISTRATOR, it.swv, None),
        ("privacy_officer", Role.PRIVACY_OFFICER, it.swv, None),
        ("care_worker", Role.CARE_WORKER, it.care, None),
        ("other_care_worker", Role.CARE_WORKER, it.other_care, None),
        ("attendance_officer", Role.ATTENDANCE_OFFICER, it.office, None),
        ("platform_operator", Role.PLATFORM_OPERATOR, None, None),
        ("former", Role.COORDINATOR, it.school, yesterday),
        ("two_hats", Role.CARE_WORKER, it.care, None),
        ("two_hats", Role.COORDINATOR, it.other_school, None),
    ]
    names = [*dict.fromkeys(name for name, _, _, _ in roles), "superuser", "nobody"]
    password = make_password(PASSWORD)
    users = [User(email=f"{name}@example.org", name=name, password=password) for name in names]
    for user in users:
        user.is_superuser = user.is_staff = user.name == "superuser"
    people = {user.name: user for user in User.objects.bulk_create(users)}
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people.values()
    )
    places = {(place.pk, role) for _, role, place, _ in roles if place}
    places |= {(site.pk, Role.COORDINATOR) for site in (it.second_site, it.other_site, it.far_site)}
    places.add((it.far_site.school_id, Role.COORDINATOR))
    groups = _role_groups(sorted(places))
    Membership.objects.bulk_create(
        Membership(
            user=people[name],
            role=role,
            organisation=place and place.organisation,
            since=SINCE,
            ended_at=ended_at,
        )
        for name, role, place, ended_at in roles
    )
    User.groups.through.objects.bulk_create(
        User.groups.through(user=people[name], group=groups[place.pk, role])
        for name, role, place, ended_at in roles
        if place and ended_at is None
    )
    return people


def _role_groups(places: list[tuple[int, str]]) -> dict[tuple[int, str], Group]:
    """As `accounts.queries.role_group` makes them, all at once."""
    made = Group.objects.bulk_create(Group(name=f"{role} of organisation {pk}") for pk, role in places)
    groups = dict(zip(places, made, strict=True))
    RoleGroup.objects.bulk_create(
        RoleGroup(group=group, organisation_id=pk, role=role) for (pk, role), group in groups.items()
    )
    return groups


def _cases(it: Cast) -> dict[str, Case]:
    intakes = {
        "own": it.intake(it.site, first_name="Own"),
        "second_site": it.intake(it.second_site, first_name="Second"),
        "other_school": it.intake(it.other_site, first_name="Buur"),
        "without_site": it.intake(None, first_name="Zonder", enrolled=False),
        "far": it.intake(it.far_site, first_name="Ver", partnership=it.other_swv),
        "shared": it.intake(it.site, first_name="Gedeeld"),
        "invited": it.intake(it.site, first_name="Genodigd"),
        "closed": it.intake(
            it.site,
            first_name="Dicht",
            states=((State.ARRANGEMENT, dt.date(2026, 9, 20)),),
            closed_on=dt.date(2026, 10, 1),
            destination="eigen-school",
            back_on=dt.date(2026, 10, 1),
        ),
    }
    made = insert(list(intakes.values()), by=None, at=NOW, source=Source.IMPORT)
    cases = dict(zip(intakes, made, strict=True))
    it.let_in(cases["shared"], it.care, by=it.people["care_worker"])
    it.let_in(cases["shared"], it.office, by=it.people["attendance_officer"])
    participation.invite(
        case=cases["invited"],
        partner=it.care,
        purpose="Meedenken",
        ends_on=LATER,
        by=it.people["case_manager"],
        at=NOW,
        on=TODAY,
    )
    return cases


def fresh(user: User) -> User:
    """The user as the next request has him."""
    return User.objects.get(pk=user.pk)
