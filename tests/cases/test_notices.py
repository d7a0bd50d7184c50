"""Who may still be told about a case: who sees it at this moment."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cases.queries.notices import those_still_seen
from cases.services import participation, work
from notifications.models import Notice
from notifications.queries import todo_of
from tests.cast import LATER, NOW, TODAY, Cast
from tests.factories.accounts import member


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


def asked_of(user: object) -> list[tuple[str, str, object]]:
    """What stands under "To do" in somebody's inbox."""
    groups, _more = todo_of(user)
    return [(group.about, it.kind, it.by_when) for group in groups for it in group.notices]


def test_an_action_is_asked_until_it_is_ended(cast: Cast) -> None:
    manager, case = cast.people["case_manager"], cast.cases["shared"]
    coordinator = cast.people["coordinator"]
    done = {"by": manager, "at": NOW}
    actions = [
        work.add_action(case=case, what="Bellen", owner=coordinator, deadline=day, on=TODAY, **done)
        for day in (TODAY, LATER)
    ]
    assert asked_of(coordinator) == [
        (case.number, "action_given", TODAY),
        (case.number, "action_given", LATER),
    ]

    work.finish_action(action=actions[0], case=case, state="done", result="Gebeld", **done)
    assert asked_of(coordinator) == [(case.number, "action_given", LATER)]
    work.drop_all(case, **done)
    assert asked_of(coordinator) == []


def test_an_invitation_is_asked_until_it_is_answered_or_taken_back(cast: Cast) -> None:
    worker, case = cast.people["other_care_worker"], cast.cases["own"]
    invite = {
        "case": case,
        "partner": cast.other_care,
        "purpose": "Meedenken",
        "ends_on": LATER,
        "by": cast.people["case_manager"],
        "at": NOW,
        "on": TODAY,
    }
    before = asked_of(worker)
    asked = participation.invite(**invite)
    assert asked_of(worker) == [*before, (case.number, "participation_invited", None)]
    participation.decline(participation=asked, note="", by=worker, at=NOW, on=TODAY)
    assert asked_of(worker) == before

    colleague = member(None, "care_worker", cast.other_care.organisation)
    again = participation.invite(**invite)
    assert [kind for _, kind, _ in asked_of(colleague)] == ["participation_invited"]
    colleague.memberships.update(ended_at=NOW)
    assert asked_of(User.objects.get(pk=colleague.pk)) == []
    assert len(asked_of(worker)) == len(before) + 1
    participation.revoke(participation=again, case=case, by=cast.people["case_manager"], at=NOW)
    assert asked_of(worker) == before
