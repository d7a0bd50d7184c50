"""Figures are what lines add up to."""

import json

from reports.rules.figures import Figures, Middle, figures_of
from reports.rules.lines import Leaving, Line, Standing
from tests.reports.making import day

USUAL = Standing("lrv", "4w-3m", "bo", 12, 8, "0599", "05AB", "05AB01", day("01-05"), state="signalled")


def standing(**facts: object) -> Standing:
    values = {name: getattr(USUAL, name) for name in USUAL.__slots__}
    return Standing(**{**values, **facts})


LINES = [
    Line(1, True, end=standing(reason="PLEK", offered=True)),
    Line(2, True, left=[Leaving(day("03-02"), "vso", 40)], states=[("return", 4)]),
    Line(3, False, [day("03-03")], end=standing(school="", site="", year_group=None, category="absoluut")),
    Line(
        4,
        True,
        [day("03-12"), day("03-20")],
        [Leaving(day("03-10"), "returned", 9), Leaving(day("03-15"), "exemption", 14)],
        returns=2,
        end=standing(age=5, state="return"),
        states=[("signalled", 10), ("return", 5), ("signalled", 1)],
    ),
]


def test_every_figure() -> None:
    found = figures_of(LINES)
    assert found == Figures(
        start=3,
        inflow=3,
        outflow=3,
        end=3,
        reentries=2,
        outflow_by={"exemption": 1, "returned": 1, "vso": 1},
        breakdowns={
            "by_category": {"absoluut": 1, "lrv": 2},
            "by_duration": {"4w-3m": 3},
            "by_sector": {"bo": 3},
            "by_municipality": {"0599": 3},
            "by_reason": {"ONB": 2, "PLEK": 1},
            "by_school": {"05AB": 2, "geen": 1},
            "by_age": {"12": 2, "5": 1},
            "by_year_group": {"8": 2, "onbekend": 1},
            "by_state": {"return": 1, "signalled": 2},
        },
        with_offer=1,
        without_offer=2,
        days_to_return=Middle(2, 24.5),
        days_in_state={"return": Middle(2, 4.5), "signalled": Middle(2, 5.5)},
    )
    assert found.start + found.inflow - found.outflow == found.end


def test_nobody() -> None:
    found = figures_of([])
    assert found == Figures()
    assert found.as_json()["days_to_return"] == {"number": 0, "median": None}


def test_read_back_they_are_the_same() -> None:
    found = figures_of(LINES)
    assert Figures.from_json(json.loads(json.dumps(found.as_json()))) == found
