"""Who may still be told about a case: who sees it at this moment."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.queries.notices import those_still_seen
from cases.services import participation
from notifications.models import Notice
from tests.cast import NOW, Cast


def notices_about(cast: Cast, *names: str, about: bool = True) -> list[Notice]:
    numbers = [cast.cases[name].number for name in names]
    return [
        Notice(
            pk=index,
            kind="case_moved",
            about=number if about else "",
            context={"number": number},
        )
        for index, number in enumerate(numbers, start=1)
    ]


@pytest.mark.parametrize("about", [True, False])
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("case_manager", {1, 2}),
        ("care_worker", {1}),
        ("other_coordinator", set()),
        ("far_case_manager", set()),
        ("administrator", set()),
        ("superuser", set()),
    ],
)
def test_who_sees_a_case_may_be_told(cast: Cast, who: str, expected: set[int], about: bool) -> None:
    notices = notices_about(cast, "shared", "own", about=about)

    assert those_still_seen(cast.people[who], notices) == expected


def test_whose_access_ended_is_told_no_more(cast: Cast) -> None:
    worker, notices = cast.people["care_worker"], notices_about(cast, "shared")
    assert those_still_seen(worker, notices) == {1}
    taking_part = cast.cases["shared"].participations.get(partner=cast.care)
    participation.revoke(
        participation=taking_part, case=cast.cases["shared"], by=cast.people["case_manager"], at=NOW
    )

    assert those_still_seen(worker, notices) == set()


def test_about_no_case_is_told_to_nobody(cast: Cast) -> None:
    assert those_still_seen(cast.people["case_manager"], [Notice(pk=1, kind="case_moved")]) == set()


def test_many_notices_are_one_question(cast: Cast) -> None:
    manager = cast.people["case_manager"]
    few, many = notices_about(cast, "shared"), notices_about(cast, "shared", "own", "shared", "own")
    those_still_seen(manager, few)
    with CaptureQueriesContext(connection) as asked:
        assert those_still_seen(manager, many) == {1, 2, 3, 4}
    assert len(asked) == 1
