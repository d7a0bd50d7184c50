"""The report as one long CSV table (table;key;label;value), as Dutch Excel opens it at a double click."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from common.tabular import csv_chunks
from reports.exports import content
from reports.rules.document import Document
from reports.rules.shown import Cell

COLUMNS = ("table", "key", "label", "value")
Line = tuple[str, str, str, Cell]


def render(document: Document) -> bytes:
    return b"".join(csv_chunks(COLUMNS, lines(document)))


def lines(document: Document) -> Iterator[Line]:
    """The header block, the key figures, the breakdowns, the medians, the months, and the notes."""
    yield "header", "title", _("Title"), content.title(document)
    for fact in content.header(document):
        yield "header", fact.key, fact.label, _plain(fact.value)
    for row in content.key_figures(document):
        yield "figures", row.key, row.label, row.cell
    for table in document.tables:
        for row in table.rows:
            yield table.name, row.key, row.label, row.cell
        yield table.name, "total", _("Total"), table.total
    for median in content.medians(document):
        if median.days is not None:
            yield (
                median.table,
                f"{median.key}:number",
                _("%(label)s: pupils") % {"label": median.label},
                (median.number),
            )
        label = _("%(label)s: median") % {"label": median.label}
        yield median.table, f"{median.key}:median", label, content.days_words(median.days)
    for flow in document.trend:
        for row in content.flows(flow):
            yield "months", f"{flow.period.first:%Y-%m}:{row.key}", f"{flow.period}: {row.label}", row.cell
    for number, note in enumerate(document.notes, 1):
        yield "warnings", str(number), _("Warning"), str(note)
    for number, sentence in enumerate(content.explanation(document), 1):
        yield "notes", str(number), _("Explanation"), sentence


def _plain(value: object) -> Cell:
    return value if isinstance(value, int) else str(value)
