"""Tables as people hand them over, tables as we hand them out, and what may not be read at all."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import pytest
import xlsxwriter
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from common.tabular import (
    EXTRA,
    Unreadable,
    csv_chunks,
    parse_choice,
    parse_date,
    parse_yes_no,
    read_rows,
    reading,
    write_csv,
    write_xlsx,
)
from common.tabular.cells import cleaned, guard

COLUMNS = ("dossier", "naam", "datum")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def rows(data: bytes | str, encoding: str = "utf-8", **options: Any) -> list[tuple[int, dict[str, Any]]]:
    raw = data if isinstance(data, bytes) else data.encode(encoding)
    with read_rows(io.BytesIO(raw), **({"columns": COLUMNS} | options)) as table:
        return list(table)


def workbook(*lines: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# --- CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_ends_of_line_are_recognised(
    encoding: str, separator: str, end: str
) -> None:
    text = end.join([f"Naam{separator}DOSSIER", f"Zoë Boër{separator}A1", ""])
    assert rows(text, encoding) == [(2, {"naam": "Zoë Boër", "dossier": "A1"})]


def test_the_separator_is_the_one_that_gives_known_columns() -> None:
    text = "dossier,naam,opmerking; met; puntkomma; erin; en meer\nA1,Jan,x\n"
    assert rows(text) == [(2, {"dossier": "A1", "naam": "Jan"})]


def test_a_euro_sign_and_curly_quotes_of_windows_are_read() -> None:
    assert rows("dossier;naam\nA1;€ “5” – é\n", "cp1252") == [(2, {"dossier": "A1", "naam": "€ “5” – é"})]


def test_a_record_counts_where_it_begins_and_empty_rows_are_left_out() -> None:
    text = 'dossier;naam\n\n"A\n1";"een\r\ntwee"\n;;\n   ;\nA2;drie\n'
    assert rows(text) == [
        (3, {"dossier": "A\n1", "naam": "een\ntwee"}),
        (8, {"dossier": "A2", "naam": "drie"}),
    ]


def test_values_are_trimmed_also_around_quotation_marks() -> None:
    assert rows('dossier; naam\n \u00a0A1 ; "Jan; Piet" \n') == [(2, {"dossier": "A1", "naam": "Jan; Piet"})]


def test_short_rows_are_filled_and_what_stands_beyond_the_header_is_kept_apart() -> None:
    assert rows("dossier;naam\nA1\nA2;Jan;;rest;meer\nA3;Jan;;\n") == [
        (2, {"dossier": "A1", "naam": ""}),
        (3, {"dossier": "A2", "naam": "Jan", EXTRA: "rest meer"}),
        (4, {"dossier": "A3", "naam": "Jan"}),
    ]


def test_unknown_columns_are_reported_as_written_and_left_out() -> None:
    with read_rows(io.BytesIO(b"Kleur;dossier;;kleur\nrood;A1;x;y\n"), columns=COLUMNS) as table:
        assert (table.unknown, table.columns, table.total) == (("Kleur", "kleur"), ("dossier",), 1)
        assert list(table) == [(2, {"dossier": "A1"})]


def test_without_columns_all_of_the_file_are_given() -> None:
    assert rows("Een;TWEE\n1;2\n", columns=None) == [(2, {"een": "1", "twee": "2"})]


def test_an_apostrophe_before_a_formula_is_taken_off_and_another_is_not() -> None:
    text = "dossier;naam\n'=1+1;'s-Gravenhage\n'+31;'t Hof\n'-5;'@x\n"
    assert [values for _line, values in rows(text)] == [
        {"dossier": "=1+1", "naam": "'s-Gravenhage"},
        {"dossier": "+31", "naam": "'t Hof"},
        {"dossier": "-5", "naam": "@x"},
    ]


def test_control_characters_never_get_through() -> None:
    assert rows("dossier;naam\nA\x011\x7f;J\x0ban\n") == [(2, {"dossier": "A1", "naam": "Jan"})]


def test_a_path_an_open_file_and_an_uploaded_file_are_read_and_left_open(tmp_path: Path) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    path = tmp_path / "x.csv"
    path.write_bytes(b"dossier\nA1\n")
    expected = [(2, {"dossier": "A1"})]
    for source in (path, str(path), SimpleUploadedFile("x.csv", b"dossier\nA1\n")):
        with read_rows(source, columns=COLUMNS) as table:
            assert list(table) == expected
    with path.open("rb") as file:
        file.read(3)
        with read_rows(file, columns=COLUMNS) as table:
            assert list(table) == expected
        assert not file.closed


def test_a_pipe_can_be_read() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with read_rows(Pipe(b"dossier\nA1\n"), columns=COLUMNS) as table:
        assert list(table) == [(2, {"dossier": "A1"})]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"naam\nJan\n", "required column is missing: dossier"),
        (b"dossier;Dossier\n1;2\n", "occurs twice: dossier"),
        (b"dossier\nA\x81\n", "not a CSV file"),
        (b"\xef\xbb\xbfdossier\nA\x00\n", "not a CSV file"),
        ("dossier\nA1\n".encode("utf-16"), "not a CSV file"),
        (b'dossier;naam\nA1;x\nA2;"open\nA3;y\n', "quotation mark on line 3"),
        (b'dossier;naam\nA1;x\nA2;"open', "quotation mark on line 3"),
        (b'dossier;naam\nA1;"' + b"x;\n" * 60_000, "quotation mark on line 2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "password"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
    ],
)
def test_an_unusable_file_is_refused_with_a_sentence_before_any_row(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_rows(io.BytesIO(data), columns=COLUMNS, required=("dossier",))


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(Unreadable, match="cannot be opened"):
            read_rows(path)


# --- XLSX


def test_dates_numbers_and_yes_or_no_of_a_workbook() -> None:
    data = workbook(
        ["Dossier", "naam", "datum"],
        [599, 1.0, dt.date(2026, 8, 27)],
        [None, None, None],
        [1.5, True, dt.datetime(2026, 8, 27, 13, 5)],
        ["0599", False, "27-8-2026"],
        [20260001234567, "'=x", None],
    )
    assert rows(data) == [
        (2, {"dossier": "599", "naam": "1", "datum": dt.date(2026, 8, 27)}),
        (4, {"dossier": "1.5", "naam": "ja", "datum": dt.date(2026, 8, 27)}),
        (5, {"dossier": "0599", "naam": "nee", "datum": "27-8-2026"}),
        (6, {"dossier": "20260001234567", "naam": "=x", "datum": ""}),
    ]


def test_rows_of_a_workbook_keep_their_number_where_rows_are_missing() -> None:
    def far_away(sheet: Any) -> None:
        sheet["A1000"] = "A2"

    assert rows(workbook(["dossier"], ["A1"], change=far_away)) == [
        (2, {"dossier": "A1"}),
        (1000, {"dossier": "A2"}),
    ]


def test_what_a_workbook_says_about_its_size_is_not_believed() -> None:
    def cell_far_right(sheet: Any) -> None:
        sheet["XFD3"] = "x"

    data = workbook(["dossier"], ["A1"], change=cell_far_right)
    assert rows(data) == [(2, {"dossier": "A1"})]
    small = rewritten(data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"A1:XFD3", b"A1:A1"))
    assert rows(small) == [(2, {"dossier": "A1"})]


def test_the_first_sheet_that_is_not_hidden_is_read() -> None:
    def hide(sheet: Any) -> None:
        other = sheet.parent.create_sheet("Register")
        other.append(["dossier"])
        other.append(["A1"])
        sheet.sheet_state = "hidden"

    assert rows(workbook(["naam"], ["nee"], change=hide)) == [(2, {"dossier": "A1"})]


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return buffer.getvalue()


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = rewritten(
        workbook(["dossier"]), "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * (reading.MAX_UNPACKED + 1)
    )
    assert len(bomb) < 1_000_000
    with pytest.raises(Unreadable, match="too big"):
        rows(bomb)


def test_the_texts_of_a_workbook_have_a_limit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write_row(0, 0, ["dossier"])
    assert rows(buffer.getvalue()) == []
    monkeypatch.setattr(reading, "MAX_UNPACKED_TEXTS", 10)
    with pytest.raises(Unreadable, match="too big"):
        rows(buffer.getvalue())


def test_entities_in_a_workbook_are_refused() -> None:
    def evil(xml: bytes) -> bytes:
        return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml

    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "_rels/.rels"):
        with pytest.raises(Unreadable, match="damaged"):
            rows(rewritten(workbook(["dossier"]), part, evil))


def test_a_zip_that_is_no_workbook_and_a_half_workbook_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    whole = workbook(["dossier"], ["A1"])
    broken = rewritten(whole, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    for data in (buffer.getvalue(), whole[: len(whole) // 2], broken, workbook()):
        with pytest.raises(Unreadable):
            rows(data)


def test_a_text_with_characters_that_xml_cannot_hold_is_read_without_them() -> None:
    assert rows(workbook(["dossier", "naam"], ["a_x000D_\nb", "_x005F_x0041_ _xD800_ _x0000_"])) == [
        (2, {"dossier": "a\nb", "naam": "_x0041_ _xD800_"})
    ]


# --- Writing


WRITERS: list[Callable[..., None]] = [write_csv, write_xlsx]
READABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("write", WRITERS)
@given(table=st.lists(st.tuples(READABLE, READABLE, st.dates(dt.date(1900, 3, 1)) | st.none()), max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back_the_same(write: Callable[..., None], table: list[Any]) -> None:
    file = io.BytesIO()
    write(file, COLUMNS, table)
    expected = [
        {"dossier": _kept(first), "naam": _kept(second), "datum": _day(day, write)}
        for first, second, day in table
    ]
    with read_rows(file, columns=COLUMNS) as read:
        assert [values for _line, values in read] == [values for values in expected if any(values.values())]


def _kept(text: str) -> str:
    """Trimmed and printable; nothing else is lost."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c for c in lines if c in "\t\n" or c.isprintable() or (ord(c) > 0x7F and c != "\ufeff")
    ).strip()


def _day(day: dt.date | None, write: Callable[..., None]) -> dt.date | str:
    if day is None:
        return ""
    return day.isoformat() if write is write_csv else day


@pytest.mark.parametrize("text", ["=1+1", "+31", "-1", "@x", "\tx", "\rx", " =1", "'=1", " '\tx", "＝1"])
def test_nothing_that_is_written_can_be_a_formula(text: str) -> None:
    assert guard(text) == f"'{text}"
    file = io.BytesIO()
    write_csv(file, ["a"], [[text]])
    cell = file.getvalue().decode("utf-8-sig").splitlines()[1].lstrip('"')
    assert cell.startswith("'")
    file = io.BytesIO()
    write_xlsx(file, ["a"], [[text]])
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"
    assert str(sheet["A2"].value).startswith("'")


@pytest.mark.parametrize("text", ["Jan", "'s-Gravenhage", "", "5", "a=b", "d'Hondt"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert guard(text) == cleaned(text) == text


def test_a_csv_opens_in_dutch_excel() -> None:
    file = io.BytesIO()
    write_csv(file, ["dossier", "naam"], [["A1", "Zoë; Boër"], [None, True], [3, dt.date(2026, 1, 2)]])
    assert file.getvalue() == '\ufeffdossier;naam\r\nA1;"Zoë; Boër"\r\n;ja\r\n3;2026-01-02\r\n'.encode()


def test_a_csv_is_written_as_it_goes() -> None:
    asked: list[int] = []

    def many() -> Any:
        for number in range(5000):
            asked.append(number)
            yield [number]

    chunks = csv_chunks(["a"], many())
    next(chunks)
    next(chunks)
    assert len(asked) == 500


def test_dates_and_numbers_in_a_workbook_are_real() -> None:
    file = io.BytesIO()
    write_xlsx(file, ["datum", "aantal"], [[dt.date(2026, 1, 2), 3]])
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == [dt.datetime(2026, 1, 2), 3]


# --- Memory


@pytest.mark.parametrize("write", WRITERS)
def test_reading_takes_no_more_memory_for_more_rows(write: Callable[..., None], tmp_path: Path) -> None:
    import tracemalloc

    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}"
        file: BinaryIO
        with path.open("wb") as file:
            write(file, COLUMNS, ([f"A{n}", "Jan", dt.date(2026, 1, 1)] for n in range(lines)))
        tracemalloc.start()
        with read_rows(path, columns=COLUMNS) as table:
            assert sum(1 for _row in table) == lines
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(10)
    assert peak(3000) < peak(300) + 1_500_000


# --- Values


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None),
        ("2026-02-09", dt.date(2026, 2, 9)),
        ("09-02-2026", dt.date(2026, 2, 9)),
        ("9-2-2026", dt.date(2026, 2, 9)),
        ("29-2-2024", dt.date(2024, 2, 29)),
        (dt.date(2026, 2, 9), dt.date(2026, 2, 9)),
    ],
)
def test_dates_in_the_spellings_of_the_register(text: Any, day: dt.date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    ["29-2-2023", "31-4-2026", "2026-13-01", "9-2-26", "9/2/2026", "2026-2-9", "20260209", "morgen",
     "1-1-0026", "1-1-1899", "2100-01-01", "٩-2-2026", "2026-02-09 00:00"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="date"):
        parse_date(text)


def test_yes_and_no() -> None:
    assert [parse_yes_no(text) for text in ("ja", "JA", "Nee", "")] == [True, True, False, None]
    with pytest.raises(ValueError, match="ja or nee"):
        parse_yes_no("yes")


def test_choices_in_any_case() -> None:
    assert [parse_choice(text, ["KIND-INT", "bo"]) for text in ("kind-int", "BO", "")] == [
        "KIND-INT",
        "bo",
        "",
    ]
    with pytest.raises(ValueError, match="KIND-INT, bo"):
        parse_choice("x", ["KIND-INT", "bo"])
