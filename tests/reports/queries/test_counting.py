"""Counting out of the database: what was known when, and cases that live as they do in the application."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from cases.enums import Source, State
from cases.models import Case
from cases.rules import Threshold
from cases.services import correction, facts, lifecycle
from cases.services.intake import ExemptionGiven, insert
from cases.services.lifecycle import Closing
from common.dates import end_of, start_of
from reports.queries.counting import (
    cases_of_partnership,
    cases_of_residents,
    cases_of_school,
    figures_by_period,
    lines_of,
)
from reports.queries.reports import count
from reports.rules.figures import Figures, Middle, figures_of
from reports.rules.periods import Period, month_of
from reports.rules.selection import Selection
from schools.models import Partnership, SchoolSite
from tests.factories.accounts import member
from tests.factories.cases import make_intake
from tests.factories.register import Import, Places, row
from tests.factories.schools import MunicipalityFactory, PartnershipFactory, SchoolSiteFactory
from tests.reports.making import day

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL = (month_of(day(it)) for it in ("02-01", "03-01", "04-01"))
NOW = end_of(day("12-31"))
SECOND = dt.timedelta(microseconds=1)


@pytest.fixture
def swv(db: None) -> Partnership:
    swv: Partnership = PartnershipFactory(number="PO9906")
    return swv


@pytest.fixture
def site(swv: Partnership) -> SchoolSite:
    site: SchoolSite = SchoolSiteFactory(
        number="90AA01", municipality=MunicipalityFactory(number="9901"), partnerships=[swv]
    )
    return site


@pytest.fixture
def manager(swv: Partnership) -> User:
    return member(None, Role.CASE_MANAGER, swv.organisation)


def at(text: str) -> dt.datetime:
    """Noon of a day."""
    return start_of(day(text)) + dt.timedelta(hours=12)


def a_case(
    site: SchoolSite | None,
    first: str = "01-05",
    signalled: str = "01-19",
    source: str = "import",
    **facts: Any,
) -> Case:
    """At home without leave since 5 January and a member from 3 February; signalled on 19 January."""
    born = {"birth_date": day("2013-06-15")}
    intake = make_intake(
        site=site, first_day_absent=day(first), signalled_on=day(signalled), **{**born, **facts}
    )
    (case,) = insert([intake], by=None, at=at(signalled), source=Source(source))
    return case


def fresh(case: Case) -> Case:
    return Case.objects.select_related("pupil", "site", "school").get(pk=case.pk)


def figures(
    swv: Partnership,
    period: Period,
    known_at: dt.datetime = NOW,
    definition: str = "D2",
    threshold: Threshold | None = None,
) -> Figures:
    result = count(swv, period, Selection(definition), known_at=known_at, threshold=threshold, trend=False)
    return result.figures


def flow(swv: Partnership, period: Period, *known_at: dt.datetime, **asked: Any) -> tuple[int, int, int, int]:
    found = figures(swv, period, *known_at, **asked)
    return (found.start, found.inflow, found.outflow, found.end)


# --- Known when


def test_what_an_import_brings_is_known_from_00_00_of_the_day_that_it_carries(
    swv: Partnership, site: SchoolSite
) -> None:
    a_case(site, signalled="02-20", closed_on=day("03-10"), destination="vso", back_on=day("03-05"))
    signalled, back, closed = (start_of(day(it)) for it in ("02-20", "03-05", "03-10"))
    assert flow(swv, FEBRUARY, signalled - SECOND) == (0, 0, 0, 0)
    assert flow(swv, FEBRUARY, signalled) == (0, 1, 0, 1)
    assert flow(swv, MARCH, back - SECOND) == (1, 0, 0, 1)
    assert flow(swv, MARCH, back) == (1, 0, 1, 0)
    assert figures(swv, MARCH, closed).outflow_by == {"returned": 1}


def test_a_closing_of_an_import_is_known_from_its_day(swv: Partnership, site: SchoolSite) -> None:
    a_case(site, closed_on=day("03-10"), destination="verhuisd-nl")
    closed = start_of(day("03-10"))
    assert flow(swv, MARCH, closed - SECOND) == (1, 0, 0, 1)
    assert figures(swv, MARCH, closed).outflow_by == {"verhuisd-nl": 1}


def test_a_state_of_an_import_is_known_from_its_day(swv: Partnership, site: SchoolSite) -> None:
    a_case(site, states=((State.ARRANGEMENT, day("03-05")), (State.RETURN, day("03-20"))))
    found = [
        figures(swv, MARCH, end_of(day(it))).breakdowns["by_state"] for it in ("03-04", "03-05", "03-31")
    ]
    assert found == [{"signalled": 1}, {"arrangement": 1}, {"return": 1}]
    assert figures(swv, MARCH).days_in_state == {
        "signalled": Middle(1, 45.0),
        "arrangement": Middle(1, 15.0),
    }


def test_what_a_person_enters_is_known_from_that_moment(swv: Partnership, site: SchoolSite) -> None:
    a_case(site, signalled="03-10", source="app")
    assert flow(swv, MARCH, at("03-10") - SECOND) == (0, 0, 0, 0)
    assert flow(swv, MARCH, at("03-10")) == (1, 0, 0, 1)
    assert flow(swv, FEBRUARY, at("03-10")) == (0, 1, 0, 1)


def test_what_becomes_known_later_changes_earlier_periods_but_not_what_was_known(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site)
    correction.correct(
        case=case, changes={"first_day_absent": day("01-19")}, by=manager, at=at("04-10"), on=day("04-10")
    )
    assert flow(swv, FEBRUARY, at("04-10")) == (0, 1, 0, 1)
    assert figures(swv, FEBRUARY, at("04-10")).breakdowns["by_duration"] == {"4w-3m": 1}
    assert flow(swv, Period(day("02-01"), day("02-16")), at("04-10") - SECOND) == (0, 1, 0, 1)
    assert flow(swv, Period(day("02-01"), day("02-16")), at("04-10")) == (0, 0, 0, 0)


def test_an_earlier_first_day_absent(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case = a_case(site, enrolled=False)
    correction.correct(
        case=case,
        changes={"first_day_absent": day("2025-12-31")},
        by=manager,
        at=at("04-10"),
        on=day("04-10"),
    )
    january = month_of(day("01-01"))
    assert flow(swv, january, at("04-10") - SECOND) == (0, 1, 0, 1)
    assert flow(swv, january, at("04-10")) == (1, 0, 0, 1)


def test_another_date_of_birth(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case = a_case(site)
    changes = {"birth_date": day("2008-03-14")}
    correction.correct(case=case, changes=changes, by=manager, at=at("04-10"), on=day("04-10"))
    assert figures(swv, MARCH, at("04-10") - SECOND).outflow_by == {}
    assert figures(swv, MARCH, at("04-10")).outflow_by == {"eighteen": 1}
    assert flow(swv, APRIL) == (0, 0, 0, 0)


def test_another_date_of_birth_counts_in_earlier_spells_too(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site)
    closing = Closing(destination="sbo")
    lifecycle.close(case=case, closing=closing, by=manager, at=at("04-10"), on=day("04-10"))
    reopened = {"reason": "Terugval", "first_day_absent": day("04-20"), "by": manager}
    lifecycle.reopen(case=fresh(case), at=at("04-20"), on=day("04-20"), **reopened)
    correction.correct(
        case=fresh(case),
        changes={"birth_date": day("2008-03-14")},
        by=manager,
        at=at("04-25"),
        on=day("04-25"),
    )
    assert figures(swv, MARCH, at("04-25") - SECOND).outflow_by == {}
    assert figures(swv, MARCH, at("04-25")).outflow_by == {"eighteen": 1}


def test_another_municipality(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case, town = a_case(site), MunicipalityFactory(number="9902")
    correction.correct(case=case, changes={"municipality": town}, by=manager, at=at("04-10"), on=day("04-10"))
    assert figures(swv, MARCH, at("04-10") - SECOND).breakdowns["by_municipality"] == {"9901": 1}
    assert figures(swv, MARCH, at("04-10")).breakdowns["by_municipality"] == {"9902": 1}


def test_an_exemption_that_is_corrected(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case = a_case(site)
    given = ExemptionGiven("5a", day("03-10"))
    exemption = correction.add_exemption(case=case, given=given, by=manager, at=at("03-12"))
    later = ExemptionGiven("5a", day("03-20"), day("03-25"))
    correction.change_exemption(exemption=exemption, case=case, given=later, by=manager, at=at("04-10"))
    assert flow(swv, MARCH, at("03-12") - SECOND) == (1, 0, 0, 1)
    assert figures(swv, MARCH, at("03-12")).outflow_by == {"exemption": 1}
    assert flow(swv, MARCH, at("04-10") - SECOND) == (1, 0, 1, 0)
    assert flow(swv, MARCH, at("04-10")) == (1, 1, 1, 1)
    assert figures(swv, MARCH, at("04-10")).reentries == 1
    broad = figures(swv, MARCH, at("04-10") - SECOND, definition="D4")
    assert (broad.start, broad.inflow, broad.outflow, broad.end) == (1, 0, 0, 1)
    assert broad.breakdowns["by_category"] == {"5a": 1}


def test_an_exemption_that_was_none(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case = a_case(site)
    exemption = correction.add_exemption(
        case=case, given=ExemptionGiven("5b", day("03-10")), by=manager, at=at("03-12")
    )
    correction.change_exemption(exemption=exemption, case=case, given=None, by=manager, at=at("04-10"))
    assert [flow(swv, MARCH, it) for it in (at("04-10") - SECOND, at("04-10"))] == [
        (1, 0, 1, 0),
        (1, 0, 0, 1),
    ]


def test_without_a_first_day_an_exemption_holds_from_the_first_day_absent(
    swv: Partnership, site: SchoolSite
) -> None:
    a_case(site, exemption=ExemptionGiven("5a", None, day("03-10")))
    january = Period(day("01-04"), day("01-31"))
    assert flow(swv, january, definition="D4") == (0, 1, 0, 1)
    assert flow(swv, MARCH, definition="D2") == (0, 1, 0, 1)


# --- Cases that end and begin again


def test_onterecht_removes_a_case_from_every_figure_and_from_earlier_periods(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site)
    lifecycle.withdraw(case=case, reason="Vergissing", by=manager, at=at("04-10"), on=day("04-10"))
    assert [flow(swv, it, at("04-10") - SECOND) for it in (FEBRUARY, MARCH, APRIL)] == [
        (0, 1, 0, 1),
        (1, 0, 0, 1),
        (1, 0, 0, 1),
    ]
    assert [figures(swv, it, at("04-10")) for it in (FEBRUARY, MARCH, APRIL)] == [Figures()] * 3


def test_signalled_by_mistake_and_then_at_home_after_all(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site)
    lifecycle.withdraw(case=case, reason="Vergissing", by=manager, at=at("03-10"), on=day("03-10"))
    lifecycle.reopen(
        case=fresh(case),
        reason="Toch",
        first_day_absent=day("03-10"),
        by=manager,
        at=at("03-20"),
        on=day("03-20"),
    )
    assert flow(swv, FEBRUARY) == (0, 0, 0, 0)
    assert flow(swv, APRIL) == (0, 1, 0, 1)
    assert figures(swv, APRIL).reentries == 0


def test_a_relapse_is_a_reentry(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case = a_case(site, offer="oza", offer_since=day("02-01"), reasons=("PLEK",))
    closing = Closing(destination="eigen-school", back_on=day("03-08"))
    lifecycle.close(case=case, closing=closing, by=manager, at=at("03-10"), on=day("03-10"))
    lifecycle.reopen(
        case=fresh(case),
        reason="Terugval",
        first_day_absent=day("03-12"),
        by=manager,
        at=at("03-20"),
        on=day("03-20"),
    )
    march, april = figures(swv, MARCH), figures(swv, APRIL)
    assert (march.outflow_by, march.end, march.days_to_return) == ({"returned": 1}, 0, Middle(1, 62.0))
    assert (april.start, april.inflow, april.outflow, april.end, april.reentries) == (0, 1, 0, 1, 1)
    assert april.breakdowns["by_duration"] == {"4w-3m": 1}
    assert april.breakdowns["by_reason"] == {"PLEK": 1}
    assert (april.with_offer, april.without_offer) == (0, 1)
    assert figures(swv, FEBRUARY).with_offer == 1
    assert flow(swv, MARCH, at("03-10") - SECOND) == (1, 0, 0, 1)


def test_a_closed_case_counts_nowhere_also_with_destination_5a(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site, exemption=ExemptionGiven("5a", day("03-01")))
    closing = Closing(destination="5a")
    lifecycle.close(case=case, closing=closing, by=manager, at=at("03-10"), on=day("03-10"))
    broad = figures(swv, MARCH, definition="D4")
    assert (broad.start, broad.outflow_by, broad.end) == (1, {"5a": 1}, 0)
    assert figures(swv, MARCH).outflow_by == {"exemption": 1}


# --- Breakdowns of facts of their own


def test_reasons_and_offers_of_the_last_day(swv: Partnership, site: SchoolSite, manager: User) -> None:
    a_case(site, reasons=("PLEK", "ZORG"), offer="onderwijs", offer_since=day("03-31"))
    a_case(site, offer="onderwijs", offer_since=day("04-01"))
    a_case(site, offer="afstand", reasons=("ZORG",))
    case = a_case(site, offer="zorg", offer_since=day("02-01"), reasons=("SYS",))
    correction.correct(
        case=case, changes={"reasons": "GEZIN SYS"}, by=manager, at=at("04-10"), on=day("04-10")
    )
    found = figures(swv, MARCH)
    assert found.breakdowns["by_reason"] == {"GEZIN": 1, "ONB": 1, "PLEK": 1, "ZORG": 1}
    assert (found.with_offer, found.without_offer) == (1, 3)
    assert figures(swv, MARCH, at("04-10") - SECOND).breakdowns["by_reason"] == {
        "ONB": 1,
        "PLEK": 1,
        "SYS": 1,
        "ZORG": 1,
    }
    assert figures(swv, APRIL).with_offer == 2


def test_an_offer_that_started_later_than_was_thought(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site, offer="onderwijs", offer_since=day("03-10"))
    changes = {"offer_since": day("04-10")}
    correction.correct(case=case, changes=changes, by=manager, at=at("04-20"), on=day("04-20"))
    found = [figures(swv, it, at("04-20")).with_offer for it in (MARCH, APRIL)]
    assert (figures(swv, MARCH, at("04-20") - SECOND).with_offer, found) == (1, [0, 1])


def test_another_offer_from_a_day_on_leaves_the_one_before(
    swv: Partnership, site: SchoolSite, manager: User
) -> None:
    case = a_case(site, offer="afstand", offer_since=day("02-10"))
    for changes in ({"offer": "onderwijs", "offer_since": day("03-20")}, {"offer_since": day("04-10")}):
        correction.correct(case=fresh(case), changes=changes, by=manager, at=at("04-20"), on=day("04-20"))
    assert [figures(swv, it).with_offer for it in (FEBRUARY, MARCH, APRIL)] == [1, 1, 1]


def test_no_offer_after_all(swv: Partnership, site: SchoolSite, manager: User) -> None:
    case = a_case(site, offer="onderwijs", offer_since=day("03-10"))
    changes = {"offer": "", "offer_since": None}
    correction.correct(case=case, changes=changes, by=manager, at=at("04-20"), on=day("04-20"))
    assert [figures(swv, it).with_offer for it in (MARCH, APRIL)] == [0, 0]


# --- Thresholds and selections


def test_each_partnership_has_its_own_threshold(swv: Partnership, site: SchoolSite) -> None:
    a_case(site)
    on = Period(day("02-02"), day("02-02"))
    assert flow(swv, on) == (0, 0, 0, 0)
    swv.threshold_inclusive = True
    swv.save()
    assert flow(swv, on) == (0, 1, 0, 1)
    assert flow(swv, on, threshold=Threshold(28)) == (0, 0, 0, 0)
    assert flow(swv, on, threshold=Threshold(60)) == (0, 0, 0, 0)


def test_residents_and_pupils_of_a_school_in_any_partnership(swv: Partnership, site: SchoolSite) -> None:
    other = SchoolSiteFactory(partnerships=[PartnershipFactory(threshold_inclusive=True)])
    here = a_case(site)
    there = a_case(other, municipality_id=site.municipality_id)
    elsewhere = a_case(other)
    a_case(None, partnership=swv, enrolled=False)

    def lines(cases: Any, **filters: Any) -> list[int]:
        return [it.case_id for it in lines_of(cases, MARCH, Selection(**filters), known_at=NOW)]

    residents = cases_of_residents(site.municipality_id)
    assert lines(residents, municipalities=frozenset({site.municipality_id})) == [here.pk, there.pk]
    assert lines(cases_of_school(site.school_id)) == [here.pk]
    assert lines(cases_of_school(other.school_id)) == [there.pk, elsewhere.pk]
    assert lines(cases_of_school(site.school_id, sites=[other.pk])) == [there.pk, elsewhere.pk]
    assert lines(cases_of_partnership(swv.pk), sectors=frozenset({"vo"})) == lines(
        cases_of_partnership(swv.pk), categories=frozenset({"absoluut"})
    )


def test_many_periods_at_once_give_what_each_gives(swv: Partnership, site: SchoolSite, manager: User) -> None:
    a_case(site, closed_on=day("03-10"), destination="sbo")
    a_case(site, birth_date=day("2008-04-02"))
    periods = [FEBRUARY, MARCH, APRIL, Period(FEBRUARY.first, APRIL.last)]
    selections = [Selection(it) for it in ("D1", "D2")]
    cases = cases_of_partnership(swv.pk)
    found = figures_by_period(cases, periods, selections, known_at=NOW)
    for (selection, period), together in found.items():
        alone = figures_of(lines_of(cases, period, selection, known_at=NOW))
        assert (together.start, together.inflow, together.outflow_by, together.end) == (
            alone.start,
            alone.inflow,
            alone.outflow_by,
            alone.end,
        )
    assert len(found) == 8


# --- Registers that are imported again


def test_an_import_again_is_known_from_its_day(places: Places, bring_in: Import) -> None:
    bring_in(row())
    bring_in(row(geoorloofd="ja"), on=dt.date(2026, 11, 25))
    november = month_of(dt.date(2026, 11, 1))
    day_of_import = start_of(dt.date(2026, 11, 25))
    assert flow(places.po, november, day_of_import - SECOND) == (1, 0, 0, 1)
    assert flow(places.po, november, day_of_import) == (0, 0, 0, 0)


def test_an_import_tells_of_a_relapse(places: Places, bring_in: Import) -> None:
    closed = {"afgesloten_op": "2026-08-24", "bestemming": "eigen-school"}
    bring_in(row(**closed))
    again = {"eerste_verzuimdag": "2026-09-07", "gemeld_op": "2026-09-20"}
    bring_in(row(**again), on=dt.date(2026, 11, 25))
    known_at = end_of(dt.date(2026, 11, 25))
    june, august, october = (month_of(dt.date(2026, it, 1)) for it in (6, 8, 10))
    assert flow(places.po, june, known_at) == (0, 1, 0, 1)
    assert figures(places.po, august, known_at).outflow_by == {"eigen-school": 1}
    found = figures(places.po, october, known_at)
    assert (found.inflow, found.reentries, found.end) == (1, 1, 1)


def test_the_same_file_twice_changes_no_figure(places: Places, bring_in: Import) -> None:
    rows = [row(), row(dossier="B", achternaam="Anders", ingeschreven="nee", vestiging="")]
    bring_in(*rows)
    june = month_of(dt.date(2026, 6, 1))
    before = figures(places.po, june)
    assert bring_in(*rows, on=dt.date(2026, 11, 25)).unchanged == 2
    assert figures(places.po, june) == before
    assert (before.inflow, before.end) == (2, 2)


def test_a_correction_by_way_of_an_import_of_the_exemption(swv: Partnership, site: SchoolSite) -> None:
    case = a_case(site, exemption=ExemptionGiven("5b", day("03-10")))
    shorter = ExemptionGiven("5b", day("03-10"), day("03-20"))
    facts.correct(fresh(case), {"exemption": shorter}, by=None, at=at("04-10"), source=Source.IMPORT)
    assert [flow(swv, MARCH, it) for it in (at("04-10") - SECOND, at("04-10"))] == [
        (1, 0, 1, 0),
        (1, 1, 1, 1),
    ]
