"""Small cells are hidden, and nobody who collects what was handed out can compute one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.enums import Definition
from reports.rules.figures import BREAKDOWNS, Counts, Figures, Middle
from reports.rules.periods import Period, month_of, quarter_of, school_year_of
from reports.rules.shown import HIDDEN, SMALL, Cell, Cells, Shown, exactly
from reports.rules.small_cells import flow_cells, periods_around, protect
from tests.reports.rules.attacker import Attacker, Documents
from tests.reports.rules.pupils import counted, some_pupils

JANUARY = month_of(dt.date(2026, 1, 1))
MONTHS = [month_of(dt.date(2026, month, 1)) for month in (1, 2, 3)]
QUARTER = quarter_of(dt.date(2026, 1, 1))
SUMMER = [month_of(dt.date(2026, month, 1)) for month in (6, 7, 8, 9)]
YEAR = school_year_of(dt.date(2025, 8, 1))

Known = Mapping[tuple[str, Period], Figures]

#: Partnerships of every size, with few or many schools, in which pupils come and go slowly or quickly.
populations = st.tuples(
    st.integers(0, 10**6),
    st.sampled_from([1, 2, 3, 5, 8, 12, 20, 40, 80]),
    st.sampled_from([1, 2, 4, 12]),
    st.sampled_from([8, 20, 60]),
)
Population = tuple[int, int, int, float]


def figures_of_any(population: Population, periods: Sequence[Period]) -> Known:
    seed, number, schools, quick = population
    first, last = periods[0].first, max(period.last for period in periods)
    months = (last - first).days // 30
    pupils = some_pupils(seed, number=number, months=months, schools=schools, quick=quick, begins=first)
    return counted(pupils, periods)


def shown_of(known: Known) -> dict[tuple[str, Period], Shown]:
    return {
        (definition, period): protect(figures, period=period, definition=definition, around=known)
        for (definition, period), figures in known.items()
    }


def as_json(shown: Mapping[tuple[str, Period], Shown]) -> Documents:
    return {which: one.as_json() for which, one in shown.items()}


def attack(known: Known, given_out: Documents | None = None) -> Attacker:
    truth = as_json({which: exactly(figures) for which, figures in known.items()})
    return Attacker(given_out or as_json(shown_of(known)), truth=truth)


def by_definition(figures: Figures, period: Period = JANUARY) -> Known:
    """The same figures in each definition: all are lrv."""
    return {(str(definition), period): figures for definition in Definition.values}


def made(*, start: int = 0, inflow: int = 0, outflow: int = 0, **breakdowns: Counts) -> Figures:
    end = start + inflow - outflow
    found = {name: {"a": end} if end else {} for name in BREAKDOWNS}
    found["by_category"] = {"lrv": end} if end else {}
    return Figures(
        start=start,
        inflow=inflow,
        outflow=outflow,
        end=end,
        outflow_by={"eigen-school": outflow} if outflow else {},
        breakdowns={**found, **breakdowns},
        without_offer=end,
    )


def hidden_of(figures: Figures, definition: str = "D2") -> Shown:
    return shown_of(by_definition(figures))[definition, JANUARY]


# --- What is shown


def test_an_empty_month_shows_zeros() -> None:
    assert hidden_of(Figures()) == exactly(Figures())


def test_figures_without_small_counts_are_shown_as_they_are() -> None:
    figures = made(start=20, inflow=10, outflow=5)
    assert hidden_of(figures) == exactly(figures)


def test_a_partnership_with_one_case_shows_zeros_where_nothing_counts() -> None:
    shown = hidden_of(made(inflow=1))
    assert (shown.start, shown.inflow, shown.outflow, shown.end) == (0, SMALL, 0, SMALL)
    assert (shown.reentries, shown.outflow_by) == (0, {})
    assert shown.breakdowns["by_category"] == {"lrv": SMALL}
    assert shown.breakdowns["by_duration"] == {"a": SMALL}
    assert shown.breakdowns["by_school"] == {}
    assert (shown.with_offer, shown.without_offer) == (0, SMALL)


def test_a_case_that_stays_leaves_the_flows_at_zero() -> None:
    shown = hidden_of(made(start=1))
    assert (shown.start, shown.inflow, shown.outflow, shown.end) == (SMALL, 0, 0, SMALL)


def test_a_total_does_not_give_a_small_cell_away() -> None:
    shown = hidden_of(made(start=30, by_duration={"<4w": 3, "3-6m": 7, ">12m": 20}))
    assert shown.end == 30
    assert shown.breakdowns["by_duration"] == {"3-6m": HIDDEN, "<4w": SMALL, ">12m": 20}


def test_small_cells_that_can_only_be_four_are_relabelled() -> None:
    shown = hidden_of(made(start=8, by_duration={"<4w": 4, "3-6m": 4}))
    assert shown.breakdowns["by_duration"] == {"3-6m": HIDDEN, "<4w": SMALL}


def test_small_cells_that_can_only_be_one_are_relabelled() -> None:
    shown = hidden_of(made(start=5, by_age={"12": 1, "13": 1, "14": 1, "15": 1, "16": 1}))
    cells = shown.breakdowns["by_age"]
    assert set(cells.values()) == {SMALL, HIDDEN}


def test_one_school_that_knows_its_number_cannot_compute_that_of_another() -> None:
    shown = hidden_of(made(start=33, by_school={"01AA": 3, "02AA": 10, "03AA": 20}))
    assert shown.breakdowns["by_school"] == {"01AA": SMALL, "02AA": HIDDEN, "03AA": HIDDEN}
    with_two = hidden_of(made(start=23, by_school={"01AA": 3, "02AA": 20}))
    assert with_two.breakdowns["by_school"] == {}


def test_the_outflow_hides_a_small_inflow() -> None:
    shown = hidden_of(made(start=20, inflow=3, outflow=9))
    assert (shown.start, shown.inflow, shown.outflow, shown.end) == (20, SMALL, HIDDEN, 14)


def test_a_small_category_hides_d1_and_leaves_the_default_definition() -> None:
    d1 = made(start=20)
    d2 = made(start=23, by_category={"absoluut": 3, "lrv": 20}, by_age={"a": 23})
    known = {("D1", JANUARY): d1, **{(name, JANUARY): d2 for name in ("D2", "D3", "D4")}}
    shown = shown_of(known)
    assert (shown["D1", JANUARY].end, shown["D2", JANUARY].end) == (HIDDEN, 23)
    assert shown["D2", JANUARY].breakdowns["by_category"] == {"absoluut": SMALL, "lrv": HIDDEN}


def test_a_quarter_does_not_give_a_month_away() -> None:
    flows = [(3, 9), (12, 10), (8, 7)]
    known: dict[tuple[str, Period], Figures] = {}
    start = 50
    for month, (inflow, outflow) in zip(MONTHS, flows, strict=True):
        known |= by_definition(made(start=start, inflow=inflow, outflow=outflow), month)
        start += inflow - outflow
    known |= by_definition(made(start=50, inflow=23, outflow=26), QUARTER)
    shown = shown_of(known)["D2", QUARTER]
    assert (shown.start, shown.inflow, shown.outflow, shown.end) == (50, HIDDEN, HIDDEN, 47)


def test_a_quarter_is_shown_where_two_of_its_months_are_hidden() -> None:
    flows = [(3, 9), (4, 10), (8, 7)]
    known: dict[tuple[str, Period], Figures] = {}
    start = 50
    for month, (inflow, outflow) in zip(MONTHS, flows, strict=True):
        known |= by_definition(made(start=start, inflow=inflow, outflow=outflow), month)
        start += inflow - outflow
    known |= by_definition(made(start=50, inflow=15, outflow=26), QUARTER)
    shown = shown_of(known)["D2", QUARTER]
    assert (shown.start, shown.inflow, shown.outflow, shown.end) == (50, 15, 26, 39)


def test_medians_of_fewer_than_five_are_left_out() -> None:
    figures = replace(
        made(start=20, outflow=9),
        days_to_return=Middle(9, 40.0),
        days_in_state={"plan": Middle(4, 10.0), "onderzoek": Middle(5, 11.0)},
    )
    shown = hidden_of(figures)
    assert shown.days_to_return == Middle(9, 40.0)
    assert shown.days_in_state == {"plan": Middle(0, None), "onderzoek": Middle(5, 11.0)}
    few = hidden_of(replace(made(start=20, outflow=5), days_to_return=Middle(4, 40.0)))
    assert few.days_to_return == Middle(0, None)


def test_the_number_of_a_median_does_not_give_a_destination_away() -> None:
    figures = replace(
        made(start=20, outflow=9),
        outflow_by={"eigen-school": 6, "verhuisd-nl": 3},
        days_to_return=Middle(6, 40.0),
    )
    assert hidden_of(figures).days_to_return == Middle(0, None)


def test_the_trend_shows_what_the_report_of_the_month_shows() -> None:
    known = figures_of_any((7, 20, 4, 20), [*MONTHS, QUARTER])
    for (definition, month), shown in shown_of(known).items():
        if month in MONTHS:
            cells = (shown.start, shown.inflow, shown.outflow, shown.end)
            assert flow_cells(period=month, definition=definition, around=known) == cells


def test_a_period_is_reckoned_with_the_months_of_its_school_year() -> None:
    assert periods_around(JANUARY) == [JANUARY]
    november = Period(dt.date(2025, 11, 1), dt.date(2025, 12, 31))
    assert [period.first.month for period in periods_around(november)] == [11, 8, 9, 10, 11, 12]


def test_a_period_that_is_not_made_of_months_is_hidden_by_itself() -> None:
    odd = Period(dt.date(2026, 1, 5), dt.date(2026, 2, 3))
    shown = shown_of(by_definition(made(start=20, inflow=3, outflow=9), odd))["D2", odd]
    assert (shown.inflow, shown.outflow) == (SMALL, HIDDEN)


# --- What nobody can compute


@settings(max_examples=15, deadline=None)
@given(populations)
def test_counts_of_one_to_four_are_never_shown_and_others_exactly(population: Population) -> None:
    known = figures_of_any(population, [*MONTHS, QUARTER])
    for which, shown in shown_of(known).items():
        truth = exactly(known[which])
        for cell, true in _cells(shown, truth):
            if isinstance(cell, int):
                assert cell == true
                assert not 0 < cell < 5
            if cell == SMALL:
                assert true in (1, 2, 3, 4)


def _cells(shown: Shown, truth: Shown) -> list[tuple[Cell, Cell]]:
    names = ("start", "inflow", "outflow", "end", "reentries", "with_offer", "without_offer")
    found = [(getattr(shown, name), getattr(truth, name)) for name in names]
    tables: list[tuple[Cells, Cells]] = [(shown.outflow_by, truth.outflow_by)]
    tables += [(shown.breakdowns[name], truth.breakdowns[name]) for name in BREAKDOWNS]
    return [*found, *((cell, true.get(key, 0)) for cells, true in tables for key, cell in cells.items())]


@settings(max_examples=15, deadline=None)
@given(populations, st.sampled_from(list(Definition.values)))
def test_nothing_is_given_away_by_one_report(population: Population, definition: str) -> None:
    known = figures_of_any(population, [JANUARY])
    shown = as_json(shown_of(known))[definition, JANUARY]
    alone = {(definition, JANUARY): known[definition, JANUARY]}
    assert attack(alone, {(definition, JANUARY): shown}).given_away() == []


@settings(max_examples=30, deadline=None)
@given(populations)
def test_nothing_is_given_away_by_the_four_definitions(population: Population) -> None:
    assert attack(figures_of_any(population, [JANUARY])).given_away() == []


@settings(max_examples=10, deadline=None)
@given(populations)
def test_nothing_is_given_away_by_months_in_a_row(population: Population) -> None:
    assert attack(figures_of_any(population, MONTHS)).given_away() == []


@settings(max_examples=12, deadline=None)
@given(populations)
def test_nothing_is_given_away_by_months_and_their_quarter(population: Population) -> None:
    assert attack(figures_of_any(population, [*MONTHS, QUARTER])).given_away() == []


@settings(max_examples=6, deadline=None)
@given(populations)
def test_nothing_is_given_away_by_the_quarter_in_two_school_years(population: Population) -> None:
    periods = [*SUMMER, quarter_of(dt.date(2026, 7, 1))]
    assert attack(figures_of_any(population, periods)).given_away() == []


@pytest.mark.parametrize("population", [(4, 15, 4, 60), (8, 12, 2, 20)])
def test_nothing_is_given_away_by_a_school_year_with_its_quarters_and_months(population: Population) -> None:
    quarters = [quarter_of(dt.date(year, month, 1)) for year, month in ((2025, 10), (2026, 1), (2026, 4))]
    assert attack(figures_of_any(population, [*YEAR.months, *quarters, YEAR])).given_away() == []


@settings(max_examples=6, deadline=None)
@given(populations)
@example((5, 80, 12, 20))
def test_nothing_is_given_away_to_who_knows_one_school_or_municipality(population: Population) -> None:
    known = figures_of_any(population, [JANUARY])
    given_out = as_json(shown_of(known))
    truth = as_json({which: exactly(figures) for which, figures in known.items()})
    for table in ("by_school", "by_municipality"):
        for key in sorted({key for document in given_out.values() for key in document[table]} - {"geen"}):
            assert Attacker(given_out, knows=[(table, key)], truth=truth).given_away() == []


def _primary_only(figures: Figures) -> Shown:
    """What everybody does first, and what does not hide enough."""

    def cell(count: Cell) -> Cell:
        return SMALL if isinstance(count, int) and 0 < count < 5 else count

    exact = exactly(figures)
    names = ("start", "inflow", "outflow", "end", "reentries", "with_offer", "without_offer")
    return replace(
        exact,
        **{name: cell(getattr(exact, name)) for name in names},
        outflow_by={key: cell(count) for key, count in exact.outflow_by.items()},
        breakdowns={
            name: {key: cell(count) for key, count in cells.items()}
            for name, cells in exact.breakdowns.items()
        },
    )


@pytest.mark.parametrize("number", [20, 40, 80])
def test_the_attacker_breaks_what_hides_small_counts_only(number: int) -> None:
    known = figures_of_any((number, number, 4, 20), [*MONTHS, QUARTER])
    given_out = as_json({which: _primary_only(figures) for which, figures in known.items()})
    attacker = attack(known, given_out)
    computed = attacker.computed()
    assert computed
    assert {name: attacker.true[name] for name in computed} == computed
    assert computed.keys() <= set(attacker.given_away())
