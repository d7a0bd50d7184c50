"""Behind each figure stand as many entries as it counts."""

import datetime as dt

import pytest

from reports.queries.labels import tables_of
from reports.rules.behind import FIGURES, behind, behind_row
from reports.rules.figures import figures_of
from reports.rules.lines import Leaving, Line, Standing
from reports.rules.shown import exactly

DAY = dt.date(2026, 10, 5)


def standing(**facts: object) -> Standing:
    usual = {
        "category": "lrv",
        "duration": "4w-3m",
        "sector": "vo",
        "age": 14,
        "year_group": None,
        "municipality": "9901",
        "school": "",
        "site": "",
        "first_day": dt.date(2026, 8, 1),
        "state": "signalled",
    }
    return Standing(**{**usual, **facts})  # type: ignore[arg-type]


LINES = [
    Line(1, start=True, end=standing(duration="6-12m", offered=True)),
    Line(2, start=True, left=[Leaving(DAY, "eigen-school", 40)]),
    Line(3, start=False, entered=[DAY], end=standing(school="90AA", site="90AA01", year_group=2)),
    Line(
        4,
        start=True,
        left=[Leaving(DAY, "returned", 31), Leaving(DAY + dt.timedelta(days=9), "exemption", 60)],
        entered=[DAY + dt.timedelta(days=3)],
        returns=1,
    ),
    Line(
        5,
        start=False,
        entered=[DAY, DAY + dt.timedelta(days=7)],
        left=[Leaving(DAY + dt.timedelta(days=2), "correction", 3)],
        returns=1,
        end=standing(duration=">12m", reason="GEZIN"),
    ),
]


def test_each_figure() -> None:
    figures = figures_of(LINES)
    assert {name: len(behind(LINES, name)) for name in FIGURES} == {
        "start": figures.start,
        "inflow": figures.inflow,
        "outflow": figures.outflow,
        "end": figures.end,
        "reentries": figures.reentries,
        "longer": 2,
        "returned": figures.days_to_return.number,
    }
    assert (figures.start, figures.inflow, figures.outflow, figures.end) == (3, 4, 4, 3)
    assert (figures.reentries, figures.days_to_return.number) == (2, 2)


def test_each_row_of_each_table(db: None) -> None:
    counts = {}
    for table in tables_of(exactly(figures_of(LINES))):
        for row in table.rows:
            counts[table.name, row.key] = row.cell
            assert len(behind_row(LINES, table.name, row.key)) == row.cell
    assert counts["outflow_by", "exemption"] == 1
    assert counts["offer", "with_offer"] == 1
    assert counts["by_school", "geen"] == 2


def test_who_came_back_is_named_with_the_day_of_that() -> None:
    found = [(entry.case_id, entry.on) for entry in behind(LINES, "reentries")]
    assert found == [(4, DAY + dt.timedelta(days=3)), (5, DAY + dt.timedelta(days=7))]


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_stands_behind_nothing(figure: str) -> None:
    assert behind([], figure) == []
