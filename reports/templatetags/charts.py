"""Charts as drawings that can be read out: title, description, patterns and not only colour, values in
figures."""

from typing import Any

from django import template

from reports.rules.charts import Chart, columns, rows

register = template.Library()


@register.inclusion_tag("reports/charts/columns.html")
def column_chart(chart: Chart) -> dict[str, Any]:
    """Upright bars; where there is little room lying ones, so that the figures can be read."""
    if chart.is_empty:
        return {"chart": chart}
    return {"chart": chart, "wide": columns(chart), "narrow": rows(chart)}


@register.inclusion_tag("reports/charts/rows.html")
def row_chart(chart: Chart) -> dict[str, Any]:
    """Lying bars below each other."""
    return {"chart": chart, "drawing": None if chart.is_empty else rows(chart)}
