"""`manage.py import_register`: its output, its exit codes, and the files of the demo."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from audit.models import Event
from cases.models import Case
from tests.factories.register import COLUMNS, NOW, Places, row, write_register

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture(autouse=True)
def _at_two_o_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def run(path: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_register", str(path), *options, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    except SystemExit as leaving:
        return int(str(leaving.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_one_document(places: Places, tmp_path: Path) -> None:
    path = write_register(tmp_path / "f.csv", [row(), row(dossier="A-2", voornaam="Sem", vrijstelling="3a")])
    code, out, err = run(path, "--json")
    report = json.loads(out)
    assert (code, report["created"]) == (0, 2)
    assert list(report) == ["rows", "created", "updated", "unchanged", "refused", "warnings"]
    (warning,) = report["warnings"]
    assert list(warning) == ["line", "column", "reason"]
    assert (warning["line"], warning["column"]) == (3, "vrijstelling")
    assert err.strip() == "2/2"


def test_refused_work_is_exit_1(places: Places, tmp_path: Path) -> None:
    path = write_register(tmp_path / "f.csv", [row(), row(dossier="A-2", voornaam="Sem", sector="havo")])
    code, out, _err = run(path, "--json")
    (refusal,) = json.loads(out)["refused"]
    assert code == 1
    assert list(refusal) == ["line", "column", "value", "reason"]
    assert (refusal["line"], refusal["column"], refusal["value"]) == (3, "sector", "havo")
    code, out, err = run(path)
    assert (code, out.strip()) == (
        1, "rows 2, created 0, updated 0, unchanged 1, refused 1, warnings 0"
    )  # fmt: skip
    assert "line 3, sector: " in err


def test_all_or_nothing(places: Places, tmp_path: Path) -> None:
    path = write_register(tmp_path / "f.csv", [row(), row(dossier="A-2", voornaam="Sem", sector="havo")])
    code, out, _err = run(path, "--all-or-nothing", "--json")
    assert (code, json.loads(out)["created"], Case.objects.count()) == (1, 0, 0)


def test_trying_out(places: Places, tmp_path: Path) -> None:
    path = write_register(tmp_path / "f.csv", [row()])
    code, out, _err = run(path, "--dry-run", "--json")
    assert (code, json.loads(out)["created"], Case.objects.count()) == (0, 1, 0)


@pytest.mark.parametrize("broken", ["missing", "empty", "no_table", "without_column"])
def test_what_cannot_be_read_is_exit_2(places: Places, tmp_path: Path, broken: str) -> None:
    path = tmp_path / "f.csv"
    if broken == "empty":
        path.write_text("")
    elif broken == "no_table":
        path.write_bytes(b"\x89PNG\x00\x00")
    elif broken == "without_column":
        write_register(path, [row()], columns=[name for name in COLUMNS if name != "gemeld_op"])
    code, out, err = run(path, "--json")
    assert code == 2
    assert err
    assert json.loads(out)["rows"] == 0
    assert not Case.objects.exists()
    assert not Event.objects.exists()


def test_a_workbook_that_breaks_off_brings_nothing_in(
    places: Places, tmp_path: Path, monkeypatch: Any
) -> None:
    from cases.services.register import importing
    from common.tabular import write_xlsx

    monkeypatch.setattr(importing, "CHUNK", 1)
    path = tmp_path / "f.xlsx"
    rows = [row(dossier=f"A-{n}", voornaam=f"Noor {n}") for n in range(3)]
    with path.open("wb") as file:
        write_xlsx(file, COLUMNS, [list(values.values()) for values in rows])
    _damage_last_row(path)
    code, _out, _err = run(path)
    assert (code, Case.objects.count()) == (2, 0)


def _damage_last_row(path: Path) -> None:
    """Breaks the XML of the sheet after its rows."""
    import zipfile

    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert b"</sheetData>" in parts[sheet]
    parts[sheet] = parts[sheet].replace(b"</sheetData>", b"<broken")
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


def test_the_demo_goes_in_without_a_refusal() -> None:
    call_command(
        "import_organisations", str(DEMO / "organisations.csv"), stdout=StringIO(), stderr=StringIO()
    )
    code, out, _err = run(DEMO / "register.csv", "--json")
    report = json.loads(out)
    assert (code, report["rows"], report["created"]) == (0, 300, 300)
    assert (report["refused"], report["warnings"]) == ([], [])
    assert set(Case.objects.values_list("state", flat=True)) == {
        "signalled", "arrangement", "remote_education", "return", "closed"
    }  # fmt: skip
    assert set(Case.objects.values_list("partnership__organisation__number", flat=True)) == {
        "PO9901", "VO9901"
    }  # fmt: skip
    code, out, _err = run(DEMO / "register.csv", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, 300)
