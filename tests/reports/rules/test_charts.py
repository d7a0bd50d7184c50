"""Charts: the words, and bars that stand where their numbers say."""

import pytest
from django.utils.translation import override

from reports.rules.charts import HIGH, NARROW, WIDE, Chart, Parts, Series, columns, rows

MONTHS = ["October 2025", "November 2025", "December 2025"]
FLOW = Chart("flow", "Flow", MONTHS, [Series("Inflow", [4, 20, 0]), Series("Outflow", [1, 2, 3])])


def test_the_words() -> None:
    with override("en"):
        assert FLOW.description == (
            "Inflow: highest in November 2025 (20), lowest in December 2025 (0), last in December 2025 (0). "
            "Outflow: highest in December 2025 (3), lowest in October 2025 (1), last in December 2025 (3)."
        )
        parts = Parts("p", "Parts", ["a", "b"], [Series("", [1200, 1])])
        assert parts.description == "Of 1,201 the most, 1,200, are “a”; the fewest, 1, are “b”."
        assert Parts("p", "Parts", ["a"], [Series("", [7])]).description == "All 7: a."


def test_nothing_to_draw() -> None:
    assert Chart("x", "X", MONTHS, [Series("", [0, 0, 0])]).is_empty
    assert not FLOW.is_empty


def test_the_bars_are_as_long_as_their_numbers() -> None:
    for drawing, length in ((columns(FLOW), "height"), (rows(FLOW), "width")):
        long = {(bar.series, bar.value): getattr(bar, length) for bar in drawing.bars}
        assert long[0, "20"] == max(long.values())
        assert abs(long[0, "4"] * 5 - long[0, "20"]) <= 5
        assert long[0, "0"] == 0


@pytest.mark.parametrize("most", [1, 2, 3, 7, 10, 99, 101, 4999, 123456])
@pytest.mark.parametrize("number", [1, 13, 26])
def test_everything_stays_inside_the_drawing(most: int, number: int) -> None:
    chart = Chart("x", "X", ["label"] * number, [Series("a", [most] * number), Series("b", [0] * number)])
    upright, lying = columns(chart), rows(chart)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDE for bar in upright.bars)
    assert all(bar.y >= 0 and bar.y + bar.height <= HIGH and bar.value_y > 30 for bar in upright.bars)
    assert all(bar.value_x + 8 * len(bar.value) <= NARROW for bar in lying.bars)
    assert max(bar.y + bar.height for bar in lying.bars) <= lying.height
    assert 2 <= len(upright.ticks) <= 6
    assert all(0 <= tick.y <= HIGH for tick in upright.ticks)


def test_a_long_label_is_shortened() -> None:
    chart = Parts("x", "X", ["pupil: learning or development, giftedness included"], [Series("", [1])])
    (label,) = rows(chart).labels
    assert label.text == "pupil: learning or development, giftedness…"
