"""The made-up country: whole, the same for the same seed, and never mixed with cases of real people."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership
from audit.models import Event
from cases.access import base_groups
from cases.enums import State
from cases.models import Case, CaseGrant, Spell, SpellDates, StateChange
from cases.services.generating import pupils
from cases.services.generating.places import PARTNERSHIPS, Size
from common.dates import today
from schools.models import Partnership, SchoolSite
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def generate(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def generate(cases: int, **options: Any) -> dict[str, Any]:
        call_command("generate_cases", cases=cases, json=True, **options)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return generate


@pytest.mark.django_db(transaction=True)  # several processes make it, where the database takes that
def test_the_country_is_whole_and_a_second_time_only_what_is_missing_is_made(
    generate: Callable[..., dict[str, Any]],
) -> None:
    assert generate(1000)["made"] == 1000
    assert generate(1500)["made"] == 500
    assert generate(1500)["made"] == 0

    assert (Partnership.objects.count(), SchoolSite.objects.count()) == (PARTNERSHIPS, 2 * PARTNERSHIPS)
    cases = list(Case.objects.select_related("pupil"))
    assert len(cases) == 1500
    assert 60 <= sum(case.is_open for case in cases) <= 240
    assert {case.state for case in cases} == set(State.values)
    granted: dict[int, set[int]] = {}
    for case_id, group_id in CaseGrant.objects.filter(until=None).values_list("content_object", "group"):
        granted.setdefault(case_id, set()).add(group_id)
    assert granted == base_groups(cases)
    assert Membership.objects.filter(role="reporter").count() == PARTNERSHIPS
    assert Event.objects.filter(action="cases.generated").count() == 2


def test_facts_agree_with_the_case_also_where_a_pupil_came_home_again(
    generate: Callable[..., dict[str, Any]],
) -> None:
    generate(600)

    again = Case.objects.filter(spell=2)
    assert again.exists()
    for case in again:
        first, second = Spell.objects.filter(case=case).order_by("number")
        dates = SpellDates.objects.filter(spell=second).order_by("known_from", "pk").last()
        before = SpellDates.objects.filter(spell=first).order_by("known_from", "pk").last()
        assert dates is not None
        assert before is not None
        assert (dates.first_day_absent, dates.closed_on) == (case.first_day_absent, case.closed_on)
        assert before.closed_on is not None
        assert before.closed_on < case.first_day_absent
        moves = StateChange.objects.filter(spell=second).order_by("pk")
        assert [(moves[0].transition, moves[0].from_state, moves[0].to_state)] == [
            ("reopen", "closed", "signalled")
        ]
        assert moves[len(moves) - 1].to_state == case.state


def test_the_same_seed_makes_the_same_pupils(generate: Callable[..., dict[str, Any]]) -> None:
    generate(50, seed=7)
    country = pupils.Country(
        list(Partnership.objects.order_by("pk")),
        [1] * PARTNERSHIPS,
        {site.partnerships.get().pk: [site] for site in SchoolSite.objects.order_by("-pk")},
        [1],
    )

    one = pupils.pupil(3, seed=7, country=country, on=today())
    assert pupils.pupil(3, seed=7, country=country, on=today()) == one
    assert pupils.pupil(3, seed=8, country=country, on=today()) != one


def test_a_database_with_other_cases_is_refused() -> None:
    make_case()

    with pytest.raises(CommandError) as refused:
        call_command("generate_cases", cases=10)

    assert refused.value.returncode == 1
    assert Case.objects.count() == 1


@pytest.mark.parametrize("number", ["0", "-1", "many", "5000001"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(CommandError):
        call_command("generate_cases", f"--cases={number}")


def test_the_country_grows_with_its_cases() -> None:
    assert Size.for_cases(1_000_000) == Size(9000, 2000, 30_000, 342)
    assert Size.for_cases(5_000_000) == Size(9000, 2000, 30_000, 342)
    assert Size.for_cases(500_000).sites == 4500
    assert Size.for_cases(1).sites == 2 * PARTNERSHIPS
