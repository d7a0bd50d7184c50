"""`manage.py period_report`: its output, its exit codes, and what it says on standard error."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from reports.management.commands import period_report
from reports.models import Version
from tests.factories.accounts import UserFactory
from tests.factories.register import NOW, Import, Places, row

pytestmark = pytest.mark.django_db

JUNE = ("--partnership", "PO3006", "--from", "2026-06-01", "--to", "2026-06-30")
JULY = ("--partnership", "PO3006", "--from", "2026-07-01", "--to", "2026-07-31")

#: The names and their order of contracts/commands.md: written out, not taken from the code.
NAMES = [
    "partnership", "from", "to", "definition", "known_at", "start", "inflow", "outflow", "end", "reentries",
    "outflow_by", "by_category", "by_duration", "by_sector", "by_municipality", "by_reason", "with_offer",
    "without_offer", "warnings",
]  # fmt: skip
MORE = {"by_school", "by_age", "by_year_group", "by_state", "days_to_return", "days_in_state"}


@pytest.fixture(autouse=True)
def _at_two_o_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def three_cases(bring_in: Import) -> None:
    """Two at home from 1 June 2026 and one not enrolled, who moved on 20 July."""
    moved = {"ingeschreven": "nee", "afgesloten_op": "2026-07-20", "bestemming": "verhuisd-nl"}
    report = bring_in(
        row(aanbod="oza", aanbod_sinds="2026-06-30", reden="PLEK ZORG"),
        row(dossier="A-2", achternaam="Anders", woongemeente="0363", geboortedatum="2014-06-30"),
        row(dossier="A-3", achternaam="Derde", vestiging="", sector="vo", leerjaar="", **moved),
    )
    assert report.created == 3


def run(*options: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("period_report", *options, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    except SystemExit as leaving:
        return int(str(leaving.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def document(*options: str) -> dict[str, Any]:
    code, out, err = run(*options)
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.mark.usefixtures("three_cases")
def test_one_document_with_every_figure() -> None:
    found = document(*JUNE, "--known-at", "2026-06-30")
    assert list(found)[: len(NAMES)] == NAMES
    assert MORE - set(found) == set()
    warnings = found.pop("warnings")
    assert {name: found[name] for name in [*NAMES[:-1], *sorted(MORE)]} == {
        "partnership": "PO3006",
        "from": "2026-06-01",
        "to": "2026-06-30",
        "definition": "D2",
        "known_at": "2026-06-30T23:59:59.999999+02:00",
        "start": 0,
        "inflow": 3,
        "outflow": 0,
        "end": 3,
        "reentries": 0,
        "outflow_by": {},
        "by_category": {"absoluut": 1, "lrv": 2},
        "by_duration": {"4w-3m": 3},
        "by_sector": {"bo": 2, "vo": 1},
        "by_municipality": {"0363": 1, "0599": 2},
        "by_reason": {"ONB": 2, "PLEK": 1},
        "with_offer": 1,
        "without_offer": 2,
        "by_school": {"05AB": 2, "geen": 1},
        "by_age": {"11": 2, "12": 1},
        "by_year_group": {"6": 2, "onbekend": 1},
        "by_state": {"signalled": 3},
        "days_to_return": {"number": 0, "median": None},
        "days_in_state": {},
    }
    assert [(it["code"], it["count"]) for it in warnings] == [("no_reason", 2), ("no_offer", 2)]
    assert all(set(it) == {"code", "count", "text"} and it["text"] for it in warnings)


@pytest.mark.usefixtures("three_cases")
def test_the_next_month_goes_on_from_there() -> None:
    found = document(*JULY)
    assert {name: found[name] for name in ("start", "inflow", "outflow", "end", "outflow_by")} == {
        "start": 3,
        "inflow": 0,
        "outflow": 1,
        "end": 2,
        "outflow_by": {"verhuisd-nl": 1},
    }
    assert found["known_at"] == "2026-11-22T15:00:00+01:00"


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(
    ("known_at", "shown", "outflow"),
    [
        ("2026-07-19", "2026-07-19T23:59:59.999999+02:00", 0),
        ("2026-07-20", "2026-07-20T23:59:59.999999+02:00", 1),
        ("2026-07-19T23:59:59", "2026-07-19T23:59:59+02:00", 0),
        ("2026-07-20T00:00", "2026-07-20T00:00:00+02:00", 1),
        ("2026-07-20 00:00", "2026-07-20T00:00:00+02:00", 1),
        ("2026-07-19T21:59:59Z", "2026-07-19T23:59:59+02:00", 0),
        ("2026-07-19T22:00:00Z", "2026-07-20T00:00:00+02:00", 1),
        ("2026-07-20T00:00:00+03:00", "2026-07-19T23:00:00+02:00", 0),
    ],
)
def test_as_known_at_a_day_or_a_moment(known_at: str, shown: str, outflow: int) -> None:
    found = document(*JULY, "--known-at", known_at)
    assert (found["known_at"], found["outflow"]) == (shown, outflow)


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(("definition", "end"), [("D1", 2), ("D2", 3), ("D3", 3), ("D4", 3), ("d1", 2)])
def test_definitions(definition: str, end: int) -> None:
    found = document(*JUNE, "--definition", definition)
    assert (found["definition"], found["end"]) == (definition.upper(), end)


@pytest.mark.parametrize("number", ["PO3006", "po 30 06", "PO-30-06", "3006 PO"])
def test_numbers_in_any_spelling(places: Places, number: str) -> None:
    found = document("--partnership", number, *JUNE[2:])
    assert (found["partnership"], found["end"]) == ("PO3006", 0)


def test_a_threshold_of_its_own(places: Places, three_cases: None) -> None:
    places.po.threshold_days = 60
    places.po.save()
    assert document(*JUNE)["by_category"] == {"absoluut": 1}


@pytest.mark.usefixtures("three_cases")
def test_outside_small_numbers_are_hidden() -> None:
    found = document(*JUNE, "--outside")
    assert found["end"] not in (1, 2, 3, 4)
    assert 2 not in found["by_category"].values()
    assert {it["count"] for it in found["warnings"]} <= {"<5", "x"}
    assert {it["code"] for it in found["warnings"]} <= {"no_reason", "over_a_year"}
    assert "2" not in "".join(it["text"] for it in found["warnings"])


def issued(places: Places, first: str, last: str, end: int) -> Version:
    figures = {
        **dict.fromkeys(("start", "inflow", "outflow", "reentries", "with_offer", "without_offer"), 0),
        "end": end,
    }
    return Version.objects.create(
        partnership=places.po,
        first_day=dt.date.fromisoformat(first),
        last_day=dt.date.fromisoformat(last),
        threshold_days=28,
        threshold_inclusive=False,
        known_at=NOW,
        figures=as_figures(figures),
        made_at=NOW,
        issued_at=NOW,
        issued_by=UserFactory(),
        digest="0" * 64,
    )


def as_figures(counts: dict[str, int]) -> dict[str, Any]:
    breakdowns = (
        "category",
        "duration",
        "sector",
        "municipality",
        "reason",
        "school",
        "age",
        "year_group",
        "state",
    )
    return {
        **counts,
        "outflow_by": {},
        **{f"by_{it}": {} for it in breakdowns},
        "days_to_return": {"number": 0, "median": None},
        "days_in_state": {},
    }


def test_a_start_that_is_not_the_end_that_was_issued(places: Places, three_cases: None) -> None:
    issued(places, "2026-06-01", "2026-06-30", 5)
    (warned,) = [it for it in document(*JULY)["warnings"] if it["code"] == "continuity"]
    assert {name: warned[name] for name in ("previous_end", "start", "difference")} == {
        "previous_end": 5,
        "start": 3,
        "difference": -2,
    }
    assert [it for it in document(*JULY, "--outside")["warnings"] if it["code"] == "continuity"] == []
    assert [
        it for it in document(*JULY, "--definition", "D1")["warnings"] if it["code"] == "continuity"
    ] == []


def test_a_start_that_is_the_end_that_was_issued(places: Places, three_cases: None) -> None:
    issued(places, "2026-06-01", "2026-06-30", 3)
    assert "continuity" not in [it["code"] for it in document(*JULY)["warnings"]]


def test_the_issued_period_of_the_same_kind_counts(places: Places, three_cases: None) -> None:
    issued(places, "2026-06-01", "2026-06-30", 3)
    issued(places, "2026-04-01", "2026-06-30", 9)
    assert "continuity" not in [it["code"] for it in document(*JULY)["warnings"]]


def test_a_period_that_is_not_over(places: Places) -> None:
    found = document("--partnership", "PO3006", "--from", "2026-11-01", "--to", "2026-11-30")
    assert [(it["code"], it["count"]) for it in found["warnings"]] == [("not_over", 8)]


# --- Files


@pytest.mark.usefixtures("three_cases")
def test_a_file_and_nothing_on_standard_output(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert run(*JUNE, "--output", str(file)) == (0, "", "")
    assert json.loads(file.read_text()) == document(*JUNE)


@pytest.mark.usefixtures("three_cases")
def test_csv_on_standard_output() -> None:
    code, out, err = run(*JUNE, "--format", "csv")
    assert (code, err) == (0, "")
    rows = list(csv.reader(StringIO(out.removeprefix("\ufeff")), delimiter=";"))
    assert [it[3] for it in rows if it[:2] == ["figures", "end"]] == ["3"]


@pytest.mark.usefixtures("three_cases")
@pytest.mark.parametrize(("format", "begins"), [("xlsx", b"PK"), ("pdf", b"%PDF-")])
def test_other_files(format: str, begins: bytes, tmp_path: Path) -> None:
    file = tmp_path / "report"
    assert run(*JUNE, "--format", format, "--output", str(file)) == (0, "", "")
    assert file.read_bytes().startswith(begins)


def test_bytes_on_standard_output(places: Places, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("period_report", *JUNE, "--format", "xlsx")
    out, err = capfdbinary.readouterr()
    assert (out[:2], err) == (b"PK", b"")


def test_no_bytes_on_a_screen(places: Places) -> None:
    class Screen(StringIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(CommandError, match="--output") as refused:
        call_command("period_report", *JUNE, "--format", "pdf", stdout=Screen())
    assert refused.value.returncode == 2


# --- What is refused


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--partnership", "PO3006", "--from", "2026-06-30", "--to", "2026-06-01"), "ends before it begins"),
        (("--partnership", "PO3007", *JUNE[2:]), "no partnership with this number"),
        (("--partnership", "Nergens", *JUNE[2:]), "PO or VO with four digits"),
        (("--partnership", "", *JUNE[2:]), "PO or VO with four digits"),
    ],
)
def test_what_cannot_be_counted(places: Places, options: tuple[str, ...], says: str) -> None:
    with translation.override("en"):
        code, out, err = run(*options)
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    "options",
    [
        ("--partnership", "PO3006", "--from", "01-06-2026", "--to", "2026-06-30"),
        ("--partnership", "PO3006", "--from", "2026-6-1", "--to", "2026-06-30"),
        ("--partnership", "PO3006", "--from", "20260601", "--to", "2026-06-30"),
        ("--partnership", "PO3006", "--from", "2026-06-31", "--to", "2026-07-30"),
        ("--partnership", "PO3006", "--from", "2026-06-01", "--to", "9999-12-31"),
        ("--partnership", "PO3006", "--from", "0001-01-01", "--to", "2026-06-30"),
        (*JUNE, "--definition", "D5"),
        (*JUNE, "--format", "docx"),
        (*JUNE, "--known-at", "gisteren"),
        (*JUNE, "--known-at", "2026-06-31"),
        (*JUNE, "--known-at", "2026-06-30T25:00"),
        (*JUNE, "--known-at", "2026-W27-1"),
        (*JUNE, "--known-at", "9999-12-31T23:00"),
        JUNE[:4],
        JUNE[2:],
    ],
)
def test_unusable_arguments(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        period_report.Command().run_from_argv(["manage.py", "period_report", *options])
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert "error: " in err


def test_a_file_that_cannot_be_written(places: Places, tmp_path: Path) -> None:
    code, out, err = run(*JUNE, "--output", str(tmp_path / "none" / "report.json"))
    assert (code, out) == (2, "")
    assert err


def test_counting_writes_nothing(three_cases: None) -> None:
    with connection.execute_wrapper(_only_reads):
        document(*JUNE)


def _only_reads(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.lstrip().upper().startswith(("SELECT", "SAVEPOINT", "RELEASE"))
    return execute(sql, params, many, context)


def test_the_threshold_of_a_moment_is_that_of_amsterdam() -> None:
    moment = period_report.a_moment("2026-10-25T02:30")
    assert moment.utcoffset() == dt.timedelta(hours=2)
