"""The file with the numbers of pupils: what it changes, what is refused, and that twice changes nothing."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from audit.models import Event
from common.tabular import Report, Unreadable
from reports.models import SchoolAgePopulation
from reports.services.population import import_population
from tests.factories.schools import MunicipalityFactory

pytestmark = pytest.mark.django_db

HEADER = "gemeente;jaar;leerplichtigen"
GOOD = ["9001;2026;8565", "GM9002;2026;3080", "9001;2025;8510"]


@pytest.fixture(autouse=True)
def _places() -> Iterator[None]:
    for number in ("9001", "9002"):
        MunicipalityFactory(number=number)
    with translation.override("en"):
        yield


def load(*lines: str, header: str = HEADER, dry_run: bool = False) -> Report:
    source = io.BytesIO("\n".join([header, *lines]).encode())
    return import_population(source=source, by=None, dry_run=dry_run)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, len(report.refused)


def stored() -> dict[tuple[str, int], int]:
    rows = SchoolAgePopulation.objects.values_list("municipality__organisation__number", "year", "pupils")
    return {(code, year): pupils for code, year, pupils in rows}


def test_a_file_goes_in_and_twice_changes_nothing() -> None:
    assert counts(load(*GOOD)) == (3, 0, 0, 0)
    assert stored() == {("9001", 2026): 8565, ("9002", 2026): 3080, ("9001", 2025): 8510}
    assert counts(load(*GOOD)) == (0, 0, 3, 0)
    (event,) = Event.objects.filter(action="population.imported")
    assert event.details == {"created": 3, "changed": 0}


def test_another_number_is_corrected_and_told() -> None:
    load(*GOOD)
    report = load("9001;2026;8600")
    assert counts(report) == (0, 1, 0, 0)
    assert [(it.line, it.reason) for it in report.warnings] == [(2, "This was 8565 before.")]
    assert stored()["9001", 2026] == 8600


def test_a_dry_run_only_says() -> None:
    assert counts(load(*GOOD, dry_run=True)) == (3, 0, 0, 0)
    assert stored() == {}
    assert not Event.objects.filter(action="population.imported").exists()


REFUSED = {
    "9999;2026;10": ("gemeente", "There is no municipality with this code."),
    "abc;2026;10": ("gemeente", "A municipality code (CBS) has four digits, such as 0599."),
    ";2026;10": ("gemeente", "A municipality code (CBS) has four digits, such as 0599."),
    "9001;1999;10": ("jaar", "This is no whole number from 2000 to 2090, without dots or spaces."),
    "9001;;10": ("jaar", "This is no whole number from 2000 to 2090, without dots or spaces."),
    "9001;2026;0": ("leerplichtigen", "This is no whole number from 1 to 4000000, without dots or spaces."),
    "9001;2026;8.565": (
        "leerplichtigen",
        "This is no whole number from 1 to 4000000, without dots or spaces.",
    ),
    "9001;2026;²": ("leerplichtigen", "This is no whole number from 1 to 4000000, without dots or spaces."),
    "9001;2026;10;11": ("", "This row has more values than there are columns."),
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_row_that_cannot_be_right_is_refused_alone(line: str) -> None:
    report = load("9002;2026;3080", line)
    assert counts(report) == (1, 0, 0, 1)
    assert [(it.line, it.column, it.reason) for it in report.refused] == [(3, *REFUSED[line])]


def test_the_same_row_twice_in_a_file() -> None:
    report = load("9001;2026;10", "9001;2026;11")
    assert counts(report) == (1, 0, 0, 1)
    assert [(it.line, it.column, it.reason) for it in report.refused] == [
        (3, "gemeente", "Line 2 has it too.")
    ]


def test_a_file_that_is_no_use() -> None:
    with pytest.raises(Unreadable):
        load(*GOOD, header="gemeente;jaar;aantal")


def test_an_unknown_column_is_left_out() -> None:
    report = load("9001;2026;10;ja", header=f"{HEADER};bron")
    assert [(it.line, it.column) for it in report.warnings] == [(1, "bron")]
    assert counts(report) == (1, 0, 0, 0)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "population.csv"
    file.write_text("\n".join([HEADER, *GOOD]))
    call_command("import_population", str(file), "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["created"], found["refused"]) == (3, 3, [])
    file.write_text("\n".join([HEADER, "9999;2026;1"]))
    with pytest.raises(SystemExit) as stopped:
        call_command("import_population", str(file), "--dry-run")
    assert stopped.value.code == 1
    assert "2: gemeente “9999”: There is no municipality with this code." in capsys.readouterr().err


def test_the_demo_has_numbers_of_its_municipalities() -> None:
    for number in ("9901", "9902", "9903"):
        MunicipalityFactory(number=number)
    file = Path(__file__).parents[3] / "demo" / "population.csv"
    assert counts(import_population(source=file, by=None)) == (9, 0, 0, 0)
