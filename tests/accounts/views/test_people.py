"""Managing people: every address as every kind of person, and what an administrator does there."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts import queries
from accounts.models import Invitation, Membership
from accounts.roles import Role
from accounts.services.memberships import invite
from audit.models import Event
from common.dates import now
from notifications.models import OutboxMail
from tests.factories.accounts import PASSWORD, UserFactory, member


@pytest.fixture
def targets(world: SimpleNamespace) -> dict[str, Any]:
    """Every address, about somebody and something of the first partnership."""
    role = Membership.objects.get(user=world.coordinator)
    offer = {"role": Role.COORDINATOR, "organisation": world.here.site, "by": world.admin, "at": now()}
    invitation = invite(email="x@example.org", **offer)
    return {
        "people": reverse("people"),
        "invite": reverse("invite"),
        "invitations": reverse("invitations"),
        "person": reverse("person", args=[role.user_id]),
        "end_role": reverse("end_role", args=[role.pk]),
        "reset_factor": reverse("reset_factor", args=[role.user_id]),
        "end_person_sessions": reverse("end_person_sessions", args=[role.user_id]),
        "resend_invitation": reverse("resend_invitation", args=[invitation.pk]),
        "withdraw_invitation": reverse("withdraw_invitation", args=[invitation.pk]),
    }


WHO = ["nobody", "coordinator", "other", "operator", "admin"]
# The status of GET and of POST. 302 leads nobody to the login page, and the others on after what was done.
EXPECTED = {
    "people": ["302 302", "403 403", "200 200", "200 200", "200 200"],
    "invite": ["302 302", "403 403", "200 422", "200 422", "200 422"],
    "invitations": ["302 302", "403 405", "200 405", "200 405", "200 405"],
    "person": ["302 302", "403 405", "404 405", "404 405", "200 405"],
    "end_role": ["302 302", "403 403", "404 404", "404 404", "200 302"],
    "reset_factor": ["302 302", "403 403", "404 404", "404 404", "200 302"],
    "end_person_sessions": ["302 302", "405 403", "405 404", "405 404", "405 302"],
    "resend_invitation": ["302 302", "405 403", "405 404", "405 404", "405 302"],
    "withdraw_invitation": ["302 302", "405 403", "405 404", "405 404", "405 302"],
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("who", WHO)
def test_who_reaches_what(
    world: SimpleNamespace, targets: dict[str, Any], client: Client, name: str, who: str
) -> None:
    people = {**vars(world), "nobody": None, "other": world.other_admin}
    if people[who]:
        client.force_login(people[who])

    seen = client.get(targets[name]).status_code
    done = client.post(targets[name], {}).status_code

    assert f"{seen} {done}" == EXPECTED[name][WHO.index(who)]


@pytest.mark.parametrize("name", ["case_manager", "outsider"])
def test_other_roles_manage_nobody(world: SimpleNamespace, client: Client, name: str) -> None:
    client.force_login(getattr(world, name))
    assert client.get(reverse("people")).status_code == 403
    assert reverse("people") not in client.get(reverse("profile")).content.decode()


def test_what_was_refused_is_in_the_log(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.other_admin)
    client.get(reverse("person", args=[world.coordinator.pk]))
    event = Event.objects.get(action="access.refused")
    assert (event.actor_id, event.target) == (str(world.other_admin.pk), f"user {world.coordinator.pk}")


def shown(answer: Any) -> list[tuple[str, str]]:
    return [(m.user.name, m.role) for m in answer.context["found"]]


def test_list_shows_those_of_the_own_partnership(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.admin)
    answer = client.get(reverse("people"))
    assert shown(answer) == [
        ("Anouk Bakker", "administrator"),
        ("Mehmet Yıldız", "case_manager"),
        ("Sanne Visser", "coordinator"),
    ]
    assert "Olga Buiten" not in answer.content.decode()


def test_operator_sees_all_administrators_and_nobody_else(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.operator)
    assert shown(client.get(reverse("people"))) == [
        ("Anouk Bakker", "administrator"),
        ("Bram Ander", "administrator"),
    ]


def test_list_is_paged_with_the_same_number_of_queries(
    world: SimpleNamespace, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        member(UserFactory(name=f"Zz {number:02}"), Role.COORDINATOR, world.here.site)
    client.force_login(world.admin)
    client.get(reverse("people"))
    with django_assert_max_num_queries(8):
        first = client.get(reverse("people"))
    second = client.get(reverse("people") + "?page=2")
    assert (len(shown(first)), len(shown(second))) == (25, 8)


def test_search_is_a_post_and_knows_no_accents(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.admin)
    found = client.post(reverse("people"), {"text": "yildiz"})
    assert shown(found) == [("Mehmet Yıldız", "case_manager")]
    assert shown(client.post(reverse("people"), {"role": "coordinator"})) == [("Sanne Visser", "coordinator")]
    assert shown(client.post(reverse("people"), {"text": "olga"})) == []
    assert len(shown(client.get(reverse("people") + "?text=yildiz"))) == 3


def test_invite(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.admin)
    form = {
        "email": "Nienke@Example.org",
        "name": "Nienke",
        "role": "coordinator",
        "organisation": world.here.site.pk,
    }

    assert client.post(reverse("invite"), form).url == reverse("invitations")

    made = Invitation.objects.get()
    assert (made.email, made.role, made.organisation, made.invited_by) == (
        "nienke@example.org",
        "coordinator",
        world.here.site,
        world.admin,
    )
    assert "nienke@example.org" in client.get(reverse("invitations")).content.decode()


def test_invite_offers_what_is_managed(world: SimpleNamespace, client: Client) -> None:
    def offered(user: Any) -> tuple[set[str], set[int]]:
        client.force_login(user)
        form = client.get(reverse("invite")).context["form"]
        groups = form.fields["organisation"].choices[1:]
        roles = {value for value, _label in form.fields["role"].choices if value}
        return roles, {int(pk) for _kind, choices in groups for pk, _label in choices}

    here = {it.pk for it in vars(world.here).values()}
    assert offered(world.admin) == (set(Role.values) - {"platform_operator"}, here | {world.mixed_here.pk})
    partnerships = {world.here.partnership.pk, world.there.partnership.pk}
    assert offered(world.operator) == ({"administrator"}, partnerships)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"role": "platform_operator"}, "role"),
        ({"role": "case_manager"}, "organisation"),
        ({"organisation": "there"}, "organisation"),
        ({"organisation": "mixed"}, "organisation"),
        ({"organisation": ""}, "organisation"),
        ({"email": "taken"}, "email"),
    ],
)
def test_invite_says_beside_the_field_what_is_wrong(
    world: SimpleNamespace, client: Client, change: dict[str, str], field: str
) -> None:
    client.force_login(world.admin)
    values = {
        "there": world.there.site.pk,
        "mixed": world.mixed.pk,
        "taken": world.coordinator.email,
    }
    form = {"email": "x@example.org", "role": "coordinator", "organisation": world.here.school.pk}
    form |= {name: values.get(value, value) for name, value in change.items()}

    answer = client.post(reverse("invite"), form)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Invitation.objects.exists()


def test_resend_and_withdraw(world: SimpleNamespace, client: Client, targets: dict[str, Any]) -> None:
    client.force_login(world.admin)
    client.post(targets["resend_invitation"])
    old, new = Invitation.objects.order_by("pk")
    assert (old.withdrawn_at is None, new.withdrawn_at is None) == (False, True)
    assert (new.email, new.role, new.organisation) == (old.email, old.role, old.organisation)
    assert OutboxMail.objects.filter(kind="invitation").count() == 2

    assert client.post(targets["resend_invitation"]).status_code == 404
    client.post(reverse("withdraw_invitation", args=[new.pk]))
    assert not Invitation.objects.unanswered().exists()


def test_expired_invitations_stay_in_the_list(world: SimpleNamespace, client: Client) -> None:
    past = now() - dt.timedelta(days=8)
    offer = {"role": Role.REPORTER, "organisation": world.here.partnership, "by": world.admin}
    invite(email="old@example.org", at=past, **offer)
    client.force_login(world.admin)
    page = client.get(reverse("invitations")).content.decode()
    assert "old@example.org" in page
    assert "badge--warning" in page


def test_end_a_role_after_confirming(world: SimpleNamespace, client: Client, targets: dict[str, Any]) -> None:
    client.force_login(world.admin)
    assert "Sanne Visser" in client.get(targets["end_role"]).content.decode()
    assert queries.active_membership(world.coordinator, Role.COORDINATOR, world.here.school)

    client.post(targets["end_role"])

    assert queries.active_membership(world.coordinator, Role.COORDINATOR, world.here.school) is None
    assert client.get(targets["end_role"]).status_code == 404


def test_the_last_administrator_gets_the_reason(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.admin)
    own = Membership.objects.get(user=world.admin)
    answer = client.post(reverse("end_role", args=[own.pk]))
    assert answer.status_code == 409
    own.refresh_from_db()
    assert own.ended_at is None


def test_log_somebody_out_everywhere(world: SimpleNamespace, client: Client, targets: dict[str, Any]) -> None:
    theirs = Client()
    theirs.post(reverse("account_login"), {"login": world.coordinator.email, "password": PASSWORD})
    assert theirs.get(reverse("profile")).status_code == 200
    client.force_login(world.admin)
    assert client.get(targets["person"]).context["sessions"] == 1

    client.post(targets["end_person_sessions"])

    assert theirs.get(reverse("profile")).status_code == 302
    assert client.get(reverse("profile")).status_code == 200


def test_remove_a_second_factor(world: SimpleNamespace, client: Client, targets: dict[str, Any]) -> None:
    TOTP.activate(world.coordinator, generate_totp_secret())
    client.force_login(world.admin)
    assert targets["reset_factor"] in client.get(targets["person"]).content.decode()
    client.post(targets["reset_factor"])
    assert not queries.has_second_factor(world.coordinator)
    assert targets["reset_factor"] not in client.get(targets["person"]).content.decode()
