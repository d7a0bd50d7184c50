"""Reads a table from a CSV file (`;` or `,`, UTF-8 or Windows-1252) or an XLSX workbook.

Whatever is wrong with the file as a whole is Unreadable, with a sentence for who handed it in. A CSV file is
checked to its end before the first row is given; in a workbook Unreadable may come between two rows.
"""

import codecs
import csv
import datetime as dt
import re
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

import openpyxl
from django.utils.translation import gettext_lazy as _

from common.errors import Invalid
from common.tabular.cells import EXTRA, Cell, cleaned

MAX_COLUMNS = 200
MAX_LINES = 1_048_576  # what a spreadsheet can hold
MAX_UNPACKED = 200 * 1024 * 1024
MAX_UNPACKED_TEXTS = 48 * 1024 * 1024  # the one part of a workbook that has to be in memory at once
MAX_PARTS = 1000

_CHUNK = 64 * 1024
_LAST_LINE = "\x1aend of file\x1a"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Row = dict[str, Cell]
Records = Iterator[tuple[int, Sequence[Any]]]


class Unreadable(Invalid):
    """The file as a whole cannot be used; nothing of it is."""


class Table:
    """The rows of a file: iterate once for `(line, values)`. The header is line 1; a record counts where it
    begins. Empty rows are left out, values are trimmed.

    `columns` are the known ones that the file has, `unknown` the headers (as written) that are left out of
    the rows. `total` is the number of rows where that is known beforehand. What stands beyond the last
    header comes under the key EXTRA.
    """

    def __init__(
        self,
        header: Sequence[Any],
        records: Records,
        *,
        columns: Sequence[str] | None,
        required: Collection[str],
        total: int | None = None,
    ) -> None:
        self._records = records
        self.closing = ExitStack()
        self.total = total
        names = [_as_cell(cell) for cell in header]
        written = [str(name) for name in names]
        keys = [str(name).casefold() for name in names]
        known = {column.casefold(): column for column in (columns or filter(None, keys))}
        self._places = {known[key]: place for place, key in enumerate(keys) if key in known}
        self._width = len(keys)
        self.columns = tuple(self._places)
        self.unknown = tuple(
            dict.fromkeys(name for name, key in zip(written, keys, strict=True) if name and key not in known)
        )
        self._check(keys, known, required)

    def _check(self, keys: list[str], known: dict[str, str], required: Collection[str]) -> None:
        twice = [name for key, name in known.items() if keys.count(key) > 1]
        if twice:
            raise Unreadable(_("A column occurs twice: %(names)s.") % {"names": ", ".join(twice)})
        missing = [name for name in required if name not in self._places]
        if missing:
            raise Unreadable(_("A required column is missing: %(names)s.") % {"names": ", ".join(missing)})

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for line, record in self._records:
            if line > MAX_LINES:
                raise Unreadable(_("The file has more rows than can be read at once."))
            cells = [_as_cell(cell) for cell in record]
            if not any(cells):
                continue
            values: Row = {
                name: cells[place] if place < len(cells) else "" for name, place in self._places.items()
            }
            if any(cells[self._width :]):
                values[EXTRA] = " ".join(str(cell) for cell in cells[self._width :] if cell)
            yield line, values

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.close()


def read_rows(
    source: str | Path | IO[bytes] | Any,
    *,
    columns: Sequence[str] | None = None,
    required: Collection[str] = (),
) -> Table:
    """Opens a table. `columns` are the known names, in any order and case in the file; without it, all.

    Takes a path, an open binary file or an uploaded file. Use it as a context manager. Raises Unreadable.
    """
    with ExitStack() as stack:
        file = _seekable(source, stack)
        start = file.read(8)
        file.seek(0)
        total: int | None = None
        if start.startswith(b"PK\x03\x04"):
            header, records = _xlsx_records(file, stack)
        elif start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            raise Unreadable(
                _(
                    "This workbook has a password or is of the old kind (.xls). "
                    "Save it without a password as .xlsx or CSV."
                )
            )
        else:
            header, records, total = _csv_records(file, columns or (), stack)
        table = Table(header, records, columns=columns, required=required, total=total)
        table.closing = stack.pop_all()
        return table


def _seekable(source: Any, stack: ExitStack) -> IO[bytes]:
    if isinstance(source, str | Path):
        try:
            return stack.enter_context(Path(source).open("rb"))
        except OSError as error:
            raise Unreadable(
                _("The file cannot be opened: %(why)s.") % {"why": error.strerror or error}
            ) from error
    while hasattr(source, "file"):  # what Django and tempfile wrap around a file
        source = source.file
    if not source.seekable():
        copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        shutil.copyfileobj(source, copy)
        source = copy
    source.seek(0)
    return cast(IO[bytes], source)


# --- CSV


def _csv_records(
    file: IO[bytes], columns: Collection[str], stack: ExitStack
) -> tuple[Sequence[str], Records, int]:
    text = TextIOWrapper(file, encoding=_encoding(file), newline="")
    stack.callback(text.detach)  # or it closes a file that is not ours
    separator = _separator(text, columns)
    total = sum(1 for _line, record in _parsed(text, separator) if _filled(record)) - 1
    records = _parsed(text, separator)
    header = next((record for _line, record in records if _filled(record)), None)
    if header is None:
        raise Unreadable(_("The file is empty."))
    return header, records, total


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 where all of it is that, else Windows-1252; what has bytes of neither is no text."""
    candidates = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "cp1252")}
    file.seek(0)
    while candidates:
        chunk = file.read(_CHUNK)
        if b"\x00" in chunk:
            break
        for name, decoder in list(candidates.items()):
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                del candidates[name]
        if not chunk:
            file.seek(0)
            return next(iter(candidates), "utf-8-sig") if candidates else _no_text()
    return _no_text()


def _no_text() -> str:
    raise Unreadable(_("This is not a CSV file (UTF-8 or Windows-1252) and not an Excel workbook (.xlsx)."))


def _separator(text: TextIOWrapper, columns: Collection[str]) -> str:
    """`;` or `,`: with which the first row has most of the known columns, or else most columns at all."""
    known = {column.casefold() for column in columns}

    def score(separator: str) -> tuple[int, int]:
        header = next((record for _line, record in _parsed(text, separator) if _filled(record)), [])
        return len(known & {cleaned(name).casefold() for name in header}), len(header)

    return max(";,", key=score)


def _parsed(text: TextIOWrapper, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The records from the start of the file, with the line on which each begins.

    Not `strict`: that refuses spaces around quotation marks. A quotation mark that is never closed swallows
    the last line, that we add, or makes a field longer than the csv module takes.
    """
    text.seek(0)
    reader = csv.reader(chain(text, [_LAST_LINE]), delimiter=separator, skipinitialspace=True)
    line = 1
    try:
        for record in reader:
            if record == [_LAST_LINE]:
                return
            if record and record[-1].endswith(_LAST_LINE):
                break
            yield line, record
            line = reader.line_num + 1
    except csv.Error:
        pass
    raise Unreadable(_("A quotation mark on line %(line)s is not closed.") % {"line": line})


def _filled(record: Sequence[str]) -> bool:
    return any(not cell.isspace() for cell in record if cell)


# --- XLSX


def _xlsx_records(file: IO[bytes], stack: ExitStack) -> tuple[Sequence[Any], Records]:
    try:
        _check_package(file)
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        stack.callback(workbook.close)
        sheet: Any = next(sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")
        sheet.reset_dimensions()  # what the file says about its own size is not to be trusted
        for line, header in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
            if any(cell is not None for cell in header):
                return _without_empty_end(header), _sheet_records(sheet, line, header)
            if line > MAX_LINES:
                break
    except Unreadable:
        raise
    except Exception as error:  # a broken or hostile workbook makes openpyxl raise anything
        raise _broken_workbook() from error
    raise Unreadable(_("The file is empty."))


def _sheet_records(sheet: Any, header_line: int, header: Sequence[Any]) -> Records:
    width = len(_without_empty_end(header)) + 1
    rows = sheet.iter_rows(min_row=header_line + 1, max_col=width, values_only=True)
    try:
        yield from enumerate(rows, header_line + 1)
    except Exception as error:
        raise _broken_workbook() from error


def _broken_workbook() -> Unreadable:
    return Unreadable(_("This workbook is damaged or is not an Excel workbook (.xlsx)."))


def _check_package(file: IO[bytes]) -> None:
    """Before anything is unpacked: a workbook, not locked, not a bomb, and without entities in its XML."""
    with zipfile.ZipFile(file) as package:
        parts = package.infolist()
        if "[Content_Types].xml" not in package.namelist():
            raise _broken_workbook()
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable(_("This workbook has a password. Save it without one."))
        texts = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
        too_big = sum(part.file_size for part in parts) > MAX_UNPACKED or texts > MAX_UNPACKED_TEXTS
        if too_big or len(parts) > MAX_PARTS:
            raise Unreadable(_("This workbook is too big when unpacked."))
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                with package.open(part) as opened:
                    if b"<!DOCTYPE" in opened.read(4096):
                        raise _broken_workbook()
    file.seek(0)


def _without_empty_end(row: Sequence[Any]) -> Sequence[Any]:
    return row[: max(place for place, cell in enumerate(row, 1) if cell is not None)]


# --- Cells


def _as_cell(value: Any) -> Cell:
    """What a cell says, as text or as a day: `599` and not 599.0, `ja` and not TRUE."""
    if value is None:
        return ""
    if isinstance(value, str):
        return cleaned(_unescaped(value)) if "_x" in value else cleaned(value)
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _unescaped(text: str) -> str:
    """XLSX writes what XML cannot hold as `_x000D_`. Half a character stays as it is written."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(character, text)
