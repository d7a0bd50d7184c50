"""Charts: what is drawn, the sentence that says the same, and where each bar stands. Pure.

Lengths are units of the drawing (its viewBox); templates/reports/charts/ draws them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.rules.comparing import number

#: A drawing of columns, and one of rows for narrow places.
WIDE, HIGH, NARROW = 760, 400, 320
LEFT, TOP, BOTTOM = 40, 44, 46
#: A label is shortened to so many characters; the table beside it has it whole.
LONGEST_LABEL = 44
MOST_TICKS = 5


@dataclass(frozen=True)
class Series:
    """A number for each label of the chart."""

    label: str
    values: Sequence[int]


@dataclass(frozen=True)
class Chart:
    """Numbers of one or two series. `short`: the labels where there is little room; a second line after a
    new line."""

    name: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    short: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not any(value for one in self.series for value in one.values)

    @property
    def description(self) -> str:
        """What a glance at the chart tells: the highest, the lowest and the last of each series."""
        return " ".join(self._told(one) for one in self.series)

    def _told(self, one: Series) -> str:
        values = list(one.values)
        highest, lowest = values.index(max(values)), values.index(min(values))
        return _(
            "%(series)s: highest in %(highest)s (%(most)s), lowest in %(lowest)s (%(least)s), "
            "last in %(last)s (%(end)s)."
        ) % {
            "series": one.label,
            "highest": self.labels[highest],
            "most": number(values[highest]),
            "lowest": self.labels[lowest],
            "least": number(values[lowest]),
            "last": self.labels[-1],
            "end": number(values[-1]),
        }


@dataclass(frozen=True)
class Parts(Chart):
    """How a whole is divided: no order in time, so nothing comes last."""

    @property
    def description(self) -> str:
        values, labels = list(self.series[0].values), self.labels
        total = sum(values)
        highest, lowest = values.index(max(values)), values.index(min(values))
        most = {"most": number(values[highest]), "total": number(total), "highest": labels[highest]}
        if len(values) == 1:
            return _("All %(total)s: %(highest)s.") % most
        return _(
            "Of %(total)s the most, %(most)s, are “%(highest)s”; the fewest, %(least)s, are “%(lowest)s”."
        ) % {**most, "least": number(values[lowest]), "lowest": labels[lowest]}


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    series: int
    value: str
    value_x: int
    value_y: int


@dataclass(frozen=True)
class Mark:
    """A text at a place."""

    x: int
    y: int
    text: str


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    bars: Sequence[Bar]
    labels: Sequence[Mark]
    ticks: Sequence[Mark] = ()
    base: int = 0


def columns(chart: Chart) -> Drawing:
    """Upright bars side by side, a group for each label."""
    step, top = _scale(max(value for one in chart.series for value in one.values))
    base, room = HIGH - BOTTOM, HIGH - BOTTOM - TOP
    group = (WIDE - LEFT) // len(chart.labels)
    thick = (group - 10) // len(chart.series)
    bars, labels = [], []
    for place, text in enumerate(chart.short or chart.labels):
        begin = LEFT + place * group + 5
        for nth, one in enumerate(chart.series):
            high = one.values[place] * room // top
            x = begin + nth * thick
            middle = x + (thick - 2) // 2
            bars.append(
                Bar(x, base - high, thick - 2, high, nth, number(one.values[place]), middle, base - high - 5)
            )
        for line, part in enumerate(text.split("\n")):
            labels.append(Mark(LEFT + place * group + group // 2, base + 18 + 17 * line, part))
    ticks = [Mark(LEFT - 8, base - value * room // top, number(value)) for value in range(0, top + 1, step)]
    return Drawing(WIDE, HIGH, bars, labels, ticks, base)


def rows(chart: Chart) -> Drawing:
    """Lying bars below each other, each group under its label."""
    most = max(value for one in chart.series for value in one.values)
    thick, space, text = 15, 10, 20
    room = NARROW - 8 - 9 * max(len(number(most)), 2)
    bars, labels = [], []
    y = 0
    for place, label in enumerate(chart.labels):
        labels.append(Mark(0, y + 15, _shortened(label)))
        y += text
        for nth, one in enumerate(chart.series):
            wide = one.values[place] * room // most
            bars.append(Bar(0, y, wide, thick - 2, nth, number(one.values[place]), wide + 5, y + thick - 3))
            y += thick
        y += space
    return Drawing(NARROW, y, bars, labels)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1].rstrip()}…"


def _scale(most: int) -> tuple[int, int]:
    """The distance between two lines and the value of the highest: 1, 2 or 5 times a power of ten."""
    least = max(most, 1) / MOST_TICKS
    power = 10 ** max(math.floor(math.log10(least)), 0)
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= least)
    return step, step * math.ceil(max(most, 1) / step)
