"""Tables in and out: CSV and XLSX as spreadsheets make them, read and written row by row in constant memory.

    with read_rows(path, columns=("dossier", "naam"), required=("dossier",)) as table:
        for line, values in table:
            ...

Cells that could be taken for a formula are written with `'` before them, and reading takes that off again.
"""

from common.tabular.cells import EXTRA, Cell, as_text, parse_choice, parse_date, parse_yes_no
from common.tabular.reading import Table, Unreadable, read_rows
from common.tabular.report import Fault, Report
from common.tabular.writing import csv_chunks, guarded, write_csv, write_xlsx

__all__ = [
    "EXTRA",
    "Cell",
    "Fault",
    "Report",
    "Table",
    "Unreadable",
    "as_text",
    "csv_chunks",
    "guarded",
    "parse_choice",
    "parse_date",
    "parse_yes_no",
    "read_rows",
    "write_csv",
    "write_xlsx",
]
