"""A register in, through the screen; the list out, as a file that can be read back."""

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from cases.models import Case, RegisterUpload
from cases.services.register import uploads
from common.dates import now
from tests.cast import Cast
from tests.e2e.browser import Visitor
from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser

HEADERS = (
    "dossier;swv;vestiging;voornaam;achternaam;geboortedatum;woongemeente;sector;ingeschreven;eerste_verzuimdag;"
    "omvang;geoorloofd;gemeld_op;reden\n"
)
ROWS = [
    "A-1;VO 99 01;90AA01;Ziya;Kaya;3-4-2012;9901;vo;ja;1-9-2026;volledig;nee;10-9-2026;KIND-INT PLEK",
    "A-2;9901 VO;90AB01;Björn;=Østby;2013-01-31;9901;VO;JA;5-10-2026;gedeeltelijk;deels;12-10-2026;",
    "A-3;VO9901;90AA01;Kapot;Datum;31-2-2012;9901;vo;ja;1-9-2026;volledig;nee;10-9-2026;",
    "A-4;VO9902;90AC01;Van;Elders;1-2-2012;9901;vo;ja;1-9-2026;volledig;nee;10-9-2026;",
]


def upload(it: Visitor, path: Path) -> None:
    it.goto("register")
    it.page.locator("[name=file]").set_input_files(path)
    it.press("Upload and check")
    it.page.wait_for_url("**/dossiers/register/*-*/")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_register_is_previewed_confirmed_and_in_the_list(
    cast: Cast, visit: Open, tmp_path: Path, scripts: bool
) -> None:
    """Windows-1252, as spreadsheets of old write it; a wrong row and one of elsewhere are left out."""
    file = tmp_path / "lijst.csv"
    file.write_bytes((HEADERS + "\n".join(ROWS)).encode("cp1252"))
    before = Case.objects.count()
    it = visit(cast.people["case_manager"], scripts=scripts)
    upload(it, file)
    it.told("The register is being checked")
    assert uploads.work(clock=now) == 1
    shows(it, "Check of the register")
    assert Case.objects.count() == before
    for row in (["4", "geboortedatum", "31-2-2012"], ["5", "swv", "VO9902"]):
        line = it.page.locator("main tr", has_text=row[2])
        for cell in row:
            expect(line).to_contain_text(cell)
    it.page.locator("main form[action$='/importeren/'] button").click()
    it.told("The register is being imported")
    assert uploads.work(clock=now) == 1
    shows(it, "The register was imported")
    done = RegisterUpload.objects.get()
    assert (Case.objects.count() - before, done.report["created"], done.file.name) == (2, 2, "")
    it.goto("case_list")
    made = Case.objects.get(pupil__first_name="Björn")
    it.sees(made.number)
    assert made.pupil.last_name == "=Østby"


def shows(it: Visitor, english: str) -> None:
    """With JavaScript the page shows by itself how far it is; without, by the link on it."""
    if not it.scripts:
        it.press("Show how far it is")
    expect(it.heading).to_contain_text(it.text(english))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_is_saved_and_read_back(cast: Cast, visit: Open, tmp_path: Path, kind: str) -> None:
    """What went out comes in again and changes nothing."""
    it = visit(cast.people["case_manager"])
    it.goto_path("/dossiers/?state=all")
    with it.page.expect_download() as download:
        it.page.locator(f"main a[href*='/dossiers/export/{kind}/']").click()
    file = tmp_path / f"lijst.{kind}"
    download.value.save_as(file)
    expected = {case.number for name, case in cast.cases.items() if name != "far"}
    assert set(references(file)) == expected
    before = list(Case.objects.order_by("pk").values())
    upload(it, file)
    assert uploads.work(clock=now) == 1
    shows(it, "Check of the register")
    report = RegisterUpload.objects.get().report
    assert (report["refused"], report["created"], report["updated"]) == (0, 0, 0)
    assert report["unchanged"] == len(expected)
    assert list(Case.objects.order_by("pk").values()) == before


def references(file: Path) -> list[str]:
    if file.suffix == ".csv":
        text = file.read_text(encoding="utf-8-sig")
        return [row["dossier"] for row in csv.DictReader(io.StringIO(text), delimiter=";")]
    rows = load_workbook(file, read_only=True).worksheets[0].values
    column = next(rows).index("dossier")
    return [str(row[column]) for row in rows]
