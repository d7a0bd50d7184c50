import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from accounts.roles import Role
from notifications import kinds
from notifications.apps import unread_badge
from notifications.models import Notice
from notifications.services import mark_all_read, notify
from tests.factories.accounts import UserFactory, member

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register("shared", gettext_lazy("Messages"), "Case %(number)s")


@pytest.fixture
def karin() -> User:
    return member(UserFactory(name="Karin"), Role.PLATFORM_OPERATOR, None)


@pytest.fixture
def outsider() -> User:
    return member(UserFactory(name="Outsider"), Role.PLATFORM_OPERATOR, None)


@pytest.fixture
def logged_in(client: Client, karin: User) -> Client:
    client.force_login(karin)
    return client


def tell(user: User, number: int = 1, **changes: Any) -> Notice:
    key = f"shared:{number}"
    arguments = {"users": [user], "kind": "shared", "key": key, "context": {"number": f"TZ-2026-{number:05}"}}
    notify(**(arguments | {"link": f"/dossiers/TZ-2026-{number:05}/"} | changes))
    return Notice.objects.get(user=user, key=key)


def test_each_gets_one_notice_however_often_it_is_told(karin: User, outsider: User) -> None:
    tell(karin, users=[karin, outsider])
    tell(karin, users=[karin])

    assert sorted(Notice.objects.values_list("user_id", flat=True)) == sorted([karin.pk, outsider.pk])


def test_what_is_rolled_back_is_not_told(karin: User) -> None:
    with transaction.atomic():
        tell(karin)
        transaction.set_rollback(True)

    assert Notice.objects.count() == 0


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "x"]
)
def test_a_link_leads_to_ourselves(karin: User, link: str) -> None:
    with pytest.raises(ValueError, match="within the application"):
        tell(karin, link=link)


@pytest.mark.parametrize("mistake", [{"kind": "unheard_of"}, {"context": {}}])
def test_an_unknown_kind_and_a_missing_value_are_noticed_at_once(
    karin: User, mistake: dict[str, Any]
) -> None:
    with pytest.raises(KeyError):
        tell(karin, **mistake)


def test_the_words_follow_the_reader(karin: User) -> None:
    notice = tell(karin)

    with override("en"):
        assert notice.text == kinds.Text("Messages", "Case TZ-2026-00001")
    with override("nl"):
        assert notice.text == kinds.Text("Berichten", "Case TZ-2026-00001")


def test_an_old_row_of_a_kind_that_is_gone_breaks_no_page(logged_in: Client, karin: User) -> None:
    Notice.objects.create(user=karin, kind="gone", key="1")

    assert logged_in.get("/berichten/").status_code == 200


def test_the_inbox_shows_my_messages_newest_first(logged_in: Client, karin: User, outsider: User) -> None:
    tell(karin, 1)
    tell(karin, 2)
    tell(outsider, 3)

    html = logged_in.get("/berichten/").content.decode()
    first, second = html.index("Case TZ-2026-00002"), html.index("Case TZ-2026-00001")
    assert first < second
    assert 'href="/dossiers/TZ-2026-00001/"' in html
    assert "TZ-2026-00003" not in html


def test_the_inbox_is_for_who_is_logged_in(client: Client) -> None:
    for response in (client.get("/berichten/"), client.post("/berichten/1/gelezen/")):
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/")


def test_an_empty_inbox_says_so(logged_in: Client) -> None:
    html = logged_in.get("/berichten/", headers={"Accept-Language": "en"}).content.decode()

    assert 'class="empty-state"' in html
    assert "<table" not in html


def test_the_inbox_goes_page_by_page(logged_in: Client, karin: User) -> None:
    for number in range(1, 28):
        tell(karin, number)

    first = logged_in.get("/berichten/").context["page"]
    assert [notice.key for notice in first] == [f"shared:{number}" for number in range(27, 2, -1)]
    second = logged_in.get("/berichten/?page=2").context["page"]
    assert [notice.key for notice in second] == ["shared:2", "shared:1"]
    assert logged_in.get("/berichten/?page=nonsense").context["page"].number == 1
    assert logged_in.get(f"/berichten/?page={10**30}").context["page"].number == 2


def test_the_inbox_costs_the_same_for_one_and_for_three(logged_in: Client, karin: User) -> None:
    tell(karin, 1)
    logged_in.get("/berichten/")  # the first request of a session writes it
    with CaptureQueriesContext(connection) as one:
        logged_in.get("/berichten/")
    tell(karin, 2)
    tell(karin, 3)
    with CaptureQueriesContext(connection) as three:
        logged_in.get("/berichten/")
    assert len(three) == len(one)


def test_marking_as_read(logged_in: Client, karin: User) -> None:
    notice, other = tell(karin, 1), tell(karin, 2)

    response = logged_in.post(f"/berichten/{notice.pk}/gelezen/", {"page": "1"})
    assert (response.status_code, response["Location"]) == (302, "/berichten/")
    notice.refresh_from_db()
    other.refresh_from_db()
    assert notice.read_at is not None
    assert other.read_at is None

    logged_in.post(f"/berichten/{notice.pk}/gelezen/", {"page": "1"})
    assert Notice.objects.get(pk=notice.pk).read_at == notice.read_at


@pytest.mark.parametrize(
    ("page", "expected"), [("2", "/berichten/?page=2"), ("//elsewhere", "/berichten/"), ("", "/berichten/")]
)
def test_marking_as_read_stays_on_the_page(logged_in: Client, karin: User, page: str, expected: str) -> None:
    response = logged_in.post(f"/berichten/{tell(karin).pk}/gelezen/", {"page": page})

    assert response["Location"] == expected


def test_nobody_marks_the_messages_of_another(logged_in: Client, outsider: User) -> None:
    notice = tell(outsider)

    assert logged_in.post(f"/berichten/{notice.pk}/gelezen/").status_code == 404
    assert logged_in.post(f"/berichten/gelezen/{notice.pk}/").status_code == 302
    assert Notice.objects.get(pk=notice.pk).read_at is None


def test_marking_all_leaves_what_came_in_since(karin: User) -> None:
    seen, later = tell(karin, 1), tell(karin, 2)

    mark_all_read(by=karin, up_to=seen.pk, at=NOON)
    seen.refresh_from_db()
    later.refresh_from_db()
    assert (seen.read_at, later.read_at) == (NOON, None)


def test_the_button_marks_all_that_was_shown(logged_in: Client, karin: User) -> None:
    newest = [tell(karin, number) for number in (1, 2)][-1]

    assert f'action="/berichten/gelezen/{newest.pk}/"' in logged_in.get("/berichten/").content.decode()
    logged_in.post(f"/berichten/gelezen/{newest.pk}/")
    assert Notice.objects.filter(read_at=None).count() == 0
    assert "/berichten/gelezen/" not in logged_in.get("/berichten/").content.decode()


def test_reading_changes_nothing(logged_in: Client, karin: User) -> None:
    notice = tell(karin)

    assert logged_in.get(f"/berichten/{notice.pk}/gelezen/").status_code == 405
    assert logged_in.get(f"/berichten/gelezen/{notice.pk}/").status_code == 405
    assert Notice.objects.get(pk=notice.pk).read_at is None


@pytest.mark.parametrize(("unread", "expected"), [(0, ""), (3, "3"), (99, "99"), (100, "99+"), (120, "99+")])
def test_the_menu_counts_what_is_unread(karin: User, outsider: User, unread: int, expected: str) -> None:
    notices = [Notice(user=karin, kind="shared", key=str(number)) for number in range(unread)]
    Notice.objects.bulk_create([*notices, Notice(user=karin, kind="shared", key="read", read_at=NOON)])
    tell(outsider)

    assert unread_badge(karin) == expected
