"""The preview says what the next sweep does, without doing it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations.models import Reminder
from escalations.queries import preview
from escalations.queries.preview import named_of, preview_rule
from escalations.queries.rulebook import line_of
from escalations.rules import RULES, Span
from escalations.rules.table import ATTESTATION
from escalations.services.sweep import sweep_partnership
from schools.models import Organisation, Sector
from tests.addresses import furnish
from tests.cast import NOW, TODAY, Cast
from tests.escalations.choosing import change
from tests.factories.schools import SchoolSiteFactory


def looked_at(cast: Cast, code: str, *, sector: str = "", on: dt.date = TODAY, **given: Any) -> Any:
    rule = line_of(cast.swv.pk, sector, code).rule
    return preview_rule(cast.swv.pk, sector, replace(rule, **given), on=on)


def swept(cast: Cast, *, on: dt.date = TODAY) -> dict[str, int]:
    return dict(sweep_partnership(cast.swv.pk, on=on, at=NOW).by_rule)


def previewed(cast: Cast, *, on: dt.date = TODAY) -> dict[str, int]:
    found = {code: looked_at(cast, code, on=on).new for code in RULES}
    return {code: new for code, new in found.items() if new}


def test_it_counts_cases_and_names_the_first(cast: Cast) -> None:
    open_cases = ["own", "second_site", "other_school", "without_site", "shared", "invited"]
    found = looked_at(cast, "R10")
    assert (found.due, found.new, found.more) == (6, 6, 0)
    numbers = sorted(cast.cases[name].number for name in open_cases)
    for person, visible in {"case_manager": True, "administrator": False}.items():
        named = named_of(found, cast.people[person], on=TODAY)
        assert [(it.name, it.visible) for it in named] == [(number, visible) for number in numbers]
    assert not Reminder.objects.exists()


def test_a_threshold_is_reached_on_its_day(cast: Cast) -> None:
    reached = (TODAY - dt.date(2026, 9, 1)).days
    threshold = RULES["R10"].threshold
    for number, due in {reached - 1: 6, reached: 6, reached + 1: 0}.items():
        found = looked_at(cast, "R10", threshold=replace(threshold, number=number))
        assert (number, found.due) == (number, due)
    assert looked_at(cast, "R10", active=False).due == 0


def test_it_says_what_the_next_sweep_makes(cast: Cast) -> None:
    furnish(cast)
    Organisation.objects.update(added_on=dt.date(2026, 1, 1))
    for on in (TODAY, TODAY + dt.timedelta(days=1), TODAY + dt.timedelta(days=40)):
        expected = previewed(cast, on=on)
        assert expected == swept(cast, on=on)
        assert previewed(cast, on=on) == {}
    assert {"R10", "R13", ATTESTATION} <= set(Reminder.objects.values_list("rule", flat=True))


def test_it_says_what_the_sweep_makes_of_a_changed_rule(cast: Cast) -> None:
    first = swept(cast)
    assert first["R10"] == 6
    again = looked_at(cast, "R10", threshold=Span(40, RULES["R10"].threshold.unit))
    assert (again.due, again.new) == (6, 0)  # what was sent is not sent again
    repeated = looked_at(cast, "R10", repeat=Span(7, RULES["R10"].threshold.unit))
    assert (repeated.due, repeated.new) == (6, 6)
    change(cast, "R10", repeat=7)
    assert swept(cast) == {"R10": 6}


def test_a_date_that_moved_away_and_back_is_not_made_again(cast: Cast) -> None:
    case = cast.cases["own"]
    first_day = case.first_day_absent
    swept(cast)
    for day in (first_day + dt.timedelta(days=3), first_day):
        case.first_day_absent = day
        case.save(update_fields=["first_day_absent"])
        expected = previewed(cast)
        assert expected == swept(cast)
    assert "R10" not in expected


def test_all_leaves_out_sectors_with_their_own(cast: Cast) -> None:
    bo = SchoolSiteFactory(sector=Sector.BO, partnerships=[cast.swv])
    cast.case(bo, first_name="Bo")
    assert (looked_at(cast, "R10").due, looked_at(cast, "R10").left_out) == (7, [])
    assert looked_at(cast, "R10", sector="bo").due == 1
    assert looked_at(cast, "R10", sector="vo").due == 6
    change(cast, "R10", sector="vo", threshold=700)
    assert (looked_at(cast, "R10").due, looked_at(cast, "R10").left_out) == (1, [Sector.VO])
    assert looked_at(cast, "R10", sector="vo").due == 0


def test_the_attestation_is_about_schools(cast: Cast) -> None:
    assert looked_at(cast, ATTESTATION).due == 0  # added after the quarterly date
    Organisation.objects.update(added_on=dt.date(2026, 1, 1))
    found = looked_at(cast, ATTESTATION)
    assert (found.due, found.new) == (2, 2)
    expected = {
        "case_manager": [("Het Voorbeeld", True), ("De Buren", True)],
        "coordinator": [("Het Voorbeeld", False), ("De Buren", False)],
    }
    for person, schools in expected.items():
        named = named_of(found, cast.people[person], on=TODAY)
        assert [(it.name, it.visible) for it in named] == schools


def test_it_names_so_many_in_chunks_and_asks_no_more_for_more_cases(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "NAMED", 4)
    looked_at(cast, "R10")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            looked_at(cast, "R10")
        return len(asked)

    before = queries()
    for number in range(5):
        cast.case(cast.site, first_name=f"Meer{'abcde'[number]}")
    assert queries() == before
    monkeypatch.setattr(preview, "CHUNK", 3)
    found = looked_at(cast, "R10")
    named = named_of(found, cast.people["case_manager"], on=TODAY)
    assert (found.due, found.new, found.more, len(named)) == (11, 11, 7, 4)
    assert [it.pk for it in named] == sorted(it.pk for it in cast.cases.values() if it.is_open)[:4]
