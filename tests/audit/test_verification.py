import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from structlog.testing import capture_logs

from audit import services, tasks, verification
from audit.hashing import GENESIS
from audit.models import Event, Head, Link
from audit.services import link_left, record
from audit.verification import Break, verify
from tests.append_only import triggers_lifted

pytestmark = pytest.mark.django_db(transaction=True)

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def events() -> list[Event]:
    """Five linked events; their places in the chain are 1 to 5."""
    with time_machine.travel(NOON, tick=False):
        return [record("case.read", by=None, target=f"case TZ-2026-{number:05}") for number in range(5)]


def copy_of(event: Event, **changes: Any) -> Event:
    fields = {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
    return Event(**(fields | changes))


def test_an_empty_log_is_whole() -> None:
    verdict = verify(at=NOON)

    assert (verdict.events, verdict.head, verdict.first_break) == (0, 0, None)


def test_an_untouched_log_is_whole(events: list[Event]) -> None:
    verdict = verify(at=NOON)

    assert (verdict.events, verdict.head, verdict.first_break) == (5, 5, None)
    assert verdict.head_hash == Link.objects.get(number=5).hash


def test_a_long_log_is_walked_in_batches(events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BATCH", 2)

    assert verify(at=NOON).events == 5


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "Somebody else"},
        {"action": "case.closed"},
        {"target": "case TZ-2026-09999"},
        {"at": NOON - dt.timedelta(microseconds=1)},
        {"result": "refused"},
        {"actor_id": "1"},
        {"ip": "192.0.2.1"},
        {"channel": "web"},
        {"request_id": "x"},
        {"details": {"rows": 1}},
        {"mac": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_found(events: list[Event], change: dict[str, Any]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[2].pk).update(**change)

    assert verify(at=NOON).first_break == Break("event_changed", event=events[2].pk, link=3)


@pytest.mark.parametrize("index", [0, 2, 4])
def test_a_removed_event_is_found(events: list[Event], index: int) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[index].pk).delete()

    assert verify(at=NOON).first_break == Break("event_removed", event=events[index].pk, link=index + 1)


def test_an_event_that_is_removed_with_its_link_is_found(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[2].pk).delete()
        Link.objects.filter(number=3).delete()

    assert verify(at=NOON).first_break == Break("link_removed", event=events[3].pk, link=3)


def test_a_chain_that_was_cut_off_and_numbered_anew_is_found(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[2].pk).delete()
        Link.objects.filter(number=3).delete()
        Link.objects.filter(number=4).update(number=3, previous=Link.objects.get(number=2).hash)

    assert verify(at=NOON).first_break == Break("link_changed", event=events[3].pk, link=3)


def test_a_cut_off_end_is_found(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk__in=[events[3].pk, events[4].pk]).delete()
        Link.objects.filter(number__gt=3).delete()

    assert verify(at=NOON).first_break == Break("tail_removed", link=4)


def test_a_cut_off_end_stays_found_when_the_log_goes_on(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[4].pk).delete()
        Link.objects.filter(number=5).delete()
    later = record("case.read", by=None)

    assert verify(at=NOON).first_break == Break("link_removed", event=later.pk, link=5)


def test_an_emptied_log_is_found(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.all().delete()
        Link.objects.all().delete()

    assert verify(at=NOON).first_break == Break("tail_removed", link=1)


def test_a_head_that_was_put_back_is_found_and_not_built_on(events: list[Event]) -> None:
    """Who cuts off the end and moves the head back cannot sign it; linking on would do that for them."""
    with triggers_lifted():
        Event.objects.filter(pk=events[4].pk).delete()
        Link.objects.filter(number=5).delete()
        Head.objects.update(number=4, hash=Link.objects.get(number=4).hash)
    with capture_logs() as logs:
        record("case.read", by=None)

    assert verify(at=NOON).first_break == Break("head_changed", link=4)
    assert Link.objects.count() == 4
    assert [line["event"] for line in logs] == ["audit_head_changed"]


def test_a_removed_head_is_found_and_not_made_anew(events: list[Event]) -> None:
    with triggers_lifted():
        Head.objects.all().delete()
    with capture_logs() as logs:
        record("case.read", by=None)

    assert verify(at=NOON).first_break == Break("head_removed", link=5)
    assert Head.objects.count() == 0
    assert [line["event"] for line in logs] == ["audit_head_removed"]


def test_two_swapped_events_are_found(events: list[Event]) -> None:
    first, second = events[1], events[3]
    with triggers_lifted():
        Event.objects.filter(pk=first.pk).update(id=10**9)
        Event.objects.filter(pk=second.pk).update(id=first.pk)
        Event.objects.filter(pk=10**9).update(id=second.pk)

    assert verify(at=NOON).first_break == Break("event_swapped", event=first.pk, link=2)


def test_two_swapped_links_are_found(events: list[Event]) -> None:
    with triggers_lifted():
        Link.objects.filter(number=2).update(number=10**9)
        Link.objects.filter(number=3).update(number=2)
        Link.objects.filter(number=10**9).update(number=3)

    assert verify(at=NOON).first_break == Break("link_changed", event=events[2].pk, link=2)


@pytest.mark.parametrize(
    "change",
    [{"event_mac": "0" * 64}, {"hash": "0" * 64}, {"previous": "1" * 64}, {"event_id": 10**9}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_link_is_found(events: list[Event], change: dict[str, Any]) -> None:
    with triggers_lifted():
        Link.objects.filter(number=3).update(**change)

    found = verify(at=NOON).first_break
    assert found == Break("link_changed", event=change.get("event_id", events[2].pk), link=3)


def test_an_inserted_event_is_found_though_nothing_refuses_the_insert(events: list[Event]) -> None:
    forged = copy_of(events[0], id=10**9, uid="00000000-0000-0000-0000-000000000007", actor="Somebody else")
    forged.save(force_insert=True)

    assert verify(at=NOON).first_break == Break("event_inserted", event=10**9)
    link_left()
    assert verify(at=NOON).first_break == Break("event_changed", event=10**9, link=6)


def test_a_forged_link_at_the_end_is_found(events: list[Event]) -> None:
    Link.objects.create(number=6, event_id=10**9, event_mac="0" * 64, previous="2" * 64, hash="3" * 64)

    assert verify(at=NOON).first_break == Break("link_changed", event=10**9, link=6)


def test_another_key_fits_nothing(events: list[Event], settings: Any) -> None:
    settings.AUDIT_KEY = "another key"

    assert verify(at=NOON).first_break == Break("link_changed", event=events[0].pk, link=1)


def test_an_event_that_stays_unlinked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "link", lambda event_ids: 0)
    with time_machine.travel(NOON, tick=False):
        event = record("case.read", by=None)

    assert verify(at=NOON + dt.timedelta(minutes=9)).first_break is None
    assert verify(at=NOON + dt.timedelta(minutes=11)).first_break == Break("event_unlinked", event=event.pk)


def run(*arguments: str) -> tuple[int, str, str]:
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=err)
    except SystemExit as exit:
        code = int(str(exit.code))
    return code, out.getvalue(), err.getvalue()


def test_the_command_on_a_whole_log(events: list[Event]) -> None:
    assert run() == (0, "The log is whole: 5 events.\n", "")
    code, out, err = run("--json")
    assert (code, json.loads(out), err) == (0, {"events": 5, "ok": True, "first_break": None}, "")


def test_the_command_on_a_broken_log(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[2].pk).update(actor="x")

    code, out, err = run("--json")
    assert code == 1
    assert json.loads(out) == {
        "events": 2,
        "ok": False,
        "first_break": {"kind": "event_changed", "event": events[2].pk, "link": 3},
    }
    code, out, err = run()
    assert (code, out) == (1, "")
    assert err == f"The log is broken at event {events[2].pk} (link 3): event_changed\n"


def test_the_daily_check_links_what_was_left_and_logs_the_head(
    events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, time_machine.travel(NOON, tick=False):
        patch.setattr(services, "link", lambda event_ids: 0)
        record("case.read", by=None)

    with capture_logs() as logs:
        tasks.verify_log()

    expected = {
        "event": "audit_whole",
        "events": 6,
        "head": 6,
        "head_hash": Link.objects.get(number=6).hash,
        "log_level": "info",
    }
    assert logs == [expected]


def test_the_daily_check_alerts(events: list[Event]) -> None:
    with triggers_lifted():
        Event.objects.filter(pk=events[2].pk).delete()

    with capture_logs() as logs:
        tasks.verify_log()

    expected = {
        "event": "audit_broken",
        "kind": "event_removed",
        "audit_event": events[2].pk,
        "link": 3,
        "log_level": "critical",
    }
    assert logs == [expected]


def test_the_first_link_stands_on_nothing(events: list[Event]) -> None:
    assert Link.objects.get(number=1).previous == GENESIS


def test_walking_costs_the_same_per_batch(
    events: list[Event], django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(5):  # the head; links, their events, the end of the links; unlinked events
        verify(at=NOON)
