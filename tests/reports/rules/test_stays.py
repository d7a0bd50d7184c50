"""When a case is a member, and why it ceases to be one (contracts/counting.md, "Period figures")."""

import datetime as dt
from typing import Any

import pytest

from reports.enums import MEMBERS, Definition
from reports.rules.history import Exempt, History
from reports.rules.selection import Selection
from reports.rules.stays import stays_of
from tests.reports.making import FIRST, attendance, day, history, particulars, spell

DAY = dt.timedelta(days=1)
#: The day on which the usual pupil becomes a member.
OVER = day("02-03")


def stays(known: History, definition: str = "D2", **filters: Any) -> list[tuple[str, str, str]]:
    """First day, day of leaving, ending; as far as 2026 goes."""
    found = stays_of(known, Selection(definition, **filters))
    return [
        (f"{it.entered:%m-%d}", f"{it.left:%m-%d}", it.ending)
        if it.left and it.left.year == 2026
        else (f"{it.entered:%m-%d}", "", "")
        for it in found
    ]


def test_the_members_of_each_definition() -> None:
    assert {name: set(members) for name, members in MEMBERS.items()} == {
        "D1": {"lrv"},
        "D2": {"lrv", "absoluut"},
        "D3": {"lrv", "absoluut", "ziek-deels"},
        "D4": {"lrv", "absoluut", "5a"},
    }
    assert Selection().definition == Definition.D2


@pytest.mark.parametrize(
    ("facts", "members_of"),
    [
        ({}, "D1 D2 D3 D4"),
        ({"enrolled": False}, "D2 D3 D4"),
        ({"authorised": "ja", "ill": True, "can_attend_partly": True}, "D3"),
        ({"authorised": "ja"}, ""),
        ({"extent": "gedeeltelijk"}, ""),
        ({"exemptions": [Exempt("5a", FIRST, None)]}, "D4"),
        ({"exemptions": [Exempt("5b", FIRST, None)]}, ""),
        ({"closed": FIRST + DAY, "destination": "5a", "exemptions": [Exempt("5a", FIRST + DAY, None)]}, ""),
    ],
)
def test_who_is_a_member_of_what(facts: dict[str, Any], members_of: str) -> None:
    found = [name for name in Definition.values if stays(history(**facts), name)]
    assert " ".join(found) == members_of


class TestWhyItEnds:
    def test_the_destination_on_the_day_of_closing(self) -> None:
        assert stays(history(closed=day("03-10"), destination="vso")) == [("02-03", "03-10", "vso")]

    def test_back_on_the_day_of_closing_carries_the_destination(self) -> None:
        known = history(back=day("03-10"), closed=day("03-10"), destination="eigen-school")
        assert stays(known) == [("02-03", "03-10", "eigen-school")]

    def test_back_before_the_closing_has_returned(self) -> None:
        known = history(back=day("03-09"), closed=day("03-10"), destination="eigen-school")
        assert stays(known) == [("02-03", "03-09", "returned")]

    def test_back_without_a_closing(self) -> None:
        assert stays(history(back=day("03-09"))) == [("02-03", "03-09", "returned")]

    def test_back_before_it_counted(self) -> None:
        assert stays(history(back=OVER)) == []
        assert stays(history(back=OVER + DAY)) == [("02-03", "02-04", "returned")]

    def test_an_exemption(self) -> None:
        known = history(exemptions=[Exempt("5b", day("03-01"), day("03-31"))])
        assert stays(known) == [("02-03", "03-01", "exemption"), ("04-01", "", "")]

    def test_5a_ends_membership_but_of_the_broad_definition(self) -> None:
        known = history(exemptions=[Exempt("5a", day("03-01"), day("03-31"))])
        assert stays(known, "D2") == [("02-03", "03-01", "exemption"), ("04-01", "", "")]
        assert stays(known, "D4") == [("02-03", "", "")]

    def test_another_exemption_in_the_place_of_5a(self) -> None:
        known = history(exemptions=[Exempt("5a", FIRST, day("03-31")), Exempt("15", day("04-01"), None)])
        assert stays(known, "D4") == [("01-05", "04-01", "exemption")]

    def test_5a_that_ended_for_who_is_back(self) -> None:
        known = history(back=day("02-01"), exemptions=[Exempt("5a", FIRST, day("03-31"))])
        assert stays(known, "D4") == [("01-05", "04-01", "returned")]

    def test_eighteen(self) -> None:
        assert stays(history(born=day("2008-03-14"))) == [("02-03", "03-14", "eighteen")]

    def test_eighteen_and_closed_later(self) -> None:
        known = history(born=day("2008-03-14"), closed=day("03-20"), destination="achttien")
        assert stays(known) == [("02-03", "03-14", "eighteen")]

    def test_closed_on_the_eighteenth_birthday_carries_the_destination(self) -> None:
        known = history(born=day("2008-03-14"), closed=day("03-14"), destination="mbo")
        assert stays(known) == [("02-03", "03-14", "mbo")]

    @pytest.mark.parametrize("ill", [None, True])
    def test_authorised(self, ill: bool | None) -> None:
        changed = attendance(day("03-01"), authorised="ja", ill=ill, can_attend_partly=ill)
        known = history(spell(attendances=[attendance(), changed]))
        assert stays(known) == [("02-03", "03-01", "authorised")]

    def test_ill_and_able_to_attend_stays_a_member_of_d3(self) -> None:
        changed = attendance(day("03-01"), authorised="ja", ill=True, can_attend_partly=True)
        known = history(spell(attendances=[attendance(), changed]))
        assert stays(known, "D3") == [("02-03", "", "")]

    @pytest.mark.parametrize(
        "changed",
        [
            {"authorised": "onbekend"},
            {"extent": "gedeeltelijk"},
            {"extent": "gedeeltelijk", "authorised": "ja"},
        ],
    )
    def test_any_other_change(self, changed: dict[str, Any]) -> None:
        known = history(spell(attendances=[attendance(), attendance(day("03-01"), **changed)]))
        assert stays(known) == [("02-03", "03-01", "correction")]

    def test_enrolled_from_then_on_and_long_at_home(self) -> None:
        known = history(spell(attendances=[attendance(enrolled=False), attendance(day("03-01"))]))
        assert stays(known) == [("01-05", "", "")]
        assert stays(known, "D1") == [("03-01", "", "")]

    def test_enrolled_from_then_on_before_the_threshold(self) -> None:
        known = history(spell(attendances=[attendance(enrolled=False), attendance(day("01-20"))]))
        assert stays(known) == [("01-05", "01-20", "correction"), ("02-03", "", "")]


class TestSpells:
    def test_a_relapse_is_another_stay(self) -> None:
        known = history(spell(closed=day("03-10"), destination="eigen-school"), spell(day("03-20"), key=2))
        assert stays(known) == [("02-03", "03-10", "eigen-school"), ("04-18", "", "")]

    def test_at_home_again_on_the_day_of_closing(self) -> None:
        known = history(spell(closed=day("03-10"), destination="sbo"), spell(day("03-10"), key=2))
        assert stays(known) == [("02-03", "03-10", "sbo"), ("04-08", "", "")]

    def test_not_enrolled_on_the_day_of_closing_it_goes_on(self) -> None:
        known = history(
            spell(enrolled=False, closed=day("03-10"), destination="sbo"),
            spell(day("03-10"), key=2, enrolled=False),
        )
        assert stays(known) == [("01-05", "", "")]

    def test_days_absent_when_it_ended_are_those_of_its_own_spell(self) -> None:
        known = history(
            spell(closed=day("03-10"), destination="sbo"), spell(day("03-10"), key=2, back=day("05-01"))
        )
        assert [it.absent for it in stays_of(known, Selection())] == [64, 52]


def test_a_stay_of_one_day() -> None:
    known = history(enrolled=False, back=FIRST + DAY)
    assert stays(known) == [("01-05", "01-06", "returned")]
    (stay,) = stays_of(known, Selection())
    assert [stay.holds_on(FIRST + n * DAY) for n in (-1, 0, 1)] == [False, True, False]


def test_a_filter_counts_only_while_it_fits() -> None:
    known = history(spell(who=[particulars(municipality_id=1), particulars(day("03-01"), municipality_id=2)]))
    assert stays(known, municipalities=frozenset({1})) == [("02-03", "03-01", "correction")]
    assert stays(known, municipalities=frozenset({2})) == [("03-01", "", "")]
    assert stays(known, municipalities=frozenset({1, 2})) == [("02-03", "", "")]
    assert stays(known, sectors=frozenset({"vo"})) == []
    assert stays(known, schools=frozenset({2}), sites=frozenset({3})) == [("02-03", "", "")]
    assert stays(known, categories=frozenset({"absoluut"})) == []
    assert stays(known, categories=frozenset({"lrv", "verborgen"})) == [("02-03", "", "")]
