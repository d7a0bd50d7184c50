import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from accounts.roles import Role
from notifications import kinds
from notifications.apps import unread_badge
from notifications.kinds import Urgency
from notifications.models import Notice
from notifications.queries import messages_of
from notifications.services import mark_all_read, notify, restore, withdraw
from tests.factories.accounts import UserFactory, member
from tests.notifications.conftest import NOON, Rights, duty, person, tell_at, told

pytestmark = pytest.mark.django_db


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


# --- To do


def titles(response: Any) -> list[tuple[str, list[str]]]:
    return [(group.about, [it.key for it in group.notices]) for group in response.context["todo"]]


@pytest.mark.usefixtures("rights")
def test_what_is_asked_stands_apart_most_urgent_first_and_by_case(logged_in: Client, karin: User) -> None:
    about_two = {"about": "TZ-2026-00002"}
    tell_at(
        NOON,
        duty(karin, 1, by_when=None),
        duty(karin, 2, by_when=dt.date(2026, 11, 20)),
        duty(karin, 3, urgency=Urgency.NOW, **about_two),
        duty(karin, 4, by_when=dt.date(2026, 11, 10)),
        duty(karin, 5, about=""),
        told(karin, 6),
    )
    response = logged_in.get("/berichten/")

    assert titles(response) == [
        ("TZ-2026-00002", ["duty:3", "duty:2"]),
        ("TZ-2026-00004", ["duty:4"]),
        ("", ["duty:5"]),
        ("TZ-2026-00001", ["duty:1"]),
    ]
    assert [it.key for it in response.context["page"]] == ["new:6"]
    html = response.content.decode()
    assert 'href="/dossiers/TZ-2026-00004/"' in html
    assert "20 november 2026" in html or "20 November 2026" in html


@pytest.mark.usefixtures("rights")
def test_what_was_handled_is_gone_from_list_and_menu(logged_in: Client, karin: User, outsider: User) -> None:
    tell_at(NOON, duty(karin, 1), duty(karin, 2), told(karin, 3), duty(outsider, 4))
    assert unread_badge(karin) == "3"
    withdraw(keys=["duty:1", "new:3"], at=NOON)

    response = logged_in.get("/berichten/")
    assert titles(response) == [("TZ-2026-00002", ["duty:2"])]
    assert list(response.context["page"]) == []
    assert unread_badge(karin) == "1"
    restore(keys=["duty:1", "new:3"], at=NOON)
    assert unread_badge(karin) == "3"
    assert len(titles(logged_in.get("/berichten/"))) == 2


def test_what_may_not_be_told_any_more_is_not_shown(logged_in: Client, karin: User, rights: Rights) -> None:
    tell_at(NOON, duty(karin, 1), duty(karin, 2), told(karin, 1), told(karin, 2))
    assert len(titles(logged_in.get("/berichten/"))) == 2
    rights.take(karin, "TZ-2026-00001")

    response = logged_in.get("/berichten/")
    assert titles(response) == [("TZ-2026-00002", ["duty:2"])]
    assert [it.key for it in response.context["page"]] == ["new:2"]
    assert "TZ-2026-00001" not in response.content.decode()


@pytest.mark.usefixtures("rights")
def test_at_most_a_hundred_are_shown_and_that_there_are_more(logged_in: Client, karin: User) -> None:
    tell_at(NOON, *(duty(karin, number) for number in range(100)))
    assert logged_in.get("/berichten/").context["more"] is False
    tell_at(NOON, duty(karin, 100))

    response = logged_in.get("/berichten/")
    assert (len(titles(response)), response.context["more"]) == (100, True)


def test_a_full_inbox_costs_as_much_as_one_with_little(
    logged_in: Client, karin: User, rights: Rights
) -> None:
    tell_at(NOON, duty(karin, 1), told(karin, 1))
    logged_in.get("/berichten/")
    with CaptureQueriesContext(connection) as few:
        logged_in.get("/berichten/")
    tell_at(NOON, *(duty(karin, number) for number in range(2, 60)), *(told(karin, n) for n in range(2, 60)))
    with CaptureQueriesContext(connection) as many:
        logged_in.get("/berichten/")
    assert len(many) == len(few)
    assert rights.asked == [1, 1] * 2 + [25, 59]


@pytest.mark.usefixtures("rights")
def test_the_button_marks_what_is_asked_as_read_too(logged_in: Client, karin: User) -> None:
    tell_at(NOON, told(karin, 1), duty(karin, 2))
    newest = Notice.objects.latest("pk").pk

    assert f'action="/berichten/gelezen/{newest}/"' in logged_in.get("/berichten/").content.decode()
    logged_in.post(f"/berichten/gelezen/{newest}/")
    assert unread_badge(karin) == ""
    assert len(titles(logged_in.get("/berichten/"))) == 1


@pytest.mark.services
@pytest.mark.usefixtures("rights")
def test_inbox_and_badge_are_found_by_index(karin: User) -> None:
    others = [person(f"P{number}") for number in range(60)]
    tell_at(NOON, *(make(user, n) for user in [karin, *others] for n in range(60) for make in (duty, told)))
    tell_at(NOON, *(told(karin, n) for n in range(60, 400)))  # else any index of hers would do
    Notice.objects.exclude(key__endswith="7").update(read_at=NOON)  # most of what there is was read
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notice")
        cursor.execute("SET LOCAL enable_seqscan = off")
    asked = {
        "notice_unread": Notice.objects.filter(user=karin, read_at=None, withdrawn_at=None)[:100],
        "notice_messages": messages_of(karin)[:25],
        "notice_todo": Notice.objects.filter(user=karin, asks=True, withdrawn_at=None).order_by(
            "urgency", F("by_when").asc(nulls_last=True), "id"
        )[:101],
    }
    for index, rows in asked.items():
        assert index in rows.explain()
