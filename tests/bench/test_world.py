"""The world to measure in: it is complete enough for every rule, and only touches what it made itself."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from bench import world
from cases.enums import Source
from cases.models import (
    AbsencePeriod,
    Case,
    FittingOffer,
    Particulars,
    ReasonCodes,
    Spell,
    SpellDates,
    StateChange,
)
from cases.services import facts
from escalations.models import Reminder
from escalations.rules import RULES
from escalations.rules.table import WAITING
from escalations.services.sweeps import sweep_all
from schools.models import Partnership, SchoolSite

pytestmark = pytest.mark.services

OF_PUPIL = ("first_name", "last_name", "birth_date", "municipality_id", "year_group")
AT = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_every_rule_finds_something_and_a_second_sweep_makes_nothing() -> None:
    with connection.cursor() as cursor:
        world.fill(cursor, cases=2000)

    assert (Partnership.objects.count(), SchoolSite.objects.count()) == (152, 9000)
    assert (Case.objects.count(), Case.objects.open().count()) == (2000, 160)

    first = sweep_all(on=world.ON, at=AT)
    second = sweep_all(on=world.ON, at=AT)

    assert set(first.by_rule) == RULES.keys() - WAITING
    assert first.created == Reminder.objects.count()
    assert (second.created, second.cancelled) == (0, 0)


@pytest.mark.django_db
def test_the_facts_of_a_case_agree_with_what_it_is_now() -> None:
    with connection.cursor() as cursor:
        world.fill(cursor, cases=2000)

    spells = {(spell.case_id, spell.number): spell.pk for spell in Spell.objects.all()}
    dates, absences, particulars = _newest(SpellDates), _newest(AbsencePeriod), _newest(Particulars)
    reasons, offers, moves = _newest(ReasonCodes), _newest(FittingOffer), _newest(StateChange)
    place = ("school_id", "site_id", "sector")
    for case in Case.objects.select_related("pupil"):
        spell = spells[case.pk, case.spell]
        assert _values(dates[spell], facts.DATES) == _values(case, facts.DATES)
        assert _values(absences[spell], facts.ABSENCE) == _values(case, facts.ABSENCE)
        assert _values(particulars[spell], place) == _values(case, place)
        assert _values(particulars[spell], OF_PUPIL) == _values(case.pupil, OF_PUPIL)
        assert reasons[spell].codes == case.reasons
        if case.offer:
            assert (offers[spell].offer, offers[spell].since) == (case.offer, case.offer_since)
        assert (moves[spell].to_state, moves[spell].on) == (case.state, case.state_since)


@pytest.mark.django_db
def test_cases_were_closed_in_ten_years_corrected_and_opened_again() -> None:
    with connection.cursor() as cursor:
        world.fill(cursor, cases=2000)

    closed = Case.objects.filter(state="closed").values_list("closed_on", flat=True)
    assert {day.year for day in closed} == set(range(2016, 2027))
    assert max(closed) < world.ON
    again = Case.objects.filter(spell=2)
    assert 40 <= again.count() <= 80
    earlier = SpellDates.objects.filter(spell__number=1, case__spell=2, closed_on__isnull=False)
    assert earlier.count() == again.count()
    assert all(dates.closed_on < dates.case.first_day_absent for dates in earlier.select_related("case"))
    corrected = [
        set(model.objects.filter(source=Source.APPLICATION).values_list("case", flat=True))
        for model in (SpellDates, AbsencePeriod, Particulars)
    ]
    assert 40 <= len(set.union(*corrected)) <= 80
    assert all(corrected)


def _newest(model: Any) -> dict[int, Any]:
    """What became known last, by spell."""
    return {row.spell_id: row for row in model.objects.order_by("known_from", "pk")}


def _values(row: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


def url() -> str:
    given: dict[str, Any] = settings.DATABASES["default"]
    who = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT'] or 5432}"
    return f"postgres://{who}/{given['NAME']}"


def test_a_database_of_another_name_is_refused() -> None:
    with pytest.raises(world.NotOurs):
        world.make(url(), "terugkeer", cases=1)


def test_a_database_that_somebody_else_made_is_refused() -> None:
    name = "terugkeer_bench_of_somebody_else"
    with psycopg.connect(url(), autocommit=True) as somebody:
        somebody.execute(f"CREATE DATABASE {name}")
        try:
            with pytest.raises(world.NotOurs):
                world.make(url(), name, cases=1)
            with pytest.raises(world.NotOurs):
                world.drop(url(), name)
            assert somebody.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() == (1,)
        finally:
            somebody.execute(f"DROP DATABASE IF EXISTS {name}")
