"""Every format is opened again: it says what its report says, all of it, and nothing else."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest
from django.utils import translation

from reports.exports import CONTENT_TYPES, FORMATS, render
from reports.models import ReportFile
from reports.rules.as_json import as_json
from reports.rules.document import Document
from tests.reports.exports.documents import FORMULA, cells_of, counts, exact, hidden
from tests.reports.reading import Pdf, csv_rows, inside, workbook

pytestmark = pytest.mark.django_db

#: contracts/commands.md, written out.
PROMISED = [
    "partnership", "from", "to", "definition", "known_at", "start", "inflow", "outflow", "end", "reentries",
    "outflow_by", "by_category", "by_duration", "by_sector", "by_municipality", "by_reason", "with_offer",
    "without_offer", "warnings",
]  # fmt: skip
REPORTS = pytest.mark.parametrize("make", [exact, hidden])


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_every_format_can_be_made() -> None:
    assert set(FORMATS) == set(CONTENT_TYPES) == set(ReportFile.Format.values)


# --- JSON


@REPORTS
def test_json_is_what_the_command_prints(make: Callable[[], Document]) -> None:
    document = make()
    found = json.loads(render(document, "json"))
    assert found == json.loads(json.dumps(as_json(document)))
    assert list(found)[: len(PROMISED)] == PROMISED


def test_json_of_a_report() -> None:
    document = exact()
    found, shown = json.loads(render(document, "json")), document.shown
    assert {name: found[name] for name in PROMISED[:5]} == {
        "partnership": "PO3006",
        "from": "2026-10-01",
        "to": "2026-10-31",
        "definition": "D2",
        "known_at": "2026-11-02T09:30:00+00:00",
    }
    assert {name: found[name] for name in shown.breakdowns} == shown.breakdowns
    assert found["outflow_by"] == shown.outflow_by
    assert found["days_to_return"] == {"number": shown.days_to_return.number, "median": 34.5}
    assert found["days_in_state"]["return"] == {"number": 0, "median": None}
    assert found["months"][-1] == {
        "from": "2026-10-01",
        "to": "2026-10-31",
        "start": document.trend[-1].start,
        "inflow": document.trend[-1].inflow,
        "outflow": document.trend[-1].outflow,
        "end": document.trend[-1].end,
    }
    assert found["threshold"] == {"days": 28, "inclusive": False}
    assert found["version"] == {
        "number": 2,
        "issued_at": "2026-11-03T10:00:00+00:00",
        "issued_by": "Rapporteur Voorbeeld",
        "digest": "0123456789abcdef" * 4,
        "comment": "-1 na een correctie",
    }
    assert found["warnings"] == [
        {"code": "no_reason", "count": 203, "text": "Of 203 pupils no reason is recorded."}
    ]


# --- CSV


@REPORTS
def test_csv_has_every_number(make: Callable[[], Document]) -> None:
    document = make()
    content = render(document, "csv")
    assert content.startswith(b"\xef\xbb\xbftable;key;label;value\r\n")
    rows = csv_rows(content)[1:]
    asked = cells_of(document)
    found = {(table, key): value for table, key, _, value in rows}
    assert len(found) == len(rows)
    assert {which: found[which] for which in asked} == {which: str(cell) for which, cell in asked.items()}
    others = {which for which in found if which not in asked}
    assert {table for table, _ in others} == {
        "header",
        "days_to_return",
        "days_in_state",
        "warnings",
        "notes",
    }


def test_csv_has_the_header_and_the_medians() -> None:
    found = {(table, key): value for table, key, _, value in csv_rows(render(exact(), "csv"))}
    assert found["header", "definition"] == "ministry and Inspectorate (D2)"
    assert found["header", "from"] == "2026-10-01"
    assert found["header", "numbers"] == "Internal: exact numbers, do not hand on"
    assert found["header", "threshold"] == "longer than 28 calendar days"
    assert found["header", "version"] == "2, issued on 3 November 2026, 11:00 by Rapporteur Voorbeeld"
    assert found["days_to_return", "days_to_return:median"] == "34,5"
    assert found["days_in_state", "signalled:median"] == "12"
    assert found["days_in_state", "return:median"] == "–"


# --- XLSX


def numbers_in(sheets: dict[str, list[list[Any]]]) -> set[int | float]:
    cells = [cell for rows in sheets.values() for row in rows for cell in row]
    return {cell for cell in cells if isinstance(cell, int | float)}


def breakdown(rows: list[list[Any]]) -> dict[str, Any]:
    """The numbers of a sheet by their keys, the total under "total"; they end at an empty row."""
    return {code or "total": number for code, _label, number in until_empty(rows[1:])}


def until_empty(rows: list[list[Any]]) -> list[list[Any]]:
    return list(takewhile(any, rows))


@REPORTS
def test_xlsx_has_every_number_as_a_number(make: Callable[[], Document]) -> None:
    document = make()
    sheets = workbook(render(document, "xlsx"))
    asked = cells_of(document)
    names = list(sheets)
    found: dict[tuple[str, str], Any] = {}
    for table, name in zip(document.tables, names[1:], strict=False):
        assert name in table.heading
        found |= {(table.name, key): number for key, number in breakdown(sheets[name]).items()}
    months = sheets["Months"]
    for month, _first, _last, *numbers in until_empty(months[1:]):
        flow = next(flow for flow in document.trend if str(flow.period) == month)
        for name, number in zip(("start", "inflow", "outflow", "end"), numbers, strict=False):
            found["months", f"{flow.period.first:%Y-%m}:{name}"] = number
    front = {row[0]: row[1] for row in sheets["Key figures"]}
    labels = {
        "start": "At home at the start",
        "inflow": "Inflow",
        "outflow": "Outflow",
        "end": "At home at the end",
        "reentries": "Of the inflow: at home before",
        "with_offer": "With a fitting offer",
        "without_offer": "Without a fitting offer",
    }
    found |= {("figures", name): front[label] for name, label in labels.items()}
    assert found == asked
    assert {type(found[which]) for which, cell in asked.items() if isinstance(cell, int)} == {int}


def test_xlsx_has_real_days_and_keeps_its_names_in_sight() -> None:
    content = render(exact(), "xlsx")
    sheets = workbook(content)
    front = {row[0]: row[1] for row in sheets["Key figures"]}
    assert (f"{front['First day']:%Y-%m-%d}", f"{front['Last day']:%Y-%m-%d}") == ("2026-10-01", "2026-10-31")
    assert [f"{row[1]:%Y-%m-%d}" for row in sheets["Months"][1:3]] == ["2025-10-01", "2025-11-01"]
    parts = inside(content)
    for number in range(1, len(sheets) + 1):
        sheet = parts[f"xl/worksheets/sheet{number}.xml"]
        assert 'state="frozen"' in sheet
        assert 'paperSize="9"' in sheet
        assert "Internal: exact numbers, do not hand on" in sheet


def test_each_sheet_of_an_xlsx_says_what_its_numbers_are() -> None:
    for name, rows in workbook(render(hidden(), "xlsx")).items():
        found = {row[0]: row[1] for row in rows if row[0]}
        assert (name, found["Definition"]) == (name, "ministry and Inspectorate (D2)")
        assert (name, found["As known at"]) == (name, "2 November 2026, 10:30")
        assert (name, found["Numbers"]) == (name, "Small numbers hidden: fit to hand on")


def test_xlsx_names_nobody_in_its_properties_and_is_the_same_each_time() -> None:
    document = exact()
    content = render(document, "xlsx")
    core = inside(content)["docProps/core.xml"]
    assert re.findall("<dc:creator>(.*?)</dc:creator>", core) == [""]
    assert re.findall("<cp:lastModifiedBy>(.*?)</cp:lastModifiedBy>", core) == [""]
    assert "2026-11-02T09:30:00Z" in core
    assert inside(render(document, "xlsx")) == inside(content)


# --- PDF


@REPORTS
def test_pdf_has_every_number(make: Callable[[], Document]) -> None:
    document = make()
    text = " ".join(Pdf(render(document, "pdf")).text.split())

    def as_read(cell: Any) -> str:
        return f"{cell:,}".replace(",", ".") if isinstance(cell, int) else cell

    for table in document.tables:
        for row in table.rows:
            assert f"{' '.join(row.label.split())} {as_read(row.cell)}" in text
        assert f"Total {as_read(table.total)}" in text
    for flow in document.trend:
        numbers = " ".join(as_read(cell) for cell in (flow.start, flow.inflow, flow.outflow, flow.end))
        assert f"{flow.period} {numbers}" in text
    shown = document.shown
    flow_of_period = " ".join(as_read(cell) for cell in (shown.start, shown.inflow, shown.outflow, shown.end))
    assert f"At home at the start Inflow Outflow At home at the end {flow_of_period}" in text
    assert f"Of the inflow: at home before {as_read(shown.reentries)}" in text
    assert f"With a fitting offer {as_read(shown.with_offer)}" in text


def test_pdf_is_tagged_and_speaks() -> None:
    content = render(hidden(), "pdf")
    assert content.startswith(b"%PDF-1.7")
    for needed in (
        b"/StructTreeRoot",
        b"/MarkInfo",
        b"/Lang(en)",
        b"/DisplayDocTitle true",
        b"/S/TH",
        b"/S/H1",
    ):
        assert needed in content
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    spoken = Pdf(content).alternatives
    # All but that of the categories, of which every number is hidden.
    assert len(spoken) == content.count(b"/S/Figure") == 4
    document = hidden()
    first = document.trend[0]
    assert spoken[0].startswith(f"Inflow and outflow by month. October 2025: <5 / {first.outflow};")


def test_pdf_is_in_the_language_of_the_reader() -> None:
    with translation.override("nl"):
        assert b"/Lang(nl)" in render(exact(), "pdf")


def test_pdf_is_the_same_each_time() -> None:
    document = exact()
    assert render(document, "pdf") == render(document, "pdf")


def test_pdf_says_on_each_page_what_may_be_done_with_it() -> None:
    for document, words in ((exact(), "do not hand on"), (hidden(), "fit to hand on")):
        found = Pdf(render(document, "pdf"))
        pages = found.content.count(b"/Type/Page/")
        assert found.text.count(f"{words} · SHA-256 0123456789abcdef") == pages


# --- What must not be in a file


def texts_of(document: Document) -> dict[str, str]:
    """Each file as all the text that is in it, also where nobody looks."""
    pdf = Pdf(render(document, "pdf"))
    return {
        "json": render(document, "json").decode(),
        "csv": render(document, "csv").decode("utf-8-sig"),
        "xlsx": " ".join(
            text for name, text in inside(render(document, "xlsx")).items() if not name.endswith("styles.xml")
        ),
        "pdf": " ".join([pdf.text, *pdf.alternatives]),
    }


def test_a_number_that_is_hidden_is_nowhere() -> None:
    inner, outer = exact(), hidden()
    secret = counts(cells_of(inner).values()) - counts(cells_of(outer).values())
    assert len(secret) > 25
    secret |= {inner.shown.days_to_return.number, 203}
    for format, text in texts_of(outer).items():
        for number in secret:
            forms = {f"{number}", f"{number:,}".replace(",", ".")}
            found = [form for form in forms if re.search(rf"(?<![\d.,\w]){re.escape(form)}(?![\d\w])", text)]
            assert (format, found) == (format, [])


def test_what_may_be_seen_is_found_by_the_same_search() -> None:
    """So the test above would find it."""
    inner = exact()
    shown = counts(cells_of(inner).values())
    for format, text in texts_of(inner).items():
        for number in shown:
            forms = {f"{number}", f"{number:,}".replace(",", ".")}
            found = [form for form in forms if re.search(rf"(?<![\d.,\w]){re.escape(form)}(?![\d\w])", text)]
            assert (format, number, len(found) > 0) == (format, number, True)


def test_the_comment_goes_out_with_the_report() -> None:
    """It is written for that: its field says so."""
    for format, text in texts_of(hidden()).items():
        assert (format, "na een correctie" in text) == (format, True)


def test_no_name_becomes_a_formula() -> None:
    document = exact()
    for row in csv_rows(render(document, "csv")):
        assert [cell for cell in row if cell[:1] in set("=+-@\t\r")] == []
    parts = inside(render(document, "xlsx"))
    assert [name for name, text in parts.items() if "worksheets" in name and "<f>" in text] == []
    cells = [cell for rows in workbook(render(document, "xlsx")).values() for row in rows for cell in row]
    assert f"'{FORMULA}" in cells
    assert [cell for cell in cells if isinstance(cell, str) and cell[:1] in set("=+-@")] == []
    assert f"{FORMULA} " in Pdf(render(document, "pdf")).text


def test_a_report_without_anybody_and_without_months() -> None:
    document = exact()
    empty = replace(
        document.shown,
        outflow_by={},
        breakdowns={name: {} for name in document.shown.breakdowns},
        days_in_state={},
    )
    bare = replace(
        document,
        shown=empty,
        tables=[replace(table, rows=[], total=0) for table in document.tables],
        trend=[],
        warnings=[],
        number=0,
        digest="",
        issued_at=None,
        comment="",
    )
    for format in FORMATS:
        assert len(render(bare, format)) > 500
    assert "not issued" in Pdf(render(bare, "pdf")).text


def test_part_of_the_pupils_is_said() -> None:
    part = replace(exact(), part="Het Voorbeeld; vo")
    for format, text in texts_of(part).items():
        assert (format, "Het Voorbeeld; vo" in text) == (format, True)
