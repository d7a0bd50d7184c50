"""The report page: key figures with what they were before, the months, the breakdowns with their charts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.models import Version
from reports.queries.asked import Asked
from reports.queries.counting import cases_of_partnership, lines_and_months, lines_of
from reports.queries.labels import tables_of
from reports.queries.rates import Rates, rates_of
from reports.queries.region import Regional, region_of
from reports.queries.reports import TREND, threshold_of
from reports.rules.behind import LONGER
from reports.rules.charts import Chart, Parts, Series
from reports.rules.comparing import days, difference, difference_in_days, number
from reports.rules.document import Row, Table
from reports.rules.figures import Figures, figures_of
from reports.rules.lines import Line
from reports.rules.naming import so_far
from reports.rules.periods import Period, months_up_to
from reports.rules.shown import exactly

#: So many rows of a breakdown stand on the page, the biggest; the others have a page of their own.
MOST_ROWS = 25

#: The breakdowns in the order of the page.
ON_PAGE = (
    "by_duration",
    "by_school",
    "by_reason",
    "by_category",
    "by_sector",
    "by_municipality",
    "outflow_by",
    "by_age",
    "by_year_group",
    "by_state",
)
#: What the keys of each breakdown are.
COLUMNS: dict[str, Any] = {
    "by_duration": gettext_lazy("Duration"),
    "by_school": gettext_lazy("School"),
    "by_reason": gettext_lazy("Main reason"),
    "by_category": gettext_lazy("Category"),
    "by_sector": gettext_lazy("Sector"),
    "by_municipality": gettext_lazy("Home municipality"),
    "outflow_by": gettext_lazy("Destination or reason"),
    "by_age": gettext_lazy("Age"),
    "by_year_group": gettext_lazy("Year group"),
    "by_state": gettext_lazy("State"),
    "offer": gettext_lazy("Offer"),
}
#: Of these the biggest come first; the others have an order of their own.
BY_SIZE = frozenset({"by_school", "by_municipality"})


@dataclass(frozen=True)
class KeyFigure:
    """A figure with how it differs from earlier ones. `count` is None where there is nothing to count.
    `behind`: how many stand behind it, found by the parameters of `query`."""

    name: str
    label: str
    count: float | None
    differences: Sequence[str]
    behind: int

    @property
    def query(self) -> dict[str, str]:
        if self.name == "offer":
            return {"table": "offer", "key": "with_offer"}
        return {"figure": self.name}

    @property
    def is_count(self) -> bool:
        """Whether it counts what stands behind it; the other is a median of that."""
        return self.name != "returned"

    @property
    def in_words(self) -> str:
        """The figure as it is written."""
        if self.count is None:
            return "–"
        return number(self.count) if self.is_count else days(self.count)


@dataclass(frozen=True)
class Month:
    period: Period
    label: str
    figures: Figures


@dataclass(frozen=True)
class Breakdown:
    """A table with its chart; `rows` are the first MOST_ROWS of `table.rows` by size."""

    table: Table
    chart: Chart

    @property
    def column(self) -> str:
        return str(COLUMNS[self.table.name])

    @property
    def rows(self) -> Sequence[Row]:
        return self.table.rows[:MOST_ROWS]

    @property
    def more(self) -> int:
        """How many rows have no place on the page."""
        return max(len(self.table.rows) - MOST_ROWS, 0)


@dataclass(frozen=True)
class ReportPage:
    asked: Asked
    figures: Figures
    key_figures: Sequence[KeyFigure]
    months: Sequence[Month]
    flow_chart: Chart
    stock_chart: Chart
    breakdowns: Sequence[Breakdown]
    rates: Rates | None
    region: Regional
    issued: Version | None

    @property
    def is_empty(self) -> bool:
        found = self.figures
        return not (found.start or found.inflow or found.outflow or found.end)

    @property
    def differs_from_issued(self) -> bool:
        """Whether counting now gives other figures than those that were issued."""
        return self.issued is not None and self.issued.counts != self.figures


def lines_asked(asked: Asked) -> list[Line]:
    """The lines behind all figures of the page."""
    partnership = asked.partnership
    return lines_of(
        cases_of_partnership(partnership.pk),
        asked.period,
        asked.selection,
        known_at=asked.known_at,
        thresholds={partnership.pk: threshold_of(partnership)},
    )


def report_page(asked: Asked) -> ReportPage:
    partnership, earlier = asked.partnership, [asked.before, asked.year_before]
    months = [so_far(month, asked.period.last) for month in months_up_to(asked.period, TREND)]
    lines, others = lines_and_months(
        cases_of_partnership(partnership.pk),
        asked.period,
        list(dict.fromkeys([*months, *earlier])),
        asked.selection,
        known_at=asked.known_at,
        thresholds={partnership.pk: threshold_of(partnership)},
        described=earlier,
    )
    figures = figures_of(lines)
    trend = [Month(month, date_format(month.first, "F Y"), others[month]) for month in months]
    return ReportPage(
        asked=asked,
        figures=figures,
        key_figures=_key_figures(figures, [(period, others[period]) for period in earlier]),
        months=trend,
        flow_chart=_flow_chart(trend),
        stock_chart=_stock_chart(trend),
        breakdowns=breakdowns_of(figures),
        rates=rates_asked(asked, figures),
        region=region_of(asked.partnership, asked.period, asked.selection),
        issued=_issued(asked),
    )


def rates_asked(asked: Asked, figures: Figures) -> Rates | None:
    """Of a whole definition only: a part of the pupils is not to be divided by all of them."""
    if not asked.selection.is_whole:
        return None
    return rates_of(asked.partnership, asked.period, figures.breakdowns["by_municipality"])


def _issued(asked: Asked) -> Version | None:
    """The last version that was issued of just this period and definition."""
    if not asked.selection.is_whole:
        return None
    issued = Version.objects.issued().filter(
        partnership=asked.partnership,
        first_day=asked.period.first,
        last_day=asked.period.last,
        definition=asked.selection.definition,
    )
    return issued.select_related("issued_by").order_by("-number").first()


# --- Key figures


def longer_than_three_months(figures: Figures) -> int:
    return sum(figures.breakdowns["by_duration"].get(duration, 0) for duration in LONGER)


def _key_figures(now: Figures, earlier: Sequence[tuple[Period, Figures]]) -> list[KeyFigure]:
    counts = {
        "end": _("members on the last day"),
        "inflow": _("entered in the period"),
        "outflow": _("left in the period"),
        "reentries": _("entered again: were members before"),
        "longer": _("members longer than three months absent"),
        "offer": _("members with a fitting offer"),
    }
    found: list[KeyFigure] = []
    for figure, label in counts.items():
        count = _count(now, figure)
        told = [difference(count, _count(then, figure), period) for period, then in earlier]
        found.append(KeyFigure(figure, label, count, list(dict.fromkeys(told)), count))
    told_days = [
        difference_in_days(now.days_to_return.days, then.days_to_return.days, period)
        for period, then in earlier
    ]
    return [
        *found,
        KeyFigure(
            "returned",
            _("median time absent of those who went back to school"),
            now.days_to_return.days,
            [told for told in dict.fromkeys(told_days) if told],
            now.days_to_return.number,
        ),
    ]


def _count(figures: Figures, figure: str) -> int:
    if figure == "longer":
        return longer_than_three_months(figures)
    if figure == "offer":
        return figures.with_offer
    counts: dict[str, int] = {
        "end": figures.end,
        "inflow": figures.inflow,
        "outflow": figures.outflow,
        "reentries": figures.reentries,
    }
    return counts[figure]


# --- Charts and tables


def _flow_chart(months: Sequence[Month]) -> Chart:
    return _month_chart(
        "flow",
        _("Inflow and outflow per month"),
        months,
        Series(_("Inflow"), [month.figures.inflow for month in months]),
        Series(_("Outflow"), [month.figures.outflow for month in months]),
    )


def _stock_chart(months: Sequence[Month]) -> Chart:
    return _month_chart(
        "stock",
        _("Members on the last day of each month"),
        months,
        Series(_("Members"), [month.figures.end for month in months]),
    )


def _month_chart(name: str, title: str, months: Sequence[Month], *series: Series) -> Chart:
    return Chart(
        name, title, [month.label for month in months], series, _short([m.period.first for m in months])
    )


def _short(firsts: Sequence[dt.date]) -> list[str]:
    """The names of months, with the year under the first one and under each January."""
    return [
        date_format(first, "b") + (f"\n{first.year}" if nth == 0 or first.month == 1 else "")
        for nth, first in enumerate(firsts)
    ]


def breakdowns_of(figures: Figures) -> list[Breakdown]:
    """The breakdowns of the page, without those in which there is nobody."""
    tables = {table.name: table for table in tables_of(exactly(figures))}
    found = [_by_size(tables[name]) for name in ON_PAGE] + [tables["offer"]]
    return [Breakdown(table, _chart_of(table)) for table in found if table.rows and table.total]


def _by_size(table: Table) -> Table:
    if table.name not in BY_SIZE:
        return table
    rows = sorted(table.rows, key=lambda row: -int(row.cell))
    return Table(table.name, table.heading, rows, table.total)


def _chart_of(table: Table) -> Chart:
    shown = [(row.label, int(row.cell)) for row in table.rows[:MOST_ROWS]]
    if others := table.rows[MOST_ROWS:]:
        label = _("%(count)s others together") % {"count": len(others)}
        shown.append((label, sum(int(row.cell) for row in others)))
    labels, counts = zip(*shown, strict=True)
    return Parts(table.name, table.heading, labels, [Series(table.heading, counts)])
