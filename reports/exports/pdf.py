"""The report as PDF/UA (tagged, for screen readers too), set by typst from `report.typ`.

The template gets words and cells only, the charts included: what is hidden in the `Document` is nowhere in
the file.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports.exports import content
from reports.rules.document import Document, Flow, Row, Table
from reports.rules.shown import Cell

TEMPLATE = Path(__file__).parent / "report.typ"

#: What stands in large print.
FLOW = ("start", "inflow", "outflow", "end")
#: The breakdowns that are drawn as well.
DRAWN = ("by_duration", "by_category", "outflow_by")


def render(document: Document) -> bytes:
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        font_paths=_fonts(),
        pdf_standards="ua-1",
        sys_inputs={"report": json.dumps(values_of(document))},
        # So that the same report is the same file.
        timestamp=int(document.known_at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Those that come with typst: a report looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def values_of(document: Document) -> dict[str, Any]:
    """All that stands in the PDF, as the template asks for it."""
    figures = content.key_figures(document)
    return {
        "lang": (get_language() or "nl")[:2],
        "title": content.title(document),
        "organisation": content.organisation(document),
        "outside": document.outside,
        "handling": content.handling(document),
        "header": [[fact.label, fact.text] for fact in content.header(document) if fact.key != "numbers"],
        "flow": [_row(row) for row in figures if row.key in FLOW],
        "figures": [_row(row) for row in figures if row.key not in FLOW],
        "warnings": [str(note) for note in document.notes],
        "charts": _charts(document),
        "tables": [_table(table) for table in document.tables if table.rows],
        "medians": _medians(document),
        "months": _months(document.trend),
        "notes": list(content.explanation(document)),
        "footer": _footer(document),
        "words": {
            "figures": _("Key figures"),
            "number": _("How many"),
            "charts": _("In pictures"),
            "tables": _("Breakdowns"),
            "warnings": _("Watch out"),
            "notes": _("How to read these numbers"),
            "page": _("Page"),
            "of": _("of"),
        },
    }


def _charts(document: Document) -> list[dict[str, Any]]:
    """What can be drawn: a chart of hidden numbers alone would be empty."""
    return [chart for chart in _all_charts(document) if any(any(one["values"]) for one in chart["series"])]


def _all_charts(document: Document) -> Iterable[dict[str, Any]]:
    trend = document.trend
    labels = [f"{flow.period.first:%m}\n{flow.period.first:%Y}" for flow in trend]
    inflow, outflow = [flow.inflow for flow in trend], [flow.outflow for flow in trend]
    yield {
        "kind": "columns",
        "title": _("Inflow and outflow by month"),
        "labels": labels,
        "series": [_series(_("Inflow"), inflow), _series(_("Outflow"), outflow)],
        "alt": _spoken(
            _("Inflow and outflow by month"),
            ((str(flow.period), f"{_text(flow.inflow)} / {_text(flow.outflow)}") for flow in trend),
        ),
    }
    yield {
        "kind": "columns",
        "title": _("At home at the end of the month"),
        "labels": labels,
        "series": [_series(_("At the end"), [flow.end for flow in trend])],
        "alt": _spoken(
            _("At home at the end of the month"), ((str(flow.period), _text(flow.end)) for flow in trend)
        ),
    }
    for table in document.tables:
        if table.name in DRAWN:
            yield {
                "kind": "bars",
                "title": table.heading,
                "labels": [row.label for row in table.rows],
                "series": [_series(table.heading, [row.cell for row in table.rows])],
                "alt": _spoken(table.heading, ((row.label, _text(row.cell)) for row in table.rows)),
            }


def _series(name: str, cells: Sequence[Cell]) -> dict[str, Any]:
    """What is hidden has no height, only its sign."""
    return {
        "name": name,
        "values": [cell if isinstance(cell, int) else 0 for cell in cells],
        "texts": [_text(cell) for cell in cells],
    }


def _spoken(heading: str, cells: Iterable[tuple[str, str]]) -> str:
    """What a screen reader says in place of a chart."""
    return f"{heading}. " + "; ".join(f"{label}: {text}" for label, text in cells) + "."


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.heading,
        "columns": [table.heading, _("How many")],
        "rows": [_row(row) for row in table.rows],
        "total": [_("Total"), _text(table.total)],
    }


def _row(row: Row) -> list[str]:
    return [row.label, _text(row.cell)]


def _medians(document: Document) -> dict[str, Any]:
    rows = [
        [median.label, str(median.number) if median.days is not None else "", content.days_words(median.days)]
        for median in content.medians(document)
    ]
    columns = [_("Duration"), _("How many"), _("Median of days")]
    return {"title": _("Durations"), "columns": columns, "rows": rows, "total": None}


def _months(trend: Sequence[Flow]) -> dict[str, Any] | None:
    if not trend:
        return None
    return {
        "title": _("Month by month"),
        "columns": [_("Month"), *(row.label for row in content.flows(trend[0]))],
        "rows": [[str(flow.period), *(_text(row.cell) for row in content.flows(flow))] for flow in trend],
        "total": None,
    }


def _footer(document: Document) -> str:
    if document.digest:
        return f"{content.handling(document)} · SHA-256 {document.digest[:16]}…"
    return content.handling(document)


def _text(cell: Cell) -> str:
    """A count as it reads in Dutch: 1.234."""
    return f"{cell:,}".replace(",", ".") if isinstance(cell, int) else cell
