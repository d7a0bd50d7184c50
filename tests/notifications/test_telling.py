import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications import kinds
from notifications.kinds import Frequency
from notifications.models import Dispatch, Notice, Preference
from notifications.services import restore, tell, withdraw
from tests.at_once import at_once
from tests.factories.accounts import UserFactory
from tests.notifications.conftest import DAY, HOUR, NOON, duty, mail_at, person, tell_at, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rights")]

EIGHT_TOMORROW = dt.datetime(2026, 11, 4, 7, 0, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 11, 9, 7, 0, tzinfo=dt.UTC)


def turns() -> list[tuple[str, str, dt.datetime]]:
    rows = Dispatch.objects.order_by("notice__key").values_list("notice__key", "state", "due_at")
    return list(rows)


def test_each_gets_a_notice_with_its_turn_to_be_mailed() -> None:
    karin = person()

    assert tell_at(NOON, told(karin), told(karin, kind="letter"), duty(karin)) == 3
    assert turns() == [
        ("duty:1", "waiting", EIGHT_TOMORROW),
        ("letter:1", "waiting", MONDAY),
        ("new:1", "waiting", NOON),
    ]
    notice = Notice.objects.get(key="duty:1")
    assert (notice.user, notice.about, notice.urgency, notice.asks, notice.by_when) == (
        karin,
        "TZ-2026-00001",
        2,
        True,
        dt.date(2026, 11, 20),
    )


def test_telling_again_adds_nothing() -> None:
    karin, bert = person(), person("Bert")
    tell_at(NOON, told(karin))

    assert tell_at(NOON + HOUR, told(karin), told(karin), told(bert)) == 1
    assert sorted(Notice.objects.values_list("user__name", "key")) == [("Bert", "new:1"), ("Karin", "new:1")]
    assert Dispatch.objects.get(user=karin).due_at == NOON


def test_the_preference_of_each_counts() -> None:
    karin, bert, carl = person(), person("Bert"), person("Carl")
    Preference.objects.create(user=bert, topic="news", frequency=Frequency.WEEKLY)
    Preference.objects.create(user=carl, topic="news", frequency=Frequency.OFF)
    tell_at(NOON, told(karin), told(bert), told(carl))

    assert dict(Dispatch.objects.values_list("user__name", "state")) == {
        "Karin": "waiting",
        "Bert": "waiting",
        "Carl": "dropped",
    }
    assert Dispatch.objects.get(user=bert).due_at == MONDAY
    assert Notice.objects.filter(user=carl).count() == 1


def test_what_was_turned_off_and_became_required_is_mailed() -> None:
    karin = person()
    Preference.objects.create(user=karin, topic="duty", frequency=Frequency.OFF)
    tell_at(NOON, duty(karin))

    assert turns() == [("duty:1", "waiting", EIGHT_TOMORROW)]


def test_a_notice_of_before_there_were_turns_gets_none() -> None:
    karin = person()
    Notice.objects.create(user=karin, kind="new", key="new:1", context={"number": "1"})

    assert tell_at(NOON, told(karin)) == 0
    assert turns() == []


def test_what_is_rolled_back_was_not_told() -> None:
    karin = person()
    with transaction.atomic():
        tell([told(karin)])
        transaction.set_rollback(True)

    assert (Notice.objects.count(), Dispatch.objects.count()) == (0, 0)
    assert tell([told(karin)]) == 1


@pytest.mark.parametrize(
    "mistake", [{"kind": "unheard_of"}, {"context": {}}, {"link": "https://elsewhere.example/"}]
)
def test_a_mistake_of_the_caller_tells_nobody(mistake: dict[str, Any]) -> None:
    karin = person()
    with pytest.raises((KeyError, ValueError)):
        tell([told(karin, 1), told(karin, 2, **mistake)])

    assert Notice.objects.count() == 0


def test_thousands_take_few_statements() -> None:
    people = [UserFactory() for _ in range(30)]

    with CaptureQueriesContext(connection) as asked:
        assert tell(told(user, number) for user in people for number in range(100)) == 3000
    assert Dispatch.objects.filter(state="waiting").count() == 3000
    statements = [query["sql"].split()[0] for query in asked.captured_queries]
    batches = 3
    assert statements.count("SELECT") == 3 * batches
    # SQLite takes fewer values in one statement.
    assert statements.count("INSERT") == 2 * batches or connection.vendor == "sqlite"


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_the_same_at_once_tell_it_once() -> None:
    people = [person(name) for name in ("Karin", "Bert", "Carl")]
    items = [told(user, number) for user in people for number in range(20)]

    found = at_once(lambda: tell(items), lambda: tell(reversed(items)), lambda: tell(items))
    assert sorted(found) == [0, 0, 60]
    assert (Notice.objects.count(), Dispatch.objects.filter(state="waiting").count()) == (60, 60)


def test_withdrawing_takes_it_from_everyone() -> None:
    karin, bert = person(), person("Bert")
    tell_at(NOON, duty(karin), duty(bert), duty(karin, 2))

    withdraw(keys=["duty:1", "unknown"], at=NOON + HOUR)
    assert sorted(Notice.objects.values_list("user__name", "key", "withdrawn_at")) == [
        ("Bert", "duty:1", NOON + HOUR),
        ("Karin", "duty:1", NOON + HOUR),
        ("Karin", "duty:2", None),
    ]
    assert sorted(Dispatch.objects.values_list("notice__key", "state")) == [
        ("duty:1", "dropped"),
        ("duty:1", "dropped"),
        ("duty:2", "waiting"),
    ]


def test_withdrawing_for_one_leaves_it_with_the_others() -> None:
    karin, bert = person(), person("Bert")
    tell_at(NOON, duty(karin), duty(bert))

    withdraw(keys=["duty:1"], at=NOON, user_ids=[bert.pk])
    assert dict(Dispatch.objects.values_list("user__name", "state")) == {
        "Karin": "waiting",
        "Bert": "dropped",
    }
    assert Notice.objects.get(user=karin).withdrawn_at is None


def test_the_first_withdrawal_counts() -> None:
    karin = person()
    tell_at(NOON, duty(karin))
    withdraw(keys=["duty:1"], at=NOON + HOUR)
    withdraw(keys=["duty:1"], at=NOON + DAY)

    assert Notice.objects.get().withdrawn_at == NOON + HOUR


def test_what_was_never_mailed_waits_anew_when_it_is_restored() -> None:
    karin = person()
    tell_at(NOON, duty(karin), duty(karin, 2))
    withdraw(keys=["duty:1", "duty:2"], at=NOON + HOUR)

    restore(keys=["duty:1"], at=NOON + 2 * DAY)
    assert turns() == [
        ("duty:1", "waiting", EIGHT_TOMORROW + 2 * DAY),
        ("duty:2", "dropped", EIGHT_TOMORROW),
    ]
    assert dict(Notice.objects.values_list("key", "withdrawn_at")) == {
        "duty:1": None,
        "duty:2": NOON + HOUR,
    }


def test_what_was_mailed_is_not_mailed_again_when_it_is_restored(mailoutbox: Any) -> None:
    karin = person()
    tell_at(NOON, told(karin))
    assert mail_at(NOON + HOUR) == 1
    withdraw(keys=["new:1"], at=NOON + HOUR)
    restore(keys=["new:1"], at=NOON + DAY)

    assert turns() == [("new:1", "bundled", NOON)]
    assert mail_at(NOON + 9 * DAY) == 0
    assert len(mailoutbox) == 1


def test_restoring_what_is_turned_off_mails_nothing() -> None:
    karin = person()
    Preference.objects.create(user=karin, topic="news", frequency=Frequency.OFF)
    tell_at(NOON, told(karin))
    withdraw(keys=["new:1"], at=NOON)
    restore(keys=["new:1"], at=NOON + DAY)

    assert [state for _, state, _ in turns()] == ["dropped"]


def test_restoring_what_was_not_withdrawn_changes_nothing() -> None:
    karin = person()
    Preference.objects.create(user=karin, topic="news", frequency=Frequency.OFF)
    tell_at(NOON, told(karin))
    Preference.objects.all().delete()
    restore(keys=["new:1"], at=NOON + DAY)

    assert [state for _, state, _ in turns()] == ["dropped"]


def test_a_required_topic_cannot_start_turned_off() -> None:
    with pytest.raises(ValueError, match="required"):
        kinds.register_topic("wrong", "Wrong", default=Frequency.OFF, required=True)
