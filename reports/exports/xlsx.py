"""The report as a workbook: key figures with what they are, a sheet for each breakdown, and the months."""

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from common.tabular import guarded
from reports.exports import content
from reports.rules.document import Document, Table
from reports.rules.shown import Cell

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
A4 = 9
LONGEST_SHEET_NAME = 31
#: What stands under the numbers of each sheet.
ABOUT = ("organisation", "period", "definition", "threshold", "known_at", "version", "part", "numbers")
INFLOW, OUTFLOW, STOCK = "#0b5775", "#8fd0e8", "#083f56"


def render(document: Document) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        # No name of a person; the moment of what is known, so that the same report is the same file.
        properties = {"title": content.title(document), "subject": content.organisation(document)}
        created = document.known_at.astimezone(dt.UTC).replace(tzinfo=None)
        workbook.set_properties({**properties, "created": created})
        writer = _Writer(workbook, document)
        writer.front()
        for table in document.tables:
            writer.breakdown(table)
        writer.medians()
        writer.months()
    return buffer.getvalue()


class _Writer:
    def __init__(self, workbook: Any, document: Document) -> None:
        self.workbook, self.document = workbook, document
        self.heading = workbook.add_format({"bold": True, "font_size": 16})
        self.names = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.bold = workbook.add_format({"bold": True, "valign": "top"})
        self.text = workbook.add_format({"text_wrap": True, "valign": "top", "align": "left"})
        self.count = workbook.add_format({"num_format": "#,##0", "align": "right", "valign": "top"})
        self.total = workbook.add_format({"num_format": "#,##0", "align": "right", "bold": True, "top": 1})
        self.total_name = workbook.add_format({"bold": True, "top": 1})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        self.days = workbook.add_format({"num_format": "0.0", "align": "right"})

    def front(self) -> None:
        """What the report is, its key figures, what to watch for, and how to read it."""
        sheet = self._sheet(_("Key figures"))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 70)
        sheet.write_string(0, 0, guarded(content.title(self.document)), self.heading)
        sheet.freeze_panes(1, 0)
        line = 2
        for fact in content.header(self.document):
            sheet.write_string(line, 0, guarded(fact.label), self.bold)
            self._value(sheet, line, 1, fact.value)
            line += 1
        line = self._names(sheet, line + 1, [_("Key figures"), _("How many")])
        for row in content.key_figures(self.document):
            sheet.write_string(line, 0, guarded(row.label))
            self._cell(sheet, line, 1, row.cell)
            line += 1
        if self.document.notes:
            line = self._sentences(sheet, line + 1, _("Watch out"), self.document.notes)
        self._sentences(sheet, line + 1, _("How to read these numbers"), content.explanation(self.document))

    def breakdown(self, table: Table) -> None:
        sheet = self._sheet(table.heading)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, 2, 12)
        line = self._names(sheet, 0, [_("Code"), table.heading, _("How many")])
        for row in table.rows:
            sheet.write_string(line, 0, guarded(row.key))
            sheet.write_string(line, 1, guarded(row.label), self.text)
            self._cell(sheet, line, 2, row.cell)
            line += 1
        sheet.write_blank(line, 0, None, self.total_name)
        sheet.write_string(line, 1, _("Total"), self.total_name)
        self._cell(sheet, line, 2, table.total, self.total)
        self._about(sheet, line + 2)

    def medians(self) -> None:
        sheet = self._sheet(_("Durations"))
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, 3, 16)
        line = self._names(sheet, 0, [_("Code"), _("Duration"), _("How many"), _("Median of days")])
        for median in content.medians(self.document):
            sheet.write_string(line, 0, guarded(median.key))
            sheet.write_string(line, 1, guarded(median.label), self.text)
            if median.days is None:
                sheet.write_string(line, 3, content.days_words(None))
            else:
                self._cell(sheet, line, 2, median.number)
                sheet.write_number(line, 3, median.days, self.days)
            line += 1
        self._about(sheet, line + 1)

    def months(self) -> None:
        """The trend, with charts of the same cells."""
        if not self.document.trend:
            return
        sheet = self._sheet(_("Months"))
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 6, 13)
        columns = [row.label for row in content.flows(self.document.trend[0])]
        line = self._names(sheet, 0, [_("Month"), _("First day"), _("Last day"), *columns])
        for flow in self.document.trend:
            sheet.write_string(line, 0, str(flow.period))
            self._value(sheet, line, 1, flow.period.first)
            self._value(sheet, line, 2, flow.period.last)
            for place, row in enumerate(content.flows(flow), 3):
                self._cell(sheet, line, place, row.cell)
            line += 1
        self._about(sheet, line + 1)
        self._chart(sheet, "I1", _("Inflow and outflow by month"), [(4, INFLOW), (5, OUTFLOW)])
        self._chart(sheet, "I18", _("At home at the end of the month"), [(6, STOCK)])

    def _chart(self, sheet: Any, place: str, name: str, series: Sequence[tuple[int, str]]) -> None:
        chart = self.workbook.add_chart({"type": "column"})
        last = len(self.document.trend)
        for column, color in series:
            chart.add_series(
                {
                    "name": [sheet.get_name(), 0, column],
                    "categories": [sheet.get_name(), 1, 0, last, 0],
                    "values": [sheet.get_name(), 1, column, last, column],
                    "fill": {"color": color},
                }
            )
        chart.set_title({"name": name, "overlay": False})
        chart.set_y_axis({"min": 0})
        chart.set_legend({"position": "bottom", "none": len(series) == 1})
        sheet.insert_chart(place, chart, {"description": name, "x_scale": 1.4})

    def _sheet(self, name: str) -> Any:
        taken = {sheet.get_name().casefold() for sheet in self.workbook.worksheets()}
        sheet = self.workbook.add_worksheet(_sheet_name(name, taken))
        sheet.set_paper(A4)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 0)
        # In the text of a header "&" begins a code.
        said = f"{content.organisation(self.document)}, {self.document.period}".replace("&", "&&")
        sheet.set_header(f"&L{said[:200]}")
        sheet.set_footer(f"&L{content.handling(self.document).replace('&', '&&')}&R&P / &N")
        return sheet

    def _names(self, sheet: Any, line: int, names: Sequence[str]) -> int:
        """Writes the names of the columns; where they stand on top they stay there and on each page."""
        for place, name in enumerate(names):
            sheet.write_string(line, place, guarded(name), self.names)
        if line == 0:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
        return line + 1

    def _sentences(self, sheet: Any, line: int, heading: str, sentences: Sequence[str]) -> int:
        sheet.write_string(line, 0, heading, self.bold)
        for sentence in sentences:
            sheet.write_string(line, 1, guarded(str(sentence)), self.text)
            line += 1
        return line

    def _about(self, sheet: Any, line: int) -> None:
        """What the numbers are, for who gets this sheet alone."""
        for fact in content.header(self.document):
            if fact.key in ABOUT:
                sheet.write_string(line, 0, guarded(fact.label), self.bold)
                sheet.write_string(line, 1, guarded(fact.text))
                line += 1

    def _cell(self, sheet: Any, line: int, place: int, cell: Cell, style: Any = None) -> None:
        style = style or self.count
        if isinstance(cell, int):
            sheet.write_number(line, place, cell, style)
        else:
            sheet.write_string(line, place, cell, style)

    def _value(self, sheet: Any, line: int, place: int, value: object) -> None:
        if isinstance(value, dt.date):
            sheet.write_datetime(line, place, dt.datetime.combine(value, dt.time.min), self.day)
        else:
            sheet.write_string(line, place, guarded(str(value)), self.text)


def _sheet_name(name: str, taken: set[str]) -> str:
    """As spreadsheets allow it: short, without some signs, and each once."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:LONGEST_SHEET_NAME]
    found, number = plain, 1
    while found.casefold() in taken:
        number += 1
        found = f"{plain[: LONGEST_SHEET_NAME - 3]} {number}"
    return found
