from types import SimpleNamespace

from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import sessions
from audit.models import Event
from tests.factories.accounts import PASSWORD


def log_in(user: User) -> Client:
    client = Client()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def test_end_one_session(world: SimpleNamespace) -> None:
    first, second = log_in(world.coordinator), log_in(world.coordinator)
    other = log_in(world.outsider)
    keys = {s.session_key: s.pk for s in sessions.sessions_of(world.coordinator)}
    assert set(keys) == {first.session.session_key, second.session.session_key}

    pk = keys[first.session.session_key or ""]
    sessions.end_session(user=world.outsider, session_id=pk, by=world.outsider)
    assert is_in(first)
    sessions.end_session(user=world.coordinator, session_id=pk, by=world.coordinator)

    assert (is_in(first), is_in(second), is_in(other)) == (False, True, True)
    assert len(sessions.sessions_of(world.coordinator)) == 1


def test_end_all_sessions_but_one(world: SimpleNamespace) -> None:
    clients = [log_in(world.coordinator) for _ in range(3)]
    keep = clients[1].session.session_key

    assert sessions.end_sessions(user=world.coordinator, by=world.admin, keep=keep) == 2

    assert [is_in(client) for client in clients] == [False, True, False]
    event = Event.objects.get(action="session.ended")
    assert (event.actor_id, event.details) == (str(world.admin.pk), {"sessions": 2})
    assert sessions.end_sessions(user=world.coordinator, by=world.admin) == 1
    assert not is_in(clients[1])
