"""What became known after a report was issued, case by case."""

import datetime as dt

import pytest

from reports.models import Version
from reports.queries.differences import figure_rows, moves_of, sentence_of
from reports.queries.versions import differences_from_now
from reports.rules.differences import Moved
from reports.rules.periods import quarter_of
from tests.cast import Cast, cast
from tests.reports.handing_in import (
    LATER,
    LATER_ON,
    OCTOBER,
    SEPTEMBER,
    back_earlier,
    draft,
    exempted,
    flow,
    issue,
    issued,
    other_reason,
    services,
    signalled_late,
    the,
    withdrawn,
)

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


def moved_in(version: Version) -> list[Moved]:
    return differences_from_now(version, at=LATER).cases


def test_nothing_differs_where_nothing_became_known(cast: Cast) -> None:
    version = issued(cast)
    assert flow(version) == (7, 0, 1, 6)
    differences = differences_from_now(version, at=LATER)
    assert (differences.figures, differences.cases) == ({}, [])


def test_a_late_signal(cast: Cast) -> None:
    version = issued(cast)
    case = signalled_late(cast)
    differences = differences_from_now(version, at=LATER)
    assert differences.cases == [Moved(case.pk, "late", {"start": 1, "end": 1})]
    assert (differences.figures["start"], differences.figures["end"]) == ((7, 8), (6, 7))


def test_a_signal_that_was_withdrawn(cast: Cast) -> None:
    version = issued(cast)
    case = withdrawn(cast, "own")
    assert moved_in(version) == [Moved(case.pk, "withdrawn", {"start": -1, "end": -1})]


def test_a_pupil_who_was_back_earlier(cast: Cast) -> None:
    version = issued(cast)
    case = back_earlier(cast, "own")
    differences = differences_from_now(version, at=LATER)
    assert differences.cases == [Moved(case.pk, "ended_earlier", {"outflow": 1, "end": -1})]
    assert differences.figures["outflow_by returned"] == (0, 1)


def test_a_correction(cast: Cast) -> None:
    version = issued(cast)
    case = exempted(cast, "own")
    assert moved_in(version) == [Moved(case.pk, "corrected", {"outflow": 1, "end": -1})]


def test_a_case_that_is_described_otherwise(cast: Cast) -> None:
    version = issued(cast)
    case = other_reason(cast, "own")
    differences = differences_from_now(version, at=LATER)
    assert differences.cases == [Moved(case.pk, "described", {}, ["reason"])]
    assert differences.figures == {"by_reason KIND-INT": (6, 5), "by_reason GEZIN": (0, 1)}


def test_what_becomes_known_after_the_moment_is_not_counted(cast: Cast) -> None:
    version = issued(cast)
    signalled_late(cast)
    assert not differences_from_now(version, at=LATER - dt.timedelta(seconds=1))


def test_figures_that_differ_are_told_in_words(cast: Cast) -> None:
    rows = figure_rows({"end": (6, 5), "outflow_by returned": (0, 1), "by_reason GEZIN": (0, 1)})
    assert [(row.before, row.after, row.signed) for row in rows] == [(6, 5, "-1"), (0, 1, "+1"), (0, 1, "+1")]
    assert [bool(row.kind) for row in rows] == [False, True, True]
    assert len(moves_of(Moved(1, "corrected", {"outflow": 1, "end": -1}))) == 2


# --- Continuity


def test_no_seam_without_a_report_beside_it(cast: Cast) -> None:
    draft(cast, SEPTEMBER)
    assert draft(cast, OCTOBER).joins == []


def test_the_end_of_the_period_before_is_the_start(cast: Cast) -> None:
    before = issued(cast, SEPTEMBER)
    (seam,) = draft(cast, OCTOBER).joins
    assert (seam.version, seam.end, seam.start, seam.cases, seam.later) == (before.pk, 7, 7, [], False)


def test_what_became_known_between_two_reports_explains_the_seam(cast: Cast) -> None:
    before = issued(cast, SEPTEMBER)
    late, gone = signalled_late(cast), withdrawn(cast, "own")
    exempted_case = exempted(cast, "shared", dt.date(2026, 9, 2))
    back = back_earlier(cast, "invited", dt.date(2026, 9, 25))
    (seam,) = draft(cast, OCTOBER, at=LATER, on=LATER_ON).joins
    assert (seam.version, seam.end, seam.start, seam.difference) == (before.pk, 7, 5, -2)
    assert {(it.case_id, it.cause, it.by["start"]) for it in seam.cases} == {
        (late.pk, "late", 1),
        (gone.pk, "withdrawn", -1),
        (exempted_case.pk, "corrected", -1),
        (back.pk, "ended_earlier", -1),
    }
    assert "7" in sentence_of(seam)
    assert "5" in sentence_of(seam)


def test_a_correction_no_longer_joins_the_next_period(cast: Cast) -> None:
    first = issued(cast, SEPTEMBER)
    after = issued(cast, OCTOBER)
    late = signalled_late(cast)
    again = services.correct(version_id=first.pk, by=the(cast, "reporter"), at=LATER)
    (seam,) = again.joins
    assert (seam.version, seam.later, seam.end, seam.start) == (after.pk, True, 8, 7)
    assert seam.cases == [Moved(late.pk, "late", {"start": -1})]


def test_the_last_version_of_the_period_before_counts(cast: Cast) -> None:
    first = issued(cast, SEPTEMBER)
    signalled_late(cast)
    again = services.correct(version_id=first.pk, by=the(cast, "reporter"), at=LATER)
    assert draft(cast, OCTOBER, at=LATER, on=LATER_ON).joins[0].version == first.pk
    services.discard(
        version_id=Version.objects.drafts().get(first_day=OCTOBER.first).pk,
        by=the(cast, "reporter"),
        at=LATER,
    )
    issue(cast, again, at=LATER)
    assert draft(cast, OCTOBER, at=LATER, on=LATER_ON).joins[0].version == again.pk


def test_a_report_of_another_length_joins_where_there_is_none_of_the_same(cast: Cast) -> None:
    quarter = issued(cast, quarter_of(dt.date(2026, 9, 1)))
    assert [seam.version for seam in draft(cast, OCTOBER).joins] == [quarter.pk]


def test_another_definition_and_another_partnership_join_nothing(cast: Cast) -> None:
    issue(cast, draft(cast, SEPTEMBER, definition="D3"))
    assert draft(cast, OCTOBER).joins == []
