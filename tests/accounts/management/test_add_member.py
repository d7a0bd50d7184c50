"""`manage.py add_member`, as contracts/commands.md has it."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from notifications.models import OutboxMail
from tests.factories.accounts import PASSWORD, UserFactory

NEW = "new@example.org"


class Outcome(SimpleNamespace):
    code: int
    out: str
    error: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*args: str, stdin: str = "") -> Outcome:
        """What a shell would see."""
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        try:
            call_command("add_member", *args, stdout=out)
        except CommandError as error:
            return Outcome(code=error.returncode, out=out.getvalue(), error=str(error))
        return Outcome(code=0, out=out.getvalue(), error="")

    return run


def number(organisation: Any, spelling: str) -> str:
    """A partnership number as somebody types it."""
    digits = organisation.number[2:]
    return spelling.format(digits[:2], digits[2:])


@pytest.mark.parametrize("spelling", ["PO{}{}", "po {} {}", "PO-{}-{}", "{}{} PO"])
def test_with_a_password_somebody_can_log_in_at_once(
    world: SimpleNamespace, run: Any, client: Client, spelling: str
) -> None:
    place = number(world.here.partnership, spelling)
    args = ("New@Example.org", "--role", "case_manager", "--organisation", place, "--name", "Nienke")

    done = run(*args, "--password-stdin", "--json", stdin=f"{PASSWORD}\n")

    assert done.code == 0
    assert json.loads(done.out) == {
        "email": NEW,
        "role": "case_manager",
        "organisation": world.here.partnership.number,
        "user": "made",
        "membership": "given",
        "password": "set",
    }
    membership = Membership.objects.get(user__email=NEW)
    assert (membership.role, membership.organisation, membership.given_by) == (
        "case_manager",
        world.here.partnership,
        None,
    )
    assert membership.user.name == "Nienke"
    assert client.post(reverse("account_login"), {"login": NEW, "password": PASSWORD}).url == "/"
    assert client.get(reverse("profile")).status_code == 200
    assert not OutboxMail.objects.exists()


def test_a_second_time_changes_nothing_and_says_so(world: SimpleNamespace, run: Any) -> None:
    args = (NEW, "--role", "coordinator", "--organisation", world.here.school.number, "--password-stdin")
    run(*args, stdin=PASSWORD)
    before = list(User.objects.values().order_by("pk")), list(Membership.objects.values().order_by("pk"))

    again = run(*args, "--name", "Other", "--json", stdin="een heel ander woord")

    assert again.code == 0
    assert json.loads(again.out) == {
        "email": NEW,
        "role": "coordinator",
        "organisation": world.here.school.number,
        "user": "found",
        "membership": "unchanged",
        "password": "kept",
    }
    after = list(User.objects.values().order_by("pk")), list(Membership.objects.values().order_by("pk"))
    assert after == before


def test_without_a_password_an_invitation_is_mailed_once(world: SimpleNamespace, run: Any) -> None:
    args = (NEW, "--role", "administrator", "--organisation", world.here.partnership.number)
    first, second = run(*args, "--json"), run(*args, "--json")

    assert [json.loads(it.out)["membership"] for it in (first, second)] == ["invited", "unchanged"]
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.invited_by) == (NEW, "administrator", None)
    assert OutboxMail.objects.get().to == NEW
    assert not User.objects.filter(email=NEW).exists()


def test_who_has_an_account_gets_the_role_at_once(world: SimpleNamespace, run: Any) -> None:
    UserFactory(email=NEW)
    done = run(NEW, "--role", "reporter", "--organisation", world.here.partnership.number, "--json")
    assert json.loads(done.out)["membership"] == "given"
    assert not Invitation.objects.exists()


def test_a_platform_operator_belongs_nowhere(world: SimpleNamespace, run: Any) -> None:
    done = run(NEW, "--role", "platform_operator", "--password-stdin", "--json", stdin=PASSWORD)
    assert json.loads(done.out)["organisation"] is None
    place = world.here.partnership.number
    assert run(NEW, "--role", "platform_operator", "--organisation", place).code == 2


def test_without_json_there_is_one_sentence(world: SimpleNamespace, run: Any) -> None:
    args = (NEW, "--role", "reporter", "--organisation", world.here.partnership.number)
    for done in (run(*args), run(*args)):
        assert len(done.out.splitlines()) == 1
        assert NEW in done.out


# A number of one place, and the roles that fit there; every other role is refused.
PLACES = {
    "partnership": {"case_manager", "reporter", "administrator", "privacy_officer"},
    "school": {"coordinator"},
    "site": {"coordinator"},
    "care": {"care_worker"},
    "office": {"attendance_officer"},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", Role.values)
def test_a_role_that_does_not_fit_is_refused(world: SimpleNamespace, run: Any, place: str, role: str) -> None:
    organisation = getattr(world.here, place)
    done = run(NEW, "--role", role, "--organisation", organisation.number)

    assert done.code == (0 if role in PLACES[place] else 2)
    assert Invitation.objects.count() == (1 if role in PLACES[place] else 0)
    assert (done.out == "") == bool(done.error)


@pytest.mark.parametrize(
    "args",
    [
        ["no address", "--role", "reporter", "--organisation", "PO9001"],
        [NEW, "--role", "reporter"],
        [NEW, "--role", "reporter", "--organisation", "PO0000"],
        [NEW, "--role", "reporter", "--organisation", "what?"],
    ],
)
def test_unusable_arguments(world: SimpleNamespace, run: Any, args: list[str]) -> None:
    plain, document = run(*args), run(*args, "--json")
    assert (plain.code, plain.out, document.code) == (2, "", 2)
    assert json.loads(document.out) == {"error": plain.error}
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("args", [[NEW, "--role", "boss"], [NEW, "--organisation", "PO9001"], []])
def test_unknown_or_missing_arguments(args: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        execute_from_command_line(["manage.py", "add_member", *args])
    assert stopped.value.code == 2


@pytest.mark.parametrize("password", ["", "te kort", "password123456", "z" * 129, NEW])
def test_a_weak_password_is_refused(world: SimpleNamespace, run: Any, password: str) -> None:
    place = world.here.partnership.number
    done = run(NEW, "--role", "reporter", "--organisation", place, "--password-stdin", stdin=f"{password}\n")
    assert (done.code, done.out) == (1, "")
    assert done.error
    assert not User.objects.filter(email=NEW).exists()


def test_who_was_invited_can_be_given_a_password_after_all(world: SimpleNamespace, run: Any) -> None:
    args = (NEW, "--role", "reporter", "--organisation", world.here.partnership.number)
    run(*args)
    done = run(*args, "--password-stdin", "--json", stdin=PASSWORD)
    assert json.loads(done.out)["membership"] == "given"
    assert User.objects.get(email=NEW).check_password(PASSWORD)
