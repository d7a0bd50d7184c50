"""Reads back the files of a report, by other code than that which wrote them."""

import csv
import io
import re
import zipfile
import zlib
from typing import Any

from openpyxl import load_workbook

#: What a number or a hidden one is in a file, by its table and key.
Cells = dict[tuple[str, str], Any]


def csv_rows(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def workbook(content: bytes) -> dict[str, list[list[Any]]]:
    """The values of each sheet, row by row, the hidden ones too."""
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.rows] for sheet in book}


def inside(content: bytes) -> dict[str, str]:
    """The parts of a workbook as text, the charts with the numbers that they keep."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


class Pdf:
    """As much of a PDF as typst writes it: objects, and the text in the order in which it is read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        found = re.finditer(rb"(?s)(\d+) 0 obj\s(.*?)\sendobj", content)
        self.objects = {int(match[1]): match[2] for match in found}

    @property
    def text(self) -> str:
        """All pages, one run of text after the other with spaces between."""
        pages = [body for body in self.objects.values() if b"/Type/Page/" in body]
        return " ".join(run for page in pages for run in self._runs(page))

    @property
    def alternatives(self) -> list[str]:
        """What a screen reader says in place of a picture."""
        return [
            _string(match[1]) for match in re.finditer(rb"(?s)/Alt\s*\(((?:\\.|[^\\)])*)\)", self.content)
        ]

    def _runs(self, page: bytes) -> list[str]:
        fonts = self._fonts(self._reference(page, b"Resources"))
        painted = self._stream(self._reference(page, b"Contents"))
        runs, font = [], {}
        for match in _PAINTED.finditer(painted):
            if match[1]:
                font = fonts[match[1]]
            else:
                shown = re.findall(rb"(?s)\(((?:\\.|[^\\)])*)\)", match[2])
                runs.append("".join(_decoded(_bytes(one), font) for one in shown))
        return runs

    def _fonts(self, resources: int) -> dict[bytes, dict[int, str]]:
        listed = re.search(rb"(?s)/Font<<(.*?)>>", self.objects[resources])
        assert listed is not None
        found = re.findall(rb"/(f\d+) (\d+) 0 R", listed[1])
        return {name: self._characters(int(font)) for name, font in found}

    def _characters(self, font: int) -> dict[int, str]:
        table = self._stream(self._reference(self.objects[font], b"ToUnicode")).decode()
        pairs = re.findall(r"<([0-9A-F]{4})> <((?:[0-9A-F]{4})+)>", table)
        return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}

    def _reference(self, body: bytes, name: bytes) -> int:
        match = re.search(rb"/" + name + rb" (\d+) 0 R", body)
        assert match is not None
        return int(match[1])

    def _stream(self, number: int) -> bytes:
        body = self.objects[number]
        match = re.search(rb"(?s)stream\r?\n(.*)\r?\nendstream", body)
        assert match is not None
        return zlib.decompress(match[1]) if b"FlateDecode" in body else match[1]


#: A change of font, or text that is painted.
_PAINTED = re.compile(
    rb"(?s)/(f\d+) [\d.]+ Tf|((?:\[(?:\((?:\\.|[^\\)])*\)|[-\d.]+)*\]TJ)|\((?:\\.|[^\\)])*\) ?Tj)"
)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _bytes(literal: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        escaped = match[1]
        return bytes([int(escaped, 8)]) if escaped.isdigit() else _ESCAPES.get(escaped, escaped)

    return re.sub(rb"(?s)\\([0-7]{1,3}|.)", one, literal)


def _decoded(codes: bytes, font: dict[int, str]) -> str:
    return "".join(font.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes), 2))


def _string(literal: bytes) -> str:
    raw = _bytes(literal)
    return raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")
