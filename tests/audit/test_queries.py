from collections.abc import Callable
from typing import Any

import pytest

from audit.queries import events_about
from audit.services import record

pytestmark = pytest.mark.django_db


def test_events_about_an_object_newest_first() -> None:
    first = record("case.read", by=None, target="case TZ-2026-00001")
    record("case.read", by=None, target="case TZ-2026-00010")
    second = record("case.transition", by=None, target="case TZ-2026-00001")

    assert events_about("case TZ-2026-00001") == [second, first]


def test_of_some_actions_only() -> None:
    read = record("case.read", by=None, target="case TZ-2026-00001")
    record("case.transition", by=None, target="case TZ-2026-00001")

    assert events_about("case TZ-2026-00001", {"case.read"}) == [read]
    assert events_about("case TZ-2026-00001", set()) == []


def test_page_by_page(django_assert_num_queries: Callable[..., Any]) -> None:
    events = [record("case.read", by=None, target="case TZ-2026-00001") for _ in range(5)]

    with django_assert_num_queries(1):
        page = events_about("case TZ-2026-00001", limit=2)
    assert page == [events[4], events[3]]
    assert events_about("case TZ-2026-00001", limit=2, before=page[-1].pk) == [events[2], events[1]]
