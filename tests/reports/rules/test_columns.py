"""The closed list of what a column can show, and what is refused in a template."""

import dataclasses
import datetime as dt

import pytest
from django.utils import translation

from cases.enums import Category, Destination, Offer, Reason
from reports.enums import MEMBERS, Definition, Duration, Ending
from reports.rules.columns import (
    DEFAULT,
    FIELDS,
    MOST_COLUMNS,
    Column,
    Numbered,
    columns_from_json,
    wrong_with,
)
from reports.rules.listed import Listed
from reports.rules.samples import sample_rows
from schools.models import Sector

DAY = dt.date(2026, 12, 31)


def a_row(**facts: object) -> Numbered:
    given: dict = {
        "case_id": 4711,
        "spell": 815,
        "told_on": DAY,
        "category": "lrv",
        "duration": "4w-3m",
        "sector": "vo",
        "age": 14,
        "municipality": "0599",
        "school": "05AB",
        "site": "05AB01",
        "first_day": dt.date(2026, 10, 5),
        "entered": dt.date(2026, 11, 3),
        "last": dt.date(2026, 11, 3),
        "memberships": 1,
        "days": 87,
        **facts,
    }
    return Numbered(7, "KX234567", "VO9901", Listed(**given))


def shown(field: str, form: str, **facts: object) -> object:
    return Column(field, form, "kop").value(a_row(**facts))


@pytest.mark.parametrize(
    ("field", "form", "facts", "expected"),
    [
        ("number", "as-is", {}, 7),
        ("pseudonym", "as-is", {}, "KX234567"),
        ("partnership", "as-is", {}, "VO9901"),
        ("brin", "as-is", {}, "05AB"),
        ("brin", "as-is", {"school": "", "site": ""}, ""),
        ("site", "full", {}, "05AB01"),
        ("site", "number", {}, "01"),
        ("site", "number", {"school": "", "site": ""}, ""),
        ("sector", "code", {}, "vo"),
        ("age", "years", {}, 14),
        ("age", "band", {}, "12-15"),
        ("age", "band", {"age": 5}, "5-11"),
        ("age", "band", {"age": 17}, "16-17"),
        ("municipality", "as-is", {}, "0599"),
        ("category", "code", {}, "lrv-4w-3m"),
        ("category", "code", {"duration": "<4w"}, "lrv-4w-3m"),
        ("category", "code", {"duration": "3-6m"}, "lrv-3m"),
        ("category", "code", {"category": "absoluut", "duration": ">12m"}, "absoluut"),
        ("category", "words", {}, "langdurig relatief verzuim, 4 weken tot 3 maanden"),
        ("category", "words", {"duration": ">12m"}, "langdurig relatief verzuim, langer dan 3 maanden"),
        ("category", "words", {"category": "absoluut"}, "absoluut verzuim"),
        ("category", "words", {"category": "5a"}, "vrijstelling artikel 5 onder a"),
        ("first_day", "iso", {}, dt.date(2026, 10, 5)),
        ("first_day", "dmy", {}, "05-10-2026"),
        ("first_day", "month", {}, "2026-10"),
        ("start", "iso", {}, dt.date(2026, 11, 3)),
        ("start_last", "month", {"last": DAY}, "2026-12"),
        ("times", "as-is", {"memberships": 3}, 3),
        ("offered", "ja-nee", {}, "nee"),
        ("offered", "ja-nee", {"offered": True}, "ja"),
        ("offered", "j-n", {"offered": True}, "J"),
        ("offered", "1-0", {}, 0),
        ("offer", "code", {"offer": "oza"}, "oza"),
        ("offer", "words", {}, ""),
        ("offer_since", "iso", {}, None),
        ("reason", "code", {"reason": "PLEK"}, "PLEK"),
        ("end", "iso", {}, None),
        ("end", "dmy", {}, None),
        ("end", "dmy", {"left": DAY}, "31-12-2026"),
        ("destination", "code", {"ending": "sbo"}, "sbo"),
        ("destination", "words", {"ending": "eighteen"}, "achttien geworden"),
        ("destination", "words", {}, ""),
        ("duration", "days", {}, 87),
        ("duration", "weeks", {}, 12),
        ("duration", "words", {}, "4 weken tot 3 maanden"),
        ("duration", "code", {}, "4w-3m"),
        ("empty", "as-is", {}, None),
    ],
)
def test_what_a_column_shows(field: str, form: str, facts: dict, expected: object) -> None:
    assert shown(field, form, **facts) == expected


def test_the_words_are_dutch_in_every_language() -> None:
    for language in ("nl", "en"):
        with translation.override(language):
            assert shown("reason", "words", reason="ZORG") == translated("nl", Reason.CARE.label)
            assert shown("sector", "words") == translated("nl", Sector.VO.label)
            assert shown("destination", "words", ending="sbo") == translated("nl", Destination.SBO.label)


def translated(language: str, label: object) -> str:
    with translation.override(language):
        return str(label)


def test_every_code_has_words() -> None:
    for sector in Sector.values:
        assert shown("sector", "words", sector=sector)
    for reason in Reason.values:
        assert shown("reason", "words", reason=reason)
    for offer in Offer.values:
        assert shown("offer", "words", offer=offer)
    for ending in [*Destination.values, *Ending.values]:
        assert shown("destination", "words", ending=ending)
    for duration in Duration.values:
        assert shown("duration", "words", duration=duration)
        for category in MEMBERS[Definition.D2] | MEMBERS[Definition.D4]:
            assert shown("category", "words", category=str(Category(category).value), duration=duration)


def test_nothing_that_names_a_pupil_can_be_chosen() -> None:
    """A row does not even know it: what can be chosen is made of these facts, and none of them is a name, a
    date of birth or a number of a case."""
    assert {it.name for it in dataclasses.fields(Listed)} == {
        "case_id", "spell", "told_on", "category", "duration", "sector", "age", "municipality", "school",
        "site", "first_day", "entered", "last", "memberships", "days", "left", "ending", "reason", "offered",
        "offer", "offer_since",
    }  # fmt: skip
    assert set(FIELDS) == {
        "number", "pseudonym", "partnership", "brin", "site", "sector", "age", "municipality", "category",
        "first_day", "start", "start_last", "times", "offered", "offer", "offer_since", "reason", "end",
        "destination", "duration", "empty",
    }  # fmt: skip


def test_no_field_shows_the_key_of_a_case() -> None:
    for name, field in FIELDS.items():
        for form in field.forms:
            assert str(shown(name, form)) not in ("4711", "815")


@pytest.mark.parametrize(
    "field",
    ["first_name", "last_name", "name", "birth_date", "birth_year", "case", "case_id", "case_number", "spell",
     "row", "__class__", "pupil", "pupil.last_name", "row.case_id", "", "NUMBER", "number ", None, 7],
)  # fmt: skip
def test_a_field_outside_of_the_list_is_refused(field: str) -> None:
    assert [fault.part for fault in wrong_with([Column(field, "as-is", "kop")])] == ["field"]
    assert columns_from_json([{"field": field, "form": "as-is", "header": "kop"}]) == DEFAULT


def test_a_form_of_another_field_is_refused() -> None:
    assert [fault.part for fault in wrong_with([Column("number", "dmy", "kop")])] == ["form"]


@pytest.mark.parametrize(
    ("header", "right"),
    [
        ("volgnr.", True),
        ("Leeftijd (jaren) – op de laatste dag", True),
        ("x" * 80, True),
        ("x" * 81, False),
        ("", False),
        ("   ", False),
        ("twee\nregels", False),
        ("nul\x00", False),
        ("=1+1", False),
        ("+31", False),
        ("-", False),
        ("@SUM", False),
        (" =1", False),
    ],
)
def test_headers(header: str, right: bool) -> None:
    faults = wrong_with([Column("number", "as-is", header)])
    assert [fault.part for fault in faults] == ([] if right else ["header"])


def test_two_columns_have_not_the_same_header() -> None:
    columns = [Column("number", "as-is", "Nr"), Column("age", "years", "nr")]
    assert [(fault.place, fault.part) for fault in wrong_with(columns)] == [(1, "header")]


def test_a_list_has_columns_and_not_too_many() -> None:
    many = [Column("number", "as-is", str(number)) for number in range(MOST_COLUMNS + 1)]
    assert len(wrong_with([])) == 1
    assert wrong_with(many[:-1]) == []
    assert [fault.place for fault in wrong_with(many)] == [None]


def test_the_default_is_right_and_the_samples_fit_every_field() -> None:
    assert wrong_with(DEFAULT) == []
    for row in sample_rows("VO9901"):
        for name, field in FIELDS.items():
            for form in field.forms:
                Column(name, form, "kop").value(row)


@pytest.mark.parametrize("saved", [None, 7, "x", [7], [{}], [{"field": "number"}], [], {"field": "number"}])
def test_what_was_saved_and_cannot_be_used_gives_the_default(saved: object) -> None:
    assert columns_from_json(saved) == DEFAULT


def test_what_was_saved_comes_back() -> None:
    assert columns_from_json([column.as_json() for column in DEFAULT]) == list(DEFAULT)
