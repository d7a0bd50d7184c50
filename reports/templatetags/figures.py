"""Addresses behind figures, and figures in words."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.formats import number_format

from reports.queries.asked import Asked
from reports.queries.rates import Rates
from reports.rules.comparing import number
from reports.rules.document import Row, Table
from reports.rules.periods import Period

register = template.Library()


@register.filter
def in_figures(cell: float | str) -> str:
    """A count in the notation of the reader; what is hidden as it is."""
    return cell if isinstance(cell, str) else number(cell)


@register.filter
def rate(rates: Rates, code: str) -> str:
    """Members per 1,000 pupils in a municipality, "–" where their number is not known."""
    found = rates.by_municipality.get(code)
    return one_decimal(found)


@register.filter
def one_decimal(rate: float | None) -> str:
    return "–" if rate is None else number_format(rate, decimal_pos=1, force_grouping=True)


@register.filter
def others(table: Table, rows: Sequence[Row]) -> int:
    """What the rows that are not shown add up to."""
    return int(table.total) - sum(int(row.cell) for row in rows)


@register.simple_tag
def behind(
    asked: Asked, period: Period | None = None, query: Mapping[str, str] | None = None, **which: Any
) -> str:
    """The address of the cases behind a figure of a report, or of the same figure over another period.

    It names the days and the moment: so the same is counted there, whatever becomes known in the meantime.
    """
    return f"{reverse('report_cases')}?{urlencode({**_exactly(asked, period), **(query or {}), **which})}"


@register.simple_tag
def whole_table(asked: Asked, name: str) -> str:
    """The address of all rows of a table of a report."""
    return f"{reverse('report_table', args=[name])}?{urlencode(_exactly(asked, None))}"


def _exactly(asked: Asked, period: Period | None) -> dict[str, str]:
    known_at = asked.as_of.isoformat() if asked.as_of else asked.known_at.isoformat()
    return {**asked.query(period=period or asked.period), "known_at": known_at}
