"""The main reason and the fitting offer on a day."""

import pytest

from reports.rules.offers import Offered, Reasons, is_known, is_offered, main_reason, offer_on
from tests.reports.making import day


def test_the_first_reason_that_holds() -> None:
    facts = [Reasons(day("01-05"), "PLEK ZORG"), Reasons(day("03-01"), "SYS"), Reasons(day("04-01"), "")]
    found = [main_reason(facts, day(on)) for on in ("01-04", "01-05", "02-28", "03-01", "04-01")]
    assert found == ["ONB", "PLEK", "PLEK", "SYS", "ONB"]
    assert main_reason([], day("01-05")) == "ONB"


@pytest.mark.parametrize(
    ("offer", "fits"),
    [
        ("onderwijs", True),
        ("opbouw", True),
        ("oza", True),
        ("afstand", True),
        ("geen", False),
        ("gedaan", False),
        ("zorg", False),
        ("geweigerd", False),
        ("", False),
    ],
)
def test_a_fitting_offer_counts_from_its_day(offer: str, fits: bool) -> None:
    fact = Offered(day("01-05"), offer, day("02-01"))
    assert [is_offered(fact, day(on)) for on in ("01-31", "02-01", "02-02")] == [False, fits, fits]


def test_an_offer_of_which_the_day_is_not_known_has_not_started() -> None:
    assert is_offered(Offered(day("01-05"), "onderwijs", None), day("12-31")) is False


def test_the_offer_that_holds() -> None:
    facts = [Offered(day("01-05"), "gedaan", None), Offered(day("03-01"), "oza", day("03-01"))]
    assert [offer_on(facts, day(on)) for on in ("01-04", "01-05", "03-01")] == [None, *facts]


@pytest.mark.parametrize(
    ("fact", "known"),
    [
        (None, False),
        (Offered(day("01-05"), "", None), False),
        (Offered(day("01-05"), "geen", None), True),
        (Offered(day("01-05"), "zorg", None), True),
        (Offered(day("01-05"), "oza", None), False),
        (Offered(day("01-05"), "oza", day("01-05")), True),
    ],
)
def test_whether_an_offer_is_known(fact: Offered | None, known: bool) -> None:
    assert is_known(fact) is known
