import datetime as dt
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy

from audit import services
from audit.hashing import event_mac
from audit.models import Event, Head, Link
from audit.origin import Origin, coming_from
from audit.services import Entry, link, link_left, record, record_many
from audit.verification import verify
from tests.factories.accounts import UserFactory

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


def linked() -> list[int]:
    """The events of the chain, in its order."""
    return list(Link.objects.order_by("number").values_list("event_id", flat=True))


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_an_event_holds_who_what_where_and_when() -> None:
    user = UserFactory(name="Karin de Wit")
    with coming_from(Origin(channel="web", ip="192.0.2.7", request_id="abc-1")):
        record("case.read", by=user, target="case TZ-2026-00001", details={"through": 12})

    event = Event.objects.get()
    shown = {
        field: getattr(event, field)
        for field in ("at", "action", "result", "actor", "actor_id", "target", "ip", "channel", "request_id")
    }
    assert shown == {
        "at": NOON,
        "action": "case.read",
        "result": "ok",
        "actor": "Karin de Wit",
        "actor_id": str(user.pk),
        "target": "case TZ-2026-00001",
        "ip": "192.0.2.7",
        "channel": "web",
        "request_id": "abc-1",
    }
    assert event.details == {"through": 12}
    assert event.mac == event_mac(event)


@pytest.mark.django_db
def test_without_a_person_and_outside_a_request_it_was_a_command() -> None:
    event = record("register.imported", by=None)

    assert (event.actor, event.actor_id, event.channel, event.ip) == ("", "", "command", "")


@pytest.mark.django_db
def test_details_keep_their_meaning() -> None:
    key = uuid.UUID(int=7)
    record(
        "export.cases",
        by=None,
        details={
            "rows": 25,
            "hours": Decimal("12.5"),
            "day": dt.date(2026, 11, 3),
            "key": key,
            "open": True,
            "school": None,
            "states": ["gemeld", "terugkeer"],
            "fields": {"b", "a"},
        },
    )

    event = Event.objects.get()
    assert event.details == {
        "rows": 25,
        "hours": "12.5",
        "day": "2026-11-03",
        "key": str(key),
        "open": True,
        "school": None,
        "states": ["gemeld", "terugkeer"],
        "fields": ["a", "b"],
    }
    assert event.mac == event_mac(event)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [
        "Jan is sinds maandag niet op school geweest, " * 3,
        "two\nlines",
        {"pupil": "Jan"},
        gettext_lazy("case"),
        object(),
        list(range(101)),
    ],
    ids=["long text", "two lines", "nested", "lazy text", "object", "long list"],
)
def test_what_may_be_a_text_about_somebody_is_no_detail(value: Any) -> None:
    with pytest.raises(ValueError, match="'note'"):
        record("case.noted", by=None, details={"note": value})
    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_nobody_breaks_out_of_a_line_of_the_log() -> None:
    event = record("access.refused", by=None, target="case 1\r\nlogin.ok admin\x1b[2K\x00")

    assert event.target == "case 1??login.ok admin?[2K?"


@pytest.mark.django_db
def test_an_event_costs_one_insert(django_assert_num_queries: Callable[..., Any]) -> None:
    with django_assert_num_queries(1):
        record("case.read", by=None, target="case TZ-2026-00001")


@pytest.mark.django_db
def test_thousands_of_events_cost_few_inserts(django_assert_max_num_queries: Callable[..., Any]) -> None:
    entries = [Entry("case.imported", target=f"case TZ-2026-{number:05}") for number in range(2000)]
    with django_assert_max_num_queries(40):  # SQLite takes a thousand values at once
        assert record_many(entries, by=None) == 2000
    assert Event.objects.count() == 2000


@pytest.mark.django_db(transaction=True)
def test_an_event_is_linked_right_after_commit() -> None:
    with transaction.atomic():
        first = record("case.signalled", by=None)
        second = record("case.read", by=None)
        assert linked() == []
    record_many([Entry("case.imported"), Entry("case.imported")], by=None)

    assert linked() == [first.pk, second.pk, second.pk + 1, second.pk + 2]
    assert verify(at=NOON).ok


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_did_not_happen() -> None:
    with transaction.atomic():
        record("case.signalled", by=None)
        transaction.set_rollback(True)

    assert (Event.objects.count(), Link.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_failing_linker_leaves_the_event_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(event_ids: list[int]) -> int:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(services, "link", fails)
        event = record("case.read", by=None)

    assert linked() == []
    assert link_left() == 1
    assert linked() == [event.pk]
    assert link_left() == 0


@pytest.mark.django_db(transaction=True)
def test_the_sweep_of_every_minute_looks_back_so_far_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(services, "link", lambda event_ids: 0)
        with time_machine.travel(NOON, tick=False):
            record("case.read", by=None)
        with time_machine.travel(NOON + dt.timedelta(days=3), tick=False):
            young = record("case.read", by=None)

    assert link_left(since=NOON + dt.timedelta(days=1)) == 1
    assert linked() == [young.pk]


@pytest.mark.django_db(transaction=True)
def test_linking_an_event_twice_links_it_once() -> None:
    event = record("case.read", by=None)

    assert link([event.pk]) == 0
    assert linked() == [event.pk]


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_linkers_at_once_make_one_chain() -> None:
    def work() -> None:
        for _ in range(10):
            record("case.read", by=None)
        link_left()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    link_left()

    assert Event.objects.count() == 40
    assert sorted(linked()) == sorted(Event.objects.values_list("pk", flat=True))
    assert list(Link.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 41))
    assert verify(at=NOON).ok


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_writing_waits_for_no_writer_and_no_linker() -> None:
    """Another transaction holds the head of the chain and an event of its own; ours is written at once."""
    record("case.read", by=None)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Head.objects.select_for_update().get()
            record("case.read", by=None)
            held.set()
            release.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        event = record("case.read", by=None, target="ours")
        assert Event.objects.filter(target="ours").exists()
        assert event.pk not in linked()
    finally:
        release.set()
        thread.join()

    link_left()
    assert event.pk in linked()
    assert verify(at=NOON).ok
