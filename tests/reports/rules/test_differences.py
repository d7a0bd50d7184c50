"""Two counts compared, without a database."""

import datetime as dt
from typing import Any

import pytest

from reports.rules.differences import (
    Differences,
    Learnt,
    Moved,
    Seam,
    compare_figures,
    compare_lines,
    compare_seam,
)
from reports.rules.frozen import plain
from reports.rules.lines import Leaving, Line, Standing

DAY = dt.date(2026, 10, 12)


def standing(**changes: Any) -> Standing:
    usual: dict[str, Any] = {
        "category": "lrv",
        "duration": "4w-3m",
        "sector": "vo",
        "age": 14,
        "year_group": None,
        "municipality": "9901",
        "school": "90AA",
        "site": "90AA01",
        "first_day": dt.date(2026, 9, 1),
    }
    return Standing(**{**usual, **changes})


def member(case_id: int, **changes: Any) -> Line:
    return Line(case_id, start=True, end=standing(**changes))


def left(case_id: int, ending: str = "returned") -> Line:
    return Line(case_id, start=True, left=[Leaving(DAY, ending, 41)])


def entered(case_id: int) -> Line:
    return Line(case_id, start=False, entered=[DAY], end=standing())


LATE, MISTAKEN, EARLIER = Learnt(new_spell=True), Learnt(withdrawn=True), Learnt(ended_earlier=True)


@pytest.mark.parametrize(
    ("before", "after", "learnt", "expected"),
    [
        ([], [member(1)], LATE, Moved(1, "late", {"start": 1, "end": 1})),
        ([], [entered(1)], LATE, Moved(1, "late", {"inflow": 1, "end": 1})),
        ([member(1)], [], MISTAKEN, Moved(1, "withdrawn", {"start": -1, "end": -1})),
        ([member(1)], [left(1)], EARLIER, Moved(1, "ended_earlier", {"outflow": 1, "end": -1})),
        ([member(1)], [], EARLIER, Moved(1, "ended_earlier", {"start": -1, "end": -1})),
        ([member(1)], [left(1)], Learnt(), Moved(1, "corrected", {"outflow": 1, "end": -1})),
        ([left(1)], [member(1)], Learnt(), Moved(1, "corrected", {"outflow": -1, "end": 1})),
        ([], [member(1)], Learnt(), Moved(1, "corrected", {"start": 1, "end": 1})),
        ([member(1)], [], LATE, Moved(1, "corrected", {"start": -1, "end": -1})),
        ([], [member(1)], EARLIER, Moved(1, "corrected", {"start": 1, "end": 1})),
        ([member(1)], [member(1, sector="po")], Learnt(), Moved(1, "described", {}, ["sector"])),
        ([left(1)], [left(1, "exemption")], Learnt(), Moved(1, "described", {}, ["ending"])),
        (
            [member(1)],
            [member(1, reason="GEZIN", offered=True)],
            LATE,
            Moved(1, "described", {}, ["reason", "offered"]),
        ),
    ],
)
def test_why_a_case_counts_otherwise(
    before: list[Line], after: list[Line], learnt: Learnt, expected: Moved
) -> None:
    assert compare_lines(before, after, {1: learnt}) == [expected]


def test_what_is_the_same_is_not_named_and_what_moves_comes_first() -> None:
    before = [member(1), member(2), member(3)]
    after = [member(1), member(2, sector="po"), left(3)]
    assert [(it.case_id, it.cause) for it in compare_lines(before, after, {})] == [
        (3, "corrected"),
        (2, "described"),
    ]


def test_figures_that_differ() -> None:
    before = {
        "start": 3,
        "end": 4,
        "by_sector": {"po": 1, "vo": 3},
        "days_to_return": {"median": 3},
    }
    after = {"start": 3, "end": 3, "by_sector": {"vo": 3}, "days_to_return": {"median": None}}
    assert compare_figures(before, after) == {"end": (4, 3), "by_sector po": (1, 0)}


@pytest.mark.parametrize(
    ("begins_is_newer", "learnt", "cause"),
    [
        (True, MISTAKEN, "withdrawn"),
        (True, EARLIER, "ended_earlier"),
        (True, LATE, "corrected"),
        (False, LATE, "late"),
        (False, MISTAKEN, "corrected"),
    ],
)
def test_a_case_that_ended_the_one_period_and_does_not_begin_the_next(
    begins_is_newer: bool, learnt: Learnt, cause: str
) -> None:
    found = compare_seam([member(1), member(2)], [member(2)], {1: learnt}, begins_is_newer=begins_is_newer)
    assert found == (2, 1, [Moved(1, cause, {"start": -1})])


def test_a_case_that_begins_the_period_and_did_not_end_the_one_before() -> None:
    found = compare_seam([left(1)], [member(1)], {1: LATE}, begins_is_newer=True)
    assert found == (0, 1, [Moved(1, "late", {"start": 1})])


def test_what_is_kept_comes_back_as_it_was() -> None:
    moved = [Moved(1, "late", {"end": 1}), Moved(2, "described", {}, ["sector"])]
    differences = Differences({"end": (4, 3), "by_sector po": (1, 0)}, moved)
    seam = Seam(7, 12, 13, moved, later=True)
    assert Differences.from_json(plain(differences.as_json())) == differences
    assert Seam.from_json(plain(seam.as_json())) == seam
    assert (bool(differences), bool(Differences()), seam.difference) == (True, False, 1)
