import datetime as dt
from collections.abc import Iterable
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import queries
from accounts.models import Membership, RoleGroup, User
from accounts.roles import Role
from common.errors import NotFound
from schools.models import Organisation
from tests.factories.accounts import MembershipFactory, UserFactory, member

LATER = dt.datetime(2026, 2, 1, 12, 0, tzinfo=dt.UTC)


def names(organisations: Iterable[Organisation]) -> set[int]:
    return {it.pk for it in organisations}


def test_active_memberships_are_asked_once_a_request(world: SimpleNamespace) -> None:
    user = User.objects.get(pk=world.coordinator.pk)
    member(user, Role.CASE_MANAGER, world.here.partnership)
    MembershipFactory(user=user, role=Role.REPORTER, organisation=world.here.partnership, ended_at=LATER)

    with CaptureQueriesContext(connection) as asked:
        first = queries.active_memberships(user)
        again = queries.active_memberships(user)
        organisations = {str(m.organisation) for m in again}

    assert len(asked) == 1
    assert first is again
    assert [m.role for m in sorted(first, key=lambda m: m.pk)] == ["coordinator", "case_manager"]
    assert organisations == {world.here.school.name, world.here.partnership.name}
    assert queries.active_memberships(AnonymousUser()) == []


def test_role_group_is_one_for_each_role_and_organisation(world: SimpleNamespace) -> None:
    group = queries.role_group(world.here.school, Role.COORDINATOR)

    assert queries.role_group(world.here.school, Role.COORDINATOR) == group
    assert queries.role_group(world.there.school, Role.COORDINATOR) != group
    assert RoleGroup.objects.get(group=group).organisation == world.here.school
    assert list(world.coordinator.groups.all()) == [group]
    assert Group.objects.count() == RoleGroup.objects.count()


def test_people_with_role(world: SimpleNamespace) -> None:
    swv = world.here.partnership
    second = member(UserFactory(name="Zoë"), Role.CASE_MANAGER, swv)
    member(UserFactory(is_active=False), Role.CASE_MANAGER, swv)
    MembershipFactory(role=Role.CASE_MANAGER, organisation=swv, ended_at=LATER)

    assert list(queries.people_with_role(Role.CASE_MANAGER, swv)) == [world.case_manager, second]
    assert list(queries.people_with_role(Role.PLATFORM_OPERATOR, None)) == [world.operator]


@pytest.mark.parametrize(
    ("role", "spelling", "found"),
    [
        ("case_manager", "PO 90 01", "partnership"),
        ("case_manager", "9001-po", "partnership"),
        ("coordinator", " 90aa ", "school"),
        ("coordinator", "90 aa 01", "site"),
        ("care_worker", "zp-1", "care"),
        ("attendance_officer", "zp-2", "office"),
        ("care_worker", "zp-2", None),
        ("case_manager", "90AA", None),
        ("coordinator", "PO9001", None),
        ("coordinator", "99ZZ", None),
        ("platform_operator", "PO9001", None),
    ],
)
def test_organisation_for_role(world: SimpleNamespace, role: str, spelling: str, found: str | None) -> None:
    numbers = {"partnership": "PO9001", "school": "90AA", "site": "90AA01", "care": "ZP-1", "office": "ZP-2"}
    for other in (world.there, world):
        for it in vars(other).values():
            if getattr(it, "number", None) in numbers.values():
                it.number = f"X{it.pk}"
                it.save()
    for name, number in numbers.items():
        place = getattr(world.here, name)
        place.number = number
        place.save()

    expected = getattr(world.here, found) if found else None
    assert queries.organisation_for_role(role, spelling) == expected


def test_organisations_that_somebody_manages(world: SimpleNamespace) -> None:
    here, there = world.here, world.there
    partnerships = {here.partnership.pk, there.partnership.pk}

    assert names(queries.organisations_managed_by(world.admin)) == {
        *names(vars(here).values()),
        world.mixed_here.pk,
    }
    assert names(queries.organisations_managed_by(world.other_admin)) == {
        *names(vars(there).values()),
        world.mixed_there.pk,
    }
    assert names(queries.organisations_managed_by(world.operator)) == partnerships
    for nobody in (world.coordinator, world.case_manager, world.outsider, AnonymousUser()):
        assert names(queries.organisations_managed_by(nobody)) == set()


def test_who_manages_which_role(world: SimpleNamespace) -> None:
    places = {
        "partnership": ("administrator", world.here.partnership),
        "case manager": ("case_manager", world.here.partnership),
        "school": ("coordinator", world.here.school),
        "site": ("coordinator", world.here.site),
        "mixed school": ("coordinator", world.mixed),
        "mixed site": ("coordinator", world.mixed_here),
        "site of the mixed school elsewhere": ("coordinator", world.mixed_there),
        "care": ("care_worker", world.here.care),
        "office": ("attendance_officer", world.here.office),
        "operator": ("platform_operator", None),
    }
    expected = {
        "admin": set(places) - {"mixed school", "site of the mixed school elsewhere", "operator"},
        "other_admin": {"site of the mixed school elsewhere"},
        "operator": {"partnership"},
        "coordinator": set(),
        "case_manager": set(),
        "outsider": set(),
    }

    for person, may in expected.items():
        user = getattr(world, person)
        assert {name for name, place in places.items() if queries.may_manage(user, *place)} == may, person


def test_a_superuser_manages_nobody(world: SimpleNamespace) -> None:
    root = User.objects.create_superuser("root@example.org", "x", name="Root")

    assert list(queries.memberships_managed_by(root)) == []
    assert not queries.is_manager(root)
    assert not queries.may_manage(root, "case_manager", world.here.partnership)


def test_memberships_that_somebody_manages(world: SimpleNamespace) -> None:
    def managed(user: User) -> set[tuple[int, str]]:
        return {(m.user_id, m.role) for m in queries.memberships_managed_by(user)}

    MembershipFactory(
        user=world.coordinator, role="reporter", organisation=world.here.partnership, ended_at=LATER
    )

    assert managed(world.admin) == {
        (world.admin.pk, "administrator"),
        (world.case_manager.pk, "case_manager"),
        (world.coordinator.pk, "coordinator"),
    }
    assert managed(world.other_admin) == {
        (world.other_admin.pk, "administrator"),
        (world.outsider.pk, "coordinator"),
    }
    assert managed(world.operator) == {
        (world.admin.pk, "administrator"),
        (world.other_admin.pk, "administrator"),
    }
    assert managed(world.coordinator) == set()


def test_what_is_not_managed_is_unknown(world: SimpleNamespace) -> None:
    role = Membership.objects.get(user=world.outsider)

    assert queries.managed_membership(world.other_admin, role.pk) == role
    assert queries.managed_roles_of(world.other_admin, world.outsider.pk) == [role]
    for ask, key in [(queries.managed_membership, role.pk), (queries.managed_roles_of, world.outsider.pk)]:
        with pytest.raises(NotFound):
            ask(world.admin, key)


def test_find_people_knows_no_accents_and_no_case(world: SimpleNamespace) -> None:
    def found(text: str, role: str = "") -> set[User]:
        return {m.user for m in queries.find_people(world.admin, text, role)}

    assert found("YILDIZ mehmet") == {world.case_manager}
    assert found("example.org") == {world.admin, world.case_manager, world.coordinator}
    assert found("", "coordinator") == {world.coordinator}
    assert found("mehmet", "coordinator") == set()
    assert found("olga") == set()


def test_find_people_takes_as_many_queries_for_more_people(world: SimpleNamespace) -> None:
    def count() -> int:
        user = User.objects.get(pk=world.admin.pk)
        with CaptureQueriesContext(connection) as asked:
            [(m.user.name, m.organisation.name) for m in queries.find_people(user)]
        return len(asked)

    few = count()
    for _ in range(3):
        member(None, Role.COORDINATOR, world.here.site)
    assert count() == few


def test_demo_organisations_are_those_of_the_vo_partnership(world: SimpleNamespace) -> None:
    world.there.partnership.number = "VO9001"
    world.there.partnership.save()

    places = queries.demo_organisations()

    assert places == {
        Role.PLATFORM_OPERATOR: None,
        Role.CASE_MANAGER: world.there.partnership,
        Role.REPORTER: world.there.partnership,
        Role.ADMINISTRATOR: world.there.partnership,
        Role.PRIVACY_OFFICER: world.there.partnership,
        Role.CARE_WORKER: world.there.care,
        Role.ATTENDANCE_OFFICER: world.there.office,
        Role.COORDINATOR: world.there.school,
    }


@pytest.mark.django_db
def test_demo_organisations_without_a_partnership() -> None:
    assert queries.demo_organisations() == {}
