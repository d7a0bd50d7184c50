"""What the timetable does: drafts on the first working day, reminders, and the check of the digests."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from structlog.testing import capture_logs

from accounts.models import Membership
from accounts.roles import Role
from common.dates import start_of
from config.celery import TIMETABLE
from notifications.kinds import allowed, text_of
from notifications.models import Notice
from reports import tasks
from reports.models import DraftTurn, Version
from reports.services import drafts
from reports.services import versions as services
from tests.append_only import triggers_lifted
from tests.cast import Cast, cast
from tests.reports.handing_in import OCTOBER, SEPTEMBER, draft, issue, issued, the

__all__ = ["cast"]

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 11, 2)
AT = start_of(MONDAY) + dt.timedelta(hours=3)


def make_due(day: dt.date = MONDAY) -> int:
    return drafts.make_due(at=start_of(day) + dt.timedelta(hours=3), on=day)


def remind(day: dt.date) -> int:
    return drafts.remind_waiting(at=start_of(day) + dt.timedelta(hours=3), on=day)


def told(key: str) -> list[tuple[str, str]]:
    found = Notice.objects.filter(key__startswith=f"{key}:", withdrawn_at__isnull=True).order_by("user__name")
    return [(notice.user.name, notice.kind) for notice in found]


def test_each_partnership_gets_the_month_and_the_quarter_once(cast: Cast) -> None:
    third = dt.date(2026, 7, 1)
    assert make_due() == 4
    found = Version.objects.order_by("partnership__organisation__number", "first_day")
    assert [(it.partnership.number, it.first_day, it.definition, it.known_at) for it in found] == [
        (number, first, "D2", AT) for number in ("VO9901", "VO9902") for first in (third, OCTOBER.first)
    ]
    assert make_due() == 0
    assert make_due(dt.date(2026, 11, 3)) == 0


def test_nothing_before_the_first_working_day_and_late_is_well(cast: Cast) -> None:
    make_due(dt.date(2026, 10, 1))
    Version.objects.all().delete()
    assert make_due(dt.date(2026, 11, 1)) == 0
    assert make_due(dt.date(2026, 11, 25)) == 2
    assert set(Version.objects.values_list("first_day", flat=True)) == {OCTOBER.first}


def test_a_draft_that_was_discarded_does_not_come_back(cast: Cast) -> None:
    make_due()
    mine = Version.objects.get(partnership=cast.swv, first_day=OCTOBER.first)
    services.discard(version_id=mine.pk, by=the(cast, "reporter"), at=AT)
    assert make_due() == 0


def test_what_was_made_by_hand_is_left_alone(cast: Cast) -> None:
    made = draft(cast, OCTOBER)
    assert make_due() == 3
    assert Version.objects.get(partnership=cast.swv, first_day=OCTOBER.first) == made
    assert DraftTurn.objects.count() == 4
    assert told("report_draft") == [("far_case_manager", "report_draft_instead")] * 2 + [
        ("reporter", "report_draft")
    ]


def test_reporters_are_told_or_else_case_managers(cast: Cast) -> None:
    make_due()
    assert told("report_draft") == [
        ("far_case_manager", "report_draft_instead"),
        ("far_case_manager", "report_draft_instead"),
        ("reporter", "report_draft"),
        ("reporter", "report_draft"),
    ]
    notice = Notice.objects.filter(user=cast.people["reporter"]).latest("pk")
    assert "SWV Hier" in text_of(notice.kind, notice.context).title
    assert notice.link == f"/rapportages/versies/{notice.key.split(':')[1]}/"


def test_one_that_fails_does_not_stop_the_others_and_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = drafts.new_draft

    def fails(**given: Any) -> Version:
        if given["partnership"].number == "VO9901":
            raise RuntimeError("out of order")
        return real(**given)

    monkeypatch.setattr(drafts, "new_draft", fails)
    with capture_logs() as logs:
        assert make_due() == 2
    assert [(log["event"], log["partnership"]) for log in logs] == [("report_draft_failed", "VO9901")] * 2
    monkeypatch.setattr(drafts, "new_draft", real)
    assert make_due() == 2


# --- Reminders


def test_a_draft_that_waits_for_five_working_days_is_reminded_of_once(cast: Cast) -> None:
    make_due()
    assert remind(dt.date(2026, 11, 6)) == 0
    assert told("report_draft_waits") == []
    assert remind(dt.date(2026, 11, 9)) == 4
    assert remind(dt.date(2026, 11, 9)) == 0
    assert told("report_draft_waits") == [
        ("far_case_manager", "report_draft_waits_instead"),
        ("far_case_manager", "report_draft_waits_instead"),
        ("reporter", "report_draft_waits"),
        ("reporter", "report_draft_waits"),
    ]


def test_after_issuing_and_discarding_nothing_is_asked_any_more(cast: Cast) -> None:
    make_due()
    remind(dt.date(2026, 11, 9))
    quarter, month = Version.objects.filter(partnership=cast.swv).order_by("first_day")
    issue(cast, month)
    services.discard(version_id=quarter.pk, by=the(cast, "reporter"), at=AT)
    assert [kind for name, kind in told("report_draft") if name == "reporter"] == []
    assert [kind for name, kind in told("report_draft_waits") if name == "reporter"] == []


def test_who_is_no_reporter_any_more_is_not_told(cast: Cast) -> None:
    make_due()
    user = the(cast, "reporter")
    notices = list(Notice.objects.filter(user=user))
    assert (len(notices), len(allowed(user, notices))) == (2, 2)
    Membership.objects.filter(user=user).update(ended_at=AT)
    assert allowed(the(cast, "reporter"), notices) == []


# --- The tasks


def test_the_tasks_are_in_the_timetable() -> None:
    every = {job.task: job.every for job in TIMETABLE}
    assert (every["reports.tasks.make_drafts"], every["reports.tasks.verify_versions"]) == (3600, 86400)


def test_the_task_makes_drafts_and_reminds(cast: Cast) -> None:
    with time_machine.travel(AT, tick=False):
        tasks.make_drafts()
    assert Version.objects.drafts().count() == 4
    with time_machine.travel(start_of(dt.date(2026, 11, 9)), tick=False):
        tasks.make_drafts()
    assert Notice.objects.filter(kind="report_draft_waits").count() == 2


def test_the_nightly_check_tells_of_a_report_that_is_not_what_was_issued(cast: Cast) -> None:
    good, bad = issued(cast, SEPTEMBER), issued(cast, OCTOBER)
    with triggers_lifted():
        Version.objects.filter(pk=bad.pk).update(comment="x")
    with capture_logs() as logs:
        tasks.verify_versions()
    assert [(log["event"], log["version"]) for log in logs] == [("report_broken", bad.pk)]
    assert good.pk != bad.pk


def test_somebody_with_two_roles_is_told_once(cast: Cast) -> None:
    Membership.objects.create(
        user=cast.people["case_manager"], role=Role.REPORTER, organisation=cast.swv.organisation, since=AT
    )
    make_due()
    assert [name for name, _kind in told("report_draft")].count("case_manager") == 2
