"""Cases as a file in the columns of the register, that can be read back; row by row, in constant memory.

Who may not read a part of a case gets empty cells there (contracts/sections.csv).
"""

import datetime as dt
import tempfile
from collections.abc import Iterator

from django.http import FileResponse, StreamingHttpResponse

from accounts.models import User
from cases import permissions
from cases.models.case import CaseQuerySet
from cases.permissions import Section
from cases.queries.listing import seen_through
from cases.queries.register import with_register_facts
from cases.services.register.canonical import row_of
from cases.services.register.columns import COLUMNS, DAYS
from common.dates import today
from common.tabular import csv_chunks, write_xlsx

CHUNK = 500
Value = str | int | dt.date

#: The section of a case file that a column belongs to; everybody who sees a case reads the other columns.
SECTIONS = {
    "vrijstelling": Section.EXEMPTION,
    "vrijstelling_van": Section.EXEMPTION,
    "vrijstelling_tot": Section.EXEMPTION,
    "reden": Section.REASONS,
}


def csv_response(cases: CaseQuerySet, user: User) -> StreamingHttpResponse:
    """The cases as CSV, sent while they are read."""
    chunks = csv_chunks(COLUMNS, rows(cases, user))
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name("csv")}"'
    return response


def xlsx_response(cases: CaseQuerySet, user: User) -> FileResponse:
    """The cases as a workbook, with real dates."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it when it was sent
    write_xlsx(file, COLUMNS, rows(cases, user))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_file_name("xlsx"))


def rows(cases: CaseQuerySet, user: User) -> Iterator[list[Value]]:
    """One row for each case, in the order of the cases: of the last spell, as it is now."""
    chunk = []
    for case in with_register_facts(cases).iterator(chunk_size=CHUNK):
        chunk.append(case)
        if len(chunk) == CHUNK:
            yield from _rows_of(chunk, user)
            chunk = []
    yield from _rows_of(chunk, user)


def _rows_of(cases: list, user: User) -> Iterator[list[Value]]:
    through = seen_through(user, [case.pk for case in cases], on=today())
    for case in cases:
        roles = frozenset(membership.role for membership in through.get(case.pk, []))
        readable = permissions.readable_sections(roles)
        row = row_of(case)
        yield [
            _cell(column, row[column]) if SECTIONS.get(column, Section.IDENTITY) in readable else ""
            for column in COLUMNS
        ]


def _cell(column: str, text: str) -> Value:
    if text and column in DAYS:
        return dt.date.fromisoformat(text)
    return int(text) if text and column == "leerjaar" else text


def _file_name(extension: str) -> str:
    return f"register-{today()}.{extension}"
