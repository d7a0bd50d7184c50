"""A report as a file. All files say what its `Document` says, in the language that is active."""

from collections.abc import Callable

from reports.exports import csv, json_, pdf, xlsx
from reports.rules.document import Document

FORMATS: dict[str, Callable[[Document], bytes]] = {
    "json": json_.render,
    "csv": csv.render,
    "xlsx": xlsx.render,
    "pdf": pdf.render,
}

CONTENT_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def render(document: Document, format: str) -> bytes:
    """The report as JSON, CSV, XLSX or PDF. Whether numbers are exact is the document's."""
    return FORMATS[format](document)
