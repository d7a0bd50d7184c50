"""Drafted, counted again, issued once, corrected."""

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from accounts.roles import Role
from audit.models import Event
from cases.enums import Destination
from common.errors import DomainError, NotAllowed, NotFound
from reports.enums import Definition
from reports.models import Version
from reports.queries.reports import document_of_version
from reports.queries.versions import broken_versions, is_whole, seal_of
from reports.rules.periods import Period, month_of, quarter_of, school_year_of
from reports.services import versions as services
from schools.models import Partnership
from tests.append_only import triggers_lifted
from tests.cast import NOW, TODAY, Cast, cast
from tests.factories.accounts import member
from tests.reports.handing_in import (
    DAY,
    LATER,
    OCTOBER,
    SEPTEMBER,
    draft,
    flow,
    issue,
    issued,
    signalled_late,
    the,
    withdrawn,
)

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def refusal(work: Any) -> tuple[int, str]:
    with pytest.raises(DomainError) as refused:
        work()
    return refused.value.status, str(refused.value)


def correct(cast: Cast, version: Version, *, at: dt.datetime = LATER) -> Version:
    return services.correct(version_id=version.pk, by=the(cast, "reporter"), at=at)


# --- Who


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("reporter", None),
        ("case_manager", NotAllowed),
        ("far_case_manager", NotFound),
        ("administrator", NotFound),
        ("privacy_officer", NotFound),
        ("coordinator", NotFound),
        ("care_worker", NotFound),
        ("attendance_officer", NotFound),
        ("platform_operator", NotFound),
        ("superuser", NotFound),
        ("nobody", NotFound),
    ],
)
def test_only_reporters_of_the_partnership_make_and_issue(
    cast: Cast, name: str, expected: type[DomainError] | None
) -> None:
    first = issued(cast, SEPTEMBER)
    waiting = draft(cast, OCTOBER)
    by, mark = the(cast, name), seal_of(waiting)
    asked: dict[str, Any] = {"version_id": waiting.pk, "by": by}
    works: list[Any] = [
        lambda: draft(cast, quarter_of(SEPTEMBER.first), by=by),
        lambda: services.correct(version_id=first.pk, by=by, at=LATER),
        lambda: services.write_comment(mark=mark, comment="", **asked),
        lambda: services.recount(at=NOW, **asked),
        lambda: services.issue(mark=seal_of(waiting), comment="", at=NOW, **asked),
    ]
    for work in works:
        if expected is None:
            work()
        else:
            with pytest.raises(expected):
                work()
    if expected is not None:
        with pytest.raises(expected):
            services.discard(at=NOW, **asked)
    assert Version.objects.get(pk=waiting.pk).is_issued is (expected is None)


def test_a_reporter_of_another_partnership_gets_404(cast: Cast) -> None:
    by = member(None, Role.REPORTER, cast.other_swv.organisation)
    waiting = draft(cast, OCTOBER)
    with pytest.raises(NotFound):
        services.discard(version_id=waiting.pk, by=by, at=NOW)
    with pytest.raises(NotFound):
        services.discard(version_id=waiting.pk + 1000, by=the(cast, "reporter"), at=NOW)


# --- Making


def test_a_draft_holds_what_is_counted(cast: Cast) -> None:
    made = draft(cast)
    assert (made.number, made.is_issued, made.known_at, made.made_at) == (1, False, NOW, NOW)
    assert (made.threshold_days, made.threshold_inclusive) == (28, False)
    assert flow(made) == (7, 0, 1, 6)
    assert made.counts.outflow_by == {Destination.OWN_SCHOOL.value: 1}
    assert sorted(line.case_id for line in made.kept_lines.lines) == sorted(
        case.pk for name, case in cast.cases.items() if name != "far"
    )
    assert [one["first"] for one in made.trend][-1] == "2026-10-01"
    assert len(made.trend) == 13


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (month_of(TODAY), "This period is not over yet. Its report can be made from the day after it."),
        (month_of(TODAY).after, "This period is not over yet. Its report can be made from the day after it."),
        (
            Period(dt.date(2026, 10, 1), dt.date(2026, 10, 14)),
            "A report is about a month, a quarter or a school year.",
        ),
    ],
)
def test_a_period_that_is_not_over_or_of_another_kind_is_refused(
    cast: Cast, period: Period, expected: str
) -> None:
    assert refusal(lambda: draft(cast, period)) == (409, expected)


@pytest.mark.parametrize("definition", Definition.values)
def test_any_definition_and_kind_of_period(cast: Cast, definition: str) -> None:
    for period in (OCTOBER, quarter_of(SEPTEMBER.first), school_year_of(dt.date(2025, 9, 1))):
        made = draft(cast, period, definition=definition)
        start, inflow, outflow, end = flow(made)
        assert (start + inflow - outflow, made.definition) == (end, definition)
    assert Version.objects.count() == 3


def test_there_is_one_draft_of_a_report(cast: Cast) -> None:
    draft(cast)
    assert refusal(lambda: draft(cast)) == (409, "There is a draft of this report already.")
    issue(cast, Version.objects.get())
    expected = "This report was issued already. What became known later goes into a correction."
    assert refusal(lambda: draft(cast)) == (409, expected)


def test_a_draft_is_counted_again_with_what_is_known_then(cast: Cast) -> None:
    made = draft(cast)
    services.write_comment(
        version_id=made.pk, mark=seal_of(made), comment="Nog bellen.", by=the(cast, "reporter")
    )
    signalled_late(cast)
    again = services.recount(version_id=made.pk, by=the(cast, "reporter"), at=LATER)
    assert (again.pk, again.known_at, again.comment) == (made.pk, LATER, "Nog bellen.")
    assert (flow(made), flow(again)) == ((7, 0, 1, 6), (8, 0, 1, 7))


def test_a_draft_is_discarded(cast: Cast) -> None:
    made = draft(cast)
    services.discard(version_id=made.pk, by=the(cast, "reporter"), at=NOW)
    assert not Version.objects.exists()
    assert draft(cast).number == 1


# --- Issuing


def test_issued_is_frozen_and_later_knowledge_changes_nothing(cast: Cast) -> None:
    version = issued(cast)
    kept = Version.objects.values().get()
    before = (document_of_version(version, outside=False), document_of_version(version, outside=True))
    signalled_late(cast)
    withdrawn(cast, "own")
    Partnership.objects.filter(pk=cast.swv.pk).update(threshold_days=7)
    again = Version.objects.select_related("partnership__organisation", "issued_by").get()
    assert (document_of_version(again, outside=False), document_of_version(again, outside=True)) == before
    assert Version.objects.values().get() == kept
    assert is_whole(again)


def test_the_document_says_who_when_and_what(cast: Cast) -> None:
    version = issued(cast)
    inside, outside = (document_of_version(version, outside=it) for it in (False, True))
    for document in (inside, outside):
        assert (document.number, document.comment, document.issued_by) == (1, "Klopt.", "reporter")
        assert (document.issued_at, document.known_at, document.digest) == (NOW, NOW, version.digest)
        assert (document.organisation, document.period) == ("VO9901", OCTOBER)
        assert document.threshold.days == 28
    assert (inside.shown.start, inside.shown.outflow, inside.shown.end) == (7, 1, 6)
    assert outside.shown.outflow == "<5"
    assert [flow.end for flow in inside.trend][-2:] == [7, 6]
    assert len(outside.trend) == 13


def test_a_draft_has_no_number_outside(cast: Cast) -> None:
    document = document_of_version(draft(cast), outside=False)
    assert (document.number, document.issued_at, document.issued_by, document.digest) == (0, None, "", "")


def test_issuing_is_recorded_with_the_digest(cast: Cast) -> None:
    version = issued(cast)
    event = Event.objects.get(action="report.issued")
    assert (event.actor, event.target) == ("reporter", f"report {version.pk}")
    assert event.details == {
        "partnership": "VO9901",
        "first_day": "2026-10-01",
        "last_day": "2026-10-31",
        "definition": "D2",
        "version": 1,
        "digest": version.digest,
    }


def test_every_step_is_recorded(cast: Cast) -> None:
    by = the(cast, "reporter")
    made = draft(cast)
    services.write_comment(version_id=made.pk, mark=seal_of(made), comment="x", by=by)
    again = services.recount(version_id=made.pk, by=by, at=NOW)
    first = issue(cast, again)
    services.discard(version_id=correct(cast, first).pk, by=by, at=LATER)
    found = Event.objects.filter(action__startswith="report.").order_by("pk")
    assert list(found.values_list("action", flat=True)) == [
        "report.drafted",
        "report.comment_written",
        "report.recounted",
        "report.issued",
        "report.correction_drafted",
        "report.draft_discarded",
    ]


def test_a_draft_that_was_counted_again_meanwhile_is_not_issued(cast: Cast) -> None:
    made = draft(cast)
    mark = seal_of(made)
    services.recount(version_id=made.pk, by=the(cast, "reporter"), at=LATER)
    expected = "Meanwhile this draft was counted again or its comment was changed. Look at it again."
    assert refusal(lambda: issue(cast, made, mark=mark)) == (409, expected)
    assert not Version.objects.get().is_issued


def test_a_comment_that_was_changed_meanwhile_is_not_overwritten(cast: Cast) -> None:
    made = draft(cast)
    mark = seal_of(made)
    asked: dict[str, Any] = {"version_id": made.pk, "mark": mark, "by": the(cast, "reporter")}
    services.write_comment(comment="Eerst.", **asked)
    assert refusal(lambda: services.write_comment(comment="Ook.", **asked))[0] == 409
    assert Version.objects.get().comment == "Eerst."


def test_what_was_issued_can_only_be_corrected(cast: Cast) -> None:
    version = issued(cast)
    asked: dict[str, Any] = {"version_id": version.pk, "by": the(cast, "reporter")}
    expected = (409, "reporter has issued this report already.")
    assert refusal(lambda: services.recount(at=LATER, **asked)) == expected
    assert refusal(lambda: services.discard(at=LATER, **asked)) == expected
    assert refusal(lambda: issue(cast, version)) == expected
    assert refusal(lambda: services.write_comment(mark="", comment="x", **asked)) == expected


# --- The digest


@pytest.mark.parametrize(
    "changes",
    [
        {"comment": "Klopt niet."},
        {"known_at": LATER},
        {"threshold_days": 29},
        {"issued_at": LATER},
        {"figures": {}},
        {"outside": {}},
        {"trend": []},
        {"standing_out": [["no_reason", [1]]]},
        {"number": 2},
    ],
)
def test_the_digest_tells_of_tampering(cast: Cast, changes: dict[str, Any]) -> None:
    version = issued(cast)
    assert list(broken_versions()) == []
    with triggers_lifted():
        Version.objects.filter(pk=version.pk).update(**changes)
    assert list(broken_versions()) == [version]


def test_the_digest_is_over_the_lines_too(cast: Cast) -> None:
    version = issued(cast)
    with triggers_lifted():
        version.kept_lines.values = version.kept_lines.values[1:]
        version.kept_lines.save()
    assert [is_whole(it) for it in Version.objects.all()] == [False]


# --- Corrections


def test_later_knowledge_gives_a_next_version_with_the_differences(cast: Cast) -> None:
    first = issued(cast)
    late = signalled_late(cast)
    second = correct(cast, first)
    assert (second.number, second.is_issued, second.is_correction) == (2, False, True)
    assert second.changes is not None
    assert second.changes.figures["end"] == (6, 7)
    assert [(it.case_id, it.cause) for it in second.changes.cases] == [(late.pk, "late")]
    issue(cast, second, at=LATER)
    assert [(it.number, it.counts.end) for it in Version.objects.order_by("number")] == [(1, 6), (2, 7)]
    third = correct(cast, first, at=LATER + DAY)
    assert (third.number, bool(third.changes)) == (3, False)


def test_a_correction_counts_by_the_threshold_of_what_was_issued(cast: Cast) -> None:
    first = issued(cast)
    Partnership.objects.filter(pk=cast.swv.pk).update(threshold_days=90)
    second = correct(cast, first)
    assert (second.threshold_days, flow(second)) == (28, flow(first))
    again = services.recount(version_id=second.pk, by=the(cast, "reporter"), at=LATER)
    assert (again.threshold_days, flow(again)) == (28, flow(first))


def test_a_correction_that_was_begun_is_gone_on_with(cast: Cast) -> None:
    first = issued(cast)
    assert correct(cast, first).pk == correct(cast, first, at=LATER + DAY).pk


def test_a_draft_is_not_corrected(cast: Cast) -> None:
    made = draft(cast)
    expected = "This report was not issued yet. Count the draft again instead."
    assert refusal(lambda: correct(cast, made)) == (409, expected)


@pytest.mark.parametrize(
    ("comment", "is_refused"), [("", True), (" Klopt. ", True), ("Andere tekst.", False)]
)
def test_a_correction_in_which_nothing_differs_needs_another_comment(
    cast: Cast, comment: str, is_refused: bool
) -> None:
    second = correct(cast, issued(cast))
    if is_refused:
        status, sentence = refusal(lambda: issue(cast, second, comment=comment))
        assert (status, sentence.split(".")[0]) == (409, "Nothing differs from the version that was issued")
    else:
        issue(cast, second, comment=comment)
    assert Version.objects.get(number=2).is_issued is not is_refused


def test_as_the_ministry_published_4214_and_later_4212(cast: Cast) -> None:
    """Two fewer in a later version; the first one stays as it was published."""
    first = issued(cast)
    gone = [withdrawn(cast, name).pk for name in ("own", "invited")]
    second = issue(cast, correct(cast, first), at=LATER, comment="Twee meldingen waren een vergissing.")
    assert [it.counts.end for it in Version.objects.order_by("number")] == [6, 4]
    assert second.changes is not None
    assert [(it.case_id, it.cause) for it in second.changes.cases] == [
        (pk, "withdrawn") for pk in sorted(gone)
    ]
