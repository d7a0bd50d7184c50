"""Numbers in the spellings of the field."""

import pytest

from schools import numbers


@pytest.mark.parametrize(
    "text",
    ["PO 30 06", "PO3006", "PO-30-06", "3006 PO", "PO 30.06", "po3006", " po 3006 ", "30-06 po",
     "PO\u00a030\u00a006", "PO–30–06", "PO_3006", "PO/30/06", "3006PO"],
)  # fmt: skip
def test_a_partnership_has_one_number_in_many_spellings(text: str) -> None:
    assert numbers.normalise_partnership(text) == "PO3006"


def test_a_partnership_of_secondary_education() -> None:
    assert [numbers.normalise_partnership(text) for text in ("VO 20.02", "VO-25-07", "vo 3101")] == [
        "VO2002",
        "VO2507",
        "VO3101",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "PO", "PO300", "PO30061", "XO3006", "3006", "P O3006", "PO 3 006", "PO3006 VO", "PO30O6", "٣٠٠٦ PO"],
)
def test_what_is_no_partnership_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="PO3006"):
        numbers.normalise_partnership(text)


@pytest.mark.parametrize(
    ("text", "brin"),
    [("05AB", "05AB"), ("05ab", "05AB"), (" 05 AB ", "05AB"), ("05-AB", "05AB"), ("0A1B", "0A1B")],
)
def test_a_brin_is_four_letters_or_digits(text: str, brin: str) -> None:
    assert numbers.normalise_brin(text) == brin


@pytest.mark.parametrize("text", ["", "05A", "05ABC", "05AB01", "05É1", "05A/"])
def test_what_is_no_brin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="05AB"):
        numbers.normalise_brin(text)


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("05AB01", "05AB01"),
        ("05ab01", "05AB01"),
        ("05AB 01", "05AB01"),
        ("05AB-01", "05AB01"),
        ("30AJ0A", "30AJ0A"),
    ],
)
def test_a_site_is_the_brin_and_two_more(text: str, site: str) -> None:
    assert numbers.normalise_site(text) == site


@pytest.mark.parametrize("text", ["", "05AB", "05AB1", "05AB001", "05AB/1"])
def test_what_is_no_site_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="05AB01"):
        numbers.normalise_site(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0599", "0599"),
        ("599", "0599"),
        ("GM0603", "0603"),
        ("gm 603", "0603"),
        (" 34 ", "0034"),
        ("1", "0001"),
    ],
)
def test_a_municipality_has_four_digits(text: str, code: str) -> None:
    assert numbers.normalise_cbs(text) == code


@pytest.mark.parametrize("text", ["", "0", "0000", "GM", "05990", "59a", "-599", "5.99", "٥٩٩"])
def test_what_is_no_municipality_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="0599"):
        numbers.normalise_cbs(text)


def test_own_numbers_are_free_but_not_endless() -> None:
    assert numbers.normalise_text("  100b001 ") == "100B001"
    assert numbers.normalise_text("jeugd   zorg-1") == "JEUGD ZORG-1"
    for text in ("", "   ", "x" * 33, "a\x00b"):
        with pytest.raises(ValueError, match="32"):
            numbers.normalise_text(text)


def test_each_kind_has_its_own_form() -> None:
    assert [
        numbers.normalise(kind, text)
        for kind, text in [
            ("swv", "3006 po"), ("bestuur", "100b001"), ("school", "05ab"), ("vestiging", "05ab01"),
            ("gemeente", "599"), ("zorgpartner", "ggz-1"),
        ]
    ] == ["PO3006", "100B001", "05AB", "05AB01", "0599", "GGZ-1"]  # fmt: skip
