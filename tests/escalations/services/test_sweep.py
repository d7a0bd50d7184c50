"""The sweep: each reminder once, whatever moves, lapses, is told, postponed, switched off or missed."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from cases.enums import State
from cases.models import Case, Plan
from cases.services import facts, lifecycle, work
from cases.services.intake import ExemptionGiven
from common.dates import start_of
from escalations.models import Attestation, Reminder, RuleSetting
from escalations.rules import RULES
from escalations.services import sweep as module
from escalations.services.sweep import Tally, sweep_case, sweep_partnership
from escalations.services.sweeps import sweep_all
from schools.models import FreePeriod, Partnership, SchoolSite
from tests.factories.accounts import member
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
#: A Tuesday without a holiday near it, on which the cases of these tests came in.
START = dt.date(2026, 9, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture
def swv() -> Partnership:
    found: Partnership = PartnershipFactory(region="zuid")
    return found


@pytest.fixture
def manager(swv: Partnership) -> User:
    return member(None, Role.CASE_MANAGER, swv.organisation)


@pytest.fixture
def case(swv: Partnership) -> Case:
    """Of a pupil who is nowhere enrolled: no school is asked for its list."""
    return a_case(swv)


def a_case(swv: Partnership, **asked: Any) -> Case:
    """Absent since the first of September, signalled that day."""
    return make_case(
        **{
            "partnership": swv,
            "site": None,
            "on": START,
            "first_day_absent": START,
            "signalled_on": START,
            **asked,
        }
    )


def swept(swv: Partnership, on: str | dt.date) -> Tally:
    on = day(on) if isinstance(on, str) else on
    return sweep_partnership(swv.pk, on=on, at=start_of(on) + dt.timedelta(hours=6))


def made(swv: Partnership, on: str) -> dict[str, int]:
    return dict(swept(swv, on).by_rule)


def rows(rule: str, about: str = "case") -> list[tuple[str, str, str]]:
    """Due date, state and why of each reminder of a rule, as they were made."""
    found = Reminder.objects.filter(rule=rule, about=about).order_by("pk")
    return [(str(row.due_on), row.state, row.cancelled_why) for row in found]


def the(rule: str) -> Any:
    """What is pending of a rule."""
    return Reminder.objects.filter(rule=rule, state__in=("open", "postponed"))


def set_rule(swv: Partnership, by: User, rule: str, *, sector: str = "", **changes: Any) -> None:
    """As a partnership changes it: the newest counts."""
    standard, at = RULES[rule], start_of(START)
    RuleSetting.objects.filter(partnership=swv, rule=rule, sector=sector, replaced_at=None).update(
        replaced_at=at
    )
    RuleSetting.objects.create(
        **{
            "partnership": swv, "sector": sector, "rule": rule, "threshold": standard.threshold.number,
            "repeat": standard.repeat.number if standard.repeat else None, "recipients": "case_manager",
            "changed_at": at, "changed_by": by, **changes,
        }
    )  # fmt: skip


def correct(case: Case, by: User, **changes: Any) -> None:
    facts.correct(Case.objects.get(pk=case.pk), changes, by=by, at=start_of(START))


# --- Made once


def test_a_row_says_what_it_is_about_and_by_when(case: Case, swv: Partnership) -> None:
    swept(swv, "2026-09-30")
    row = Reminder.objects.get(rule="R10")
    assert (row.partnership, row.case, row.about, row.object_id) == (swv, case, "case", case.pk)
    assert (row.counts_from, row.due_on, row.by_when) == (START, day("2026-09-30"), day("2026-10-14"))
    assert (row.level, row.state, row.told_at, row.ended_at) == (2, "open", None, None)


def test_each_is_made_on_its_own_day_and_not_again(case: Case, swv: Partnership) -> None:
    found = {}
    for n in range(60):
        if by_rule := made(swv, str(START + n * DAY)):
            found[str(START + n * DAY)] = by_rule
        assert made(swv, str(START + n * DAY)) == {}
    assert found == {
        "2026-09-08": {"R17": 1},  # five school days
        "2026-09-15": {"R05": 1, "R17": 1, "R18": 1},
        "2026-09-22": {"R17": 1, "R18": 1},
        "2026-09-29": {"R17": 1, "R18": 1, "R18x": 1},
        "2026-09-30": {"R10": 1},
        "2026-10-06": {"R17": 1, "R18": 1},
        "2026-10-13": {"R11": 1, "R14": 1, "R17": 1, "R18": 1, "R18x": 1},
        "2026-10-27": {"R14": 1, "R17": 1, "R18": 1},  # over the autumn holiday
    }


def test_a_first_sweep_catches_up_with_one_of_each(case: Case, swv: Partnership) -> None:
    tally = swept(swv, "2026-10-30")
    assert (tally.open_cases, tally.due, tally.created, tally.cancelled) == (1, 7, 7, 0)
    assert sorted(Reminder.objects.values_list("rule", "due_on")) == [
        ("R05", day("2026-09-15")),
        ("R10", day("2026-09-30")),
        ("R11", day("2026-10-13")),
        ("R14", day("2026-10-27")),
        ("R17", day("2026-10-27")),
        ("R18", day("2026-10-27")),
        ("R18x", day("2026-10-13")),
    ]


def test_three_days_without_a_sweep_are_one_reminder(case: Case, swv: Partnership, manager: User) -> None:
    set_rule(swv, manager, "R14", threshold=3, repeat=1)
    swept(swv, "2026-09-05")
    assert rows("R14") == [("2026-09-05", "open", "")]
    assert made(swv, "2026-09-08")["R14"] == 1
    assert rows("R14") == [("2026-09-05", "repeated", ""), ("2026-09-08", "open", "")]


def test_every_day_or_only_the_last_day_is_pending_the_same(swv: Partnership) -> None:
    site = SchoolSiteFactory(partnerships=[swv], region="midden")
    for n in range(3):
        a_case(swv, site=site, first_day_absent=START - 9 * n * DAY)

    def pending() -> set[tuple[Any, ...]]:
        found = Reminder.objects.filter(state__in=("open", "postponed"))
        return set(found.values_list("rule", "about", "object_id", "due_on"))

    for n in range(0, 70):
        swept(swv, START + n * DAY)
    daily = pending()
    Reminder.objects.all().delete()
    swept(swv, START + 69 * DAY)
    assert pending() == daily
    assert len(daily) == 21


def test_a_year_ahead_and_back_loses_nothing(case: Case, swv: Partnership) -> None:
    swept(swv, "2026-09-15")
    swept(swv, "2027-09-15")
    swept(swv, "2026-09-16")
    assert [str(row.due_on) for row in the("R17").order_by("due_on")] == ["2026-09-15", "2027-09-10"]
    for n in range(16, 30):
        swept(swv, START + n * DAY)
    assert [str(row.due_on) for row in the("R17").filter(due_on__lte=day("2026-09-30"))] == ["2026-09-29"]
    assert rows("R10")[0] == ("2026-09-30", "open", "")
    swept(swv, "2026-10-27")
    assert made(swv, "2026-10-27") == {}
    swept(swv, "2027-09-15")
    assert [str(row.due_on) for row in the("R17")] == ["2027-09-10"]


# --- Holds no longer, holds again


def test_what_no_longer_holds_is_cancelled_and_taken_up_again(
    case: Case, swv: Partnership, manager: User
) -> None:
    swept(swv, "2026-10-01")
    correct(case, manager, back_on=day("2026-10-02"))
    tally = swept(swv, "2026-10-02")
    assert (tally.cancelled, tally.by_rule["R10"]) == (2, 0)
    assert rows("R10") == [("2026-09-30", "cancelled", "no_longer_holds")]
    assert Reminder.objects.get(rule="R10").ended_at == start_of(day("2026-10-02")) + dt.timedelta(hours=6)
    correct(case, manager, back_on=None)
    tally = swept(swv, "2026-10-03")
    assert (tally.cancelled, tally.created) == (0, 0)
    assert rows("R10") == [("2026-09-30", "open", "")]
    assert Reminder.objects.get(rule="R10").ended_at is None


def test_an_exemption_cancels_and_its_end_makes_the_repetition(
    case: Case, swv: Partnership, manager: User
) -> None:
    swept(swv, "2026-12-01")
    assert rows("R13") == [("2026-12-01", "open", "")]
    facts.add_exemption(
        case, ExemptionGiven("5a", day("2026-12-02"), day("2027-01-10")), by=manager, at=start_of(START)
    )
    swept(swv, "2026-12-02")
    assert rows("R13") == [("2026-12-01", "cancelled", "no_longer_holds")]
    assert rows("R16b", "exemption") == []
    swept(swv, "2027-01-11")
    assert rows("R13") == [("2026-12-01", "cancelled", "no_longer_holds"), ("2026-12-29", "open", "")]


def test_a_closed_case_cancels_all_and_a_reopened_one_begins_anew(
    case: Case, swv: Partnership, manager: User
) -> None:
    work.add_action(
        case=case, what="x", owner=manager, deadline=START, by=manager, at=start_of(START), on=START
    )
    swept(swv, "2026-10-02")
    pending = Reminder.objects.filter(state="open").count()
    assert pending == 7
    on = day("2026-10-05")
    lifecycle.close(case=case, closing=lifecycle.Closing("verhuisd-nl"), by=manager, at=start_of(on), on=on)
    tally = swept(swv, on)
    assert (tally.open_cases, tally.due, tally.created, tally.cancelled) == (0, 0, 0, 7)
    assert set(Reminder.objects.filter(state="cancelled").values_list("cancelled_why", flat=True)) == {
        "case_closed"
    }
    assert Reminder.objects.filter(state="open").count() == 0
    lifecycle.reopen(
        case=Case.objects.get(), reason="x", first_day_absent=on, by=manager, at=start_of(on), on=on
    )
    assert made(swv, "2026-10-06") == {}
    assert made(swv, "2026-10-12") == {"R17": 1}
    assert made(swv, "2026-11-03") == {"R05": 1, "R10": 1, "R17": 1, "R18": 1}


def test_one_case_at_once_after_somebody_did_something(case: Case, swv: Partnership, manager: User) -> None:
    swept(swv, "2026-10-02")
    other = a_case(swv)
    on = day("2026-10-05")
    lifecycle.close(case=case, closing=lifecycle.Closing("verhuisd-nl"), by=manager, at=start_of(on), on=on)
    tally = sweep_case(case.pk, swv.pk, on=on, at=start_of(on))
    assert (tally.created, tally.cancelled) == (0, 5)
    assert set(case.reminders.filter(state="cancelled").values_list("cancelled_why", flat=True)) == {
        "case_closed"
    }
    tally = sweep_case(other.pk, swv.pk, on=on, at=start_of(on))
    assert (tally.created, tally.cancelled) == (5, 0)
    assert swept(swv, on).created == 0


# --- Dates that move


def test_a_date_that_moves_cancels_and_makes_a_new_one(case: Case, swv: Partnership, manager: User) -> None:
    swept(swv, "2026-10-02")
    correct(case, manager, first_day_absent=START - 5 * DAY)
    tally = swept(swv, "2026-10-02")
    assert (tally.cancelled, dict(tally.by_rule)) == (2, {"R05": 1, "R10": 1})
    assert rows("R10") == [("2026-09-30", "cancelled", "date_moved"), ("2026-09-25", "open", "")]


@pytest.mark.parametrize("days", [-5, 1])
def test_a_date_moved_back_never_makes_a_second(swv: Partnership, manager: User, days: int) -> None:
    case = a_case(swv, signalled_on=START + 7 * DAY)
    swept(swv, "2026-10-02")
    for _ in range(3):
        correct(case, manager, first_day_absent=START + days * DAY)
        swept(swv, "2026-10-02")
        correct(case, manager, first_day_absent=START)
        swept(swv, "2026-10-02")
    moved = str(day("2026-09-30") + days * DAY)
    assert rows("R10") == [("2026-09-30", "open", ""), (moved, "cancelled", "date_moved")]


def test_a_date_moved_back_does_not_send_what_was_done(swv: Partnership, manager: User) -> None:
    case = a_case(swv, signalled_on=START + 7 * DAY)
    swept(swv, "2026-10-02")
    the("R10").update(state="done", told_at=start_of(START), ended_at=start_of(START))
    correct(case, manager, first_day_absent=START + 3 * DAY)
    swept(swv, "2026-10-03")
    set_rule(swv, manager, "R10", threshold=30)  # and the rule changed while it was away
    correct(case, manager, first_day_absent=START)
    assert made(swv, "2026-10-04") == {}
    assert rows("R10") == [("2026-09-30", "done", ""), ("2026-10-03", "cancelled", "date_moved")]


def test_a_date_from_which_the_same_day_follows_keeps_its_reminder(swv: Partnership, manager: User) -> None:
    case = a_case(swv, first_day_absent=day("2026-09-05"), signalled_on=day("2026-09-07"))  # a Saturday
    swept(swv, "2026-09-18")
    correct(case, manager, first_day_absent=day("2026-09-06"))
    tally = swept(swv, "2026-09-18")
    assert (tally.created, tally.cancelled) == (0, 0)
    row = Reminder.objects.get(rule="R05")
    assert (row.due_on, row.counts_from, row.state) == (day("2026-09-18"), day("2026-09-06"), "open")


def test_the_date_that_is_taken_up_is_the_one_that_counts_now(swv: Partnership, manager: User) -> None:
    case = a_case(swv, first_day_absent=day("2026-09-05"), signalled_on=day("2026-09-07"))
    swept(swv, "2026-09-18")
    correct(case, manager, back_on=day("2026-09-19"))
    swept(swv, "2026-09-19")
    correct(case, manager, back_on=None, first_day_absent=day("2026-09-06"))
    swept(swv, "2026-09-20")
    row = Reminder.objects.get(rule="R05")
    assert (row.due_on, row.counts_from, row.state) == (day("2026-09-18"), day("2026-09-06"), "open")


# --- What people did


def test_what_was_told_is_not_made_again_and_a_repetition_is(case: Case, swv: Partnership) -> None:
    swept(swv, "2026-10-13")
    Reminder.objects.filter(rule__in=("R10", "R14")).update(
        state="done", told_at=start_of(START), ended_at=start_of(START)
    )
    assert "R14" not in made(swv, "2026-10-26")
    assert made(swv, "2026-10-27")["R14"] == 1
    assert rows("R10") == [("2026-09-30", "done", "")]
    assert rows("R14") == [("2026-10-13", "done", ""), ("2026-10-27", "open", "")]


def test_postponed_comes_back_on_its_day_and_repeats_from_there(case: Case, swv: Partnership) -> None:
    swept(swv, "2026-10-13")
    Reminder.objects.filter(rule__in=("R10", "R14")).update(
        state="postponed", postponed_until=day("2026-10-20"), told_at=start_of(START)
    )
    assert made(swv, "2026-10-19") == {}
    assert made(swv, "2026-10-20") == {"R10": 1, "R14": 1}
    assert rows("R10") == [("2026-09-30", "repeated", ""), ("2026-10-20", "open", "")]
    assert rows("R14") == [("2026-10-13", "repeated", ""), ("2026-10-20", "open", "")]
    assert "R14" not in made(swv, "2026-11-02")
    assert made(swv, "2026-11-03")["R14"] == 1  # fourteen days after it came back
    assert made(swv, "2026-11-17")["R14"] == 1
    assert rows("R10")[1:] == [("2026-10-20", "open", "")]


def test_postponed_and_swept_late_comes_back_once(case: Case, swv: Partnership) -> None:
    swept(swv, "2026-10-13")
    the("R14").update(state="postponed", postponed_until=day("2026-10-20"), told_at=start_of(START))
    assert made(swv, "2026-11-20")["R14"] == 1
    assert rows("R14") == [("2026-10-13", "repeated", ""), ("2026-11-17", "open", "")]
    assert made(swv, "2026-11-20") == {}


def test_not_applicable_is_silent_until_the_date_moves(case: Case, swv: Partnership, manager: User) -> None:
    swept(swv, "2026-10-13")
    the("R14").update(state="not_applicable", told_at=start_of(START), ended_at=start_of(START))
    assert "R14" not in made(swv, "2027-02-01")
    noted = {"kind": "notitie", "text": "x", "is_progress": True, "by": manager, "at": start_of(START)}
    work.add_note(case=case, noted_on=day("2026-10-20"), on=day("2026-10-20"), **noted)
    assert made(swv, "2026-12-01")["R14"] == 1
    assert rows("R14") == [("2026-10-13", "not_applicable", ""), ("2026-12-01", "open", "")]


def test_not_applicable_is_silent_when_the_date_moved_back(swv: Partnership, manager: User) -> None:
    case = a_case(swv, signalled_on=START + 7 * DAY)
    swept(swv, "2026-12-01")
    the("R13").update(state="not_applicable", told_at=start_of(START), ended_at=start_of(START))
    correct(case, manager, first_day_absent=START + DAY)
    swept(swv, "2026-12-02")
    correct(case, manager, first_day_absent=START)
    swept(swv, "2027-02-01")
    assert rows("R13") == [("2026-12-01", "not_applicable", ""), ("2026-12-02", "cancelled", "date_moved")]


# --- Rules that change


def test_a_changed_rule_never_sends_the_first_again(case: Case, swv: Partnership, manager: User) -> None:
    swept(swv, "2026-10-13")
    Reminder.objects.update(told_at=start_of(START))
    for threshold in (9, 12, 20):
        for rule in ("R05", "R10", "R14"):
            set_rule(swv, manager, rule, threshold=threshold, repeat=None)
        assert not {"R05", "R10", "R14"} & set(made(swv, "2026-10-14"))
    assert [len(rows(rule)) for rule in ("R05", "R10", "R14")] == [1, 1, 1]


def test_what_nobody_heard_of_waits_for_the_new_threshold(
    case: Case, swv: Partnership, manager: User
) -> None:
    swept(swv, "2026-09-30")
    set_rule(swv, manager, "R10", threshold=35)
    swept(swv, "2026-10-01")
    assert rows("R10") == [("2026-09-30", "cancelled", "rule_changed")]
    swept(swv, "2026-10-06")
    assert rows("R10") == [("2026-09-30", "cancelled", "rule_changed"), ("2026-10-06", "open", "")]


def test_a_rule_switched_off_and_on(case: Case, swv: Partnership, manager: User) -> None:
    swept(swv, "2026-09-30")
    set_rule(swv, manager, "R10", active=False)
    tally = swept(swv, "2026-10-01")
    assert (tally.cancelled, rows("R10")) == (1, [("2026-09-30", "cancelled", "rule_off")])
    set_rule(swv, manager, "R10")
    assert made(swv, "2026-10-02") == {}
    assert rows("R10") == [("2026-09-30", "open", "")]


def test_a_rule_of_one_sector(swv: Partnership, manager: User) -> None:
    a_case(swv, sector="vo")
    primary = a_case(swv, sector="bo")
    set_rule(swv, manager, "R10", active=False)
    set_rule(swv, manager, "R10", sector="bo", threshold=20)
    swept(swv, "2026-09-30")
    found = Reminder.objects.filter(rule="R10").values_list("case", "due_on")
    assert list(found) == [(primary.pk, day("2026-09-21"))]


def test_a_rule_switched_off_for_one_sector_says_so(swv: Partnership, manager: User) -> None:
    a_case(swv, sector="vo")
    primary = a_case(swv, sector="bo")
    swept(swv, "2026-09-30")
    set_rule(swv, manager, "R10", sector="bo", active=False)
    assert swept(swv, "2026-10-01").cancelled == 1
    cancelled = Reminder.objects.filter(state="cancelled").values_list("rule", "case", "cancelled_why")
    assert list(cancelled) == [("R10", primary.pk, "rule_off")]


def test_a_rule_before_a_date_in_school_days(case: Case, swv: Partnership, manager: User) -> None:
    """A negative threshold lies before the date."""
    set_rule(swv, manager, "R23", threshold=-5)
    work.add_action(
        case=case,
        what="x",
        owner=manager,
        deadline=day("2026-10-30"),
        by=manager,
        at=start_of(START),
        on=START,
    )
    assert "R23" not in made(swv, "2026-10-15")
    swept(swv, "2026-10-16")
    assert rows("R23", "action") == [("2026-10-16", "open", "")]  # Friday before the holiday


def test_a_repetition_that_was_added_comes_when_its_turn_is(
    case: Case, swv: Partnership, manager: User
) -> None:
    swept(swv, "2026-10-01")
    set_rule(swv, manager, "R10", repeat=7)
    assert "R10" not in made(swv, "2026-10-06")
    assert made(swv, "2026-10-07")["R10"] == 1


# --- Where the calendar comes from


@pytest.mark.parametrize(
    ("region", "expected"), [("zuid", "2026-10-26"), ("noord", "2026-10-19"), ("", "2026-10-19")]
)
def test_a_case_without_site_goes_by_the_region_of_the_partnership(region: str, expected: str) -> None:
    swv = PartnershipFactory(region=region)
    # Ten school days: over the holiday of the south (17 to 25 October), and over none.
    start = day("2026-10-05") if region != "noord" else day("2026-09-28")
    a_case(swv, first_day_absent=start, signalled_on=start)
    assert "R05" not in made(swv, str(day(expected) - DAY))
    swept(swv, expected)
    assert rows("R05") == [(expected, "open", "")]


def test_free_days_of_the_school_put_it_off(swv: Partnership) -> None:
    site: SchoolSite = SchoolSiteFactory(partnerships=[swv], region="zuid")
    a_case(swv, site=site)
    FreePeriod.objects.create(
        organisation=site.school.organisation, kind="vrij", name="x",
        first_day=day("2026-09-10"), last_day=day("2026-09-11"),
    )  # fmt: skip
    assert "R05" not in made(swv, "2026-09-16")
    swept(swv, "2026-09-17")
    assert rows("R05") == [("2026-09-17", "open", "")]


# --- Schools that confirm their list


def test_a_school_is_asked_from_the_first_date_after_it_was_added(swv: Partnership, manager: User) -> None:
    new, old, of_the_day = (SchoolSiteFactory(partnerships=[swv]).school for _ in range(3))
    for school, added in ((new, "2026-09-20"), (old, "2026-01-01"), (of_the_day, "2026-09-15")):
        school.organisation.added_on = day(added)
        school.organisation.save()
    assert made(swv, "2026-09-14") == {"R15": 1}  # of June
    assert made(swv, "2026-09-15") == {"R15": 1}
    assert set(Reminder.objects.filter(rule="R15").values_list("object_id", flat=True)) == {old.pk}
    assert made(swv, "2026-09-22") == {"R15": 1}  # a week later
    Attestation.objects.create(
        partnership=swv, school=old, round=day("2026-09-15"), open_cases=0,
        answered_at=start_of(START), answered_by=manager,
    )  # fmt: skip
    assert swept(swv, "2026-09-23").cancelled == 1
    assert made(swv, "2026-12-14") == {}
    assert made(swv, "2026-12-15") == {"R15": 3}
    row = Reminder.objects.get(rule="R15", object_id=new.pk)
    assert (row.case, row.about, row.counts_from, row.by_when) == (
        None, "school", day("2026-12-15"), day("2026-12-22"),
    )  # fmt: skip


def test_a_school_of_two_partnerships_answers_to_each(swv: Partnership, manager: User) -> None:
    other = PartnershipFactory()
    school = SchoolSiteFactory(partnerships=[swv, other]).school
    school.organisation.added_on = day("2026-01-01")
    school.organisation.save()
    on = day("2026-09-15")
    assert sweep_all(on=on, at=start_of(on)).by_rule == {"R15": 2}
    Attestation.objects.create(
        partnership=other, school=school, round=on, open_cases=0,
        answered_at=start_of(on), answered_by=manager,
    )  # fmt: skip
    tally = sweep_all(on=on, at=start_of(on))
    assert (tally.due, tally.created, tally.cancelled) == (1, 0, 1)
    assert list(the("R15").values_list("partnership", flat=True)) == [swv.pk]


# --- Plans and their ends


def test_both_of_the_end_at_once_and_gone_when_it_is_past(
    case: Case, swv: Partnership, manager: User
) -> None:
    plan = Plan.objects.create(
        case=case, spell=1, kind="return", start=START, end=day("2026-09-20"),
        created_at=start_of(START), created_by=manager,
    )  # fmt: skip
    assert made(swv, "2026-09-02") == {"R16a": 1, "R16b": 1}
    assert set(Reminder.objects.values_list("rule", "object_id", "due_on", "by_when")) == {
        ("R16a", plan.pk, day("2026-06-22"), day("2026-09-20")),
        ("R16b", plan.pk, day("2026-08-21"), day("2026-09-20")),
    }
    swept(swv, "2026-09-20")
    assert the("R16b").count() == 1
    swept(swv, "2026-09-21")
    assert rows("R16b", "plan") == [("2026-08-21", "cancelled", "no_longer_holds")]


# --- How it goes


def test_a_sweep_looks_at_its_own_partnership(case: Case, swv: Partnership) -> None:
    other = PartnershipFactory(region="zuid")
    a_case(other)
    swept(swv, "2026-10-13")
    assert set(Reminder.objects.values_list("partnership", flat=True)) == {swv.pk}
    on = day("2026-10-13")
    both = sweep_all(on=on, at=start_of(on))
    assert (both.open_cases, both.due, both.created) == (2, 14, 7)


def test_a_case_that_was_not_signalled_yet_is_not_there(case: Case, swv: Partnership) -> None:
    tally = swept(swv, START - DAY)
    assert (tally.open_cases, tally.due, tally.created) == (0, 0, 0)
    assert swept(swv, START).open_cases == 1


def test_a_deadline_on_the_last_day_there_is_holds_up_nothing(
    case: Case, swv: Partnership, manager: User
) -> None:
    facts.add_exemption(case, ExemptionGiven("5b", None, dt.date.max), by=manager, at=start_of(START))
    work.add_action(
        case=case, what="x", owner=manager, deadline=dt.date.max, by=manager, at=start_of(START), on=START
    )
    assert made(swv, "2026-10-13") == {"R14": 1, "R17": 1, "R18": 1, "R18x": 1}


def test_closed_cases_are_not_looked_at(swv: Partnership) -> None:
    a_case(swv, states=((State.ARRANGEMENT, START),), closed_on=START + DAY, destination="verhuisd-nl")
    tally = swept(swv, "2026-10-13")
    assert (tally.open_cases, tally.due, tally.created) == (0, 0, 0)


def test_as_many_queries_for_many_cases(swv: Partnership) -> None:
    def counted(on: str) -> int:
        with CaptureQueriesContext(connection) as found:
            swept(swv, on)
        # SQLite inserts fifty rows at a time.
        return len([query for query in found if not query["sql"].startswith("INSERT")])

    site = SchoolSiteFactory(partnerships=[swv])
    for _ in range(3):
        a_case(swv, site=site)
    swept(swv, "2026-09-02")
    of_three = counted("2026-10-13"), counted("2026-10-13"), counted("2026-10-27")
    Reminder.objects.all().delete()
    for _ in range(27):
        a_case(swv, site=SchoolSiteFactory(partnerships=[swv]))
    swept(swv, "2026-09-02")
    of_thirty = counted("2026-10-13"), counted("2026-10-13"), counted("2026-10-27")
    assert Reminder.objects.filter(rule="R17", state="open").count() == 30
    assert of_three == of_thirty


@pytest.mark.parametrize("chunk", [1, 3, 5, 100])
def test_the_size_of_chunks_makes_no_difference(
    swv: Partnership, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    monkeypatch.setattr(module, "BATCH", 4)
    for _ in range(5):
        a_case(swv)
    tally = swept(swv, "2026-10-13")
    assert (tally.open_cases, tally.due, tally.created) == (5, 35, 35)
    tally = swept(swv, "2026-10-27")
    assert (tally.due, tally.cancelled, dict(tally.by_rule)) == (35, 0, {"R14": 5, "R17": 5, "R18": 5})
    assert Reminder.objects.filter(state="open").count() == 35
