"""Writes a table as CSV (as Dutch Excel opens it at a double click) or XLSX, safe against formulas."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter
from django.conf import settings

from common.tabular.cells import guard, printable

Value = str | int | float | bool | dt.date | None

_MAX_XLSX_TEXT = 32_767
_LINES_A_CHUNK = 500


def csv_chunks(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The file piece by piece, for an answer that streams: `;`, UTF-8 with BOM."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([_plain(name) for name in columns])
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, 1):
        writer.writerow([_plain(value) for value in row])
        if number % _LINES_A_CHUNK == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def write_csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    for chunk in csv_chunks(columns, rows):
        file.write(chunk)


def write_xlsx(file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """One sheet, dates as real dates. Rows go through a temporary file, not through memory."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(settings.VAR_DIR),
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet()
        date_format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for place, name in enumerate(columns):
            sheet.write_string(0, place, _plain(name)[:_MAX_XLSX_TEXT])
        for line, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write_cell(sheet, line, place, value, date_format)


def _write_cell(sheet: Any, line: int, place: int, value: Value, date_format: Any) -> None:
    if isinstance(value, dt.date):
        sheet.write_datetime(line, place, value, date_format)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(line, place, value)
    elif text := _plain(value):
        sheet.write_string(line, place, text[:_MAX_XLSX_TEXT])


def guarded(text: str) -> str:
    """A text as a cell may hold it: printable, never a formula, and no longer than a spreadsheet allows."""
    return guard(printable(text).rstrip())[:_MAX_XLSX_TEXT]


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return guard(printable(value).rstrip())
    return str(value)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
