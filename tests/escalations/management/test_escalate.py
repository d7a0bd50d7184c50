"""`manage.py escalate`: its output, its exit codes, and a register that is swept for the first time."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from escalations.models import Reminder
from schools.models import Organisation, Partnership
from tests.escalations.oracle import Oracle, in_database
from tests.factories.register import NOW, TODAY, Import, row

pytestmark = pytest.mark.django_db

DEMO = Path(__file__).resolve().parents[3] / "demo"


@pytest.fixture(autouse=True)
def _at_two_o_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def one_case(bring_in: Import) -> None:
    """Absent since 1 June 2026, signalled on the 10th; the schools are new."""
    assert bring_in(row()).created == 1


def run(*options: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("escalate", *options, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    except SystemExit as leaving:
        return int(str(leaving.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


EVERY_RULE = {"R05": 1, "R10": 1, "R11": 1, "R13": 1, "R14": 1, "R17": 1, "R18": 1, "R18x": 1}


def test_one_document(one_case: None) -> None:
    code, out, err = run("--on", "2026-11-22", "--json")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    found = json.loads(out)
    assert list(found) == ["on", "open_cases", "due", "created", "cancelled", "by_rule"]
    assert found == {
        "on": "2026-11-22",
        "open_cases": 1,
        "due": 8,
        "created": 8,
        "cancelled": 0,
        "by_rule": EVERY_RULE,
    }
    assert list(found["by_rule"]) == sorted(EVERY_RULE)
    assert Reminder.objects.count() == 8


def test_again_makes_nothing(one_case: None) -> None:
    run("--on", "2026-11-22")
    before = set(Reminder.objects.values_list())
    assert json.loads(run("--on", "2026-11-22", "--json")[1]) == {
        "on": "2026-11-22",
        "open_cases": 1,
        "due": 8,
        "created": 0,
        "cancelled": 0,
        "by_rule": {},
    }
    assert set(Reminder.objects.values_list()) == before


def test_in_words(one_case: None) -> None:
    code, out, err = run("--on", "2026-07-08")  # before R11 and R13; the 37th day
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "on: 2026-07-08, open_cases: 1, due: 5, created: 5, cancelled: 0",
        "  R05: 1",
        "  R10: 1",
        "  R17: 1",
        "  R18: 1",
        "  R18x: 1",
    ]


def test_trying_out_writes_nothing_and_says_what_comes(one_case: None) -> None:
    code, tried, _ = run("--on", "2026-11-22", "--dry-run", "--json")
    assert (code, Reminder.objects.count()) == (0, 0)
    assert tried == run("--on", "2026-11-22", "--json")[1]


def test_without_a_day_it_is_today(one_case: None) -> None:
    assert json.loads(run("--json")[1])["on"] == TODAY.isoformat() == "2026-11-22"
    with time_machine.travel(dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC), tick=False):
        assert json.loads(run("--json")[1])["on"] == "2026-11-23"  # in Amsterdam the day has begun


@pytest.mark.parametrize(
    "text",
    [
        "22-11-2026",
        "2026-02-30",
        "2026-13-01",
        "tomorrow",
        "",
        "2026-11-22T10:00",
        "2026-1-5",
        "20261122",
        "0001-01-01",
        "9999-12-31",
    ],
)
def test_no_date_is_exit_2(db: None, text: str) -> None:
    code, out, _ = run_by_name("--on", text)
    assert (code, out) == (2, "")


@pytest.mark.parametrize("on", ["1900-01-01", "1989-05-01", "2059-12-31", "2101-01-01", "2999-12-31"])
def test_days_far_off_can_be_swept(one_case: None, on: str) -> None:
    Organisation.objects.update(added_on=dt.date(2020, 1, 1))
    code, out, err = run("--on", on, "--json")
    assert (code, json.loads(out)["on"], err) == (0, on, "")


def test_an_unknown_option_is_exit_2(db: None) -> None:
    assert run_by_name("--partnership", "PO3006")[:2] == (2, "")


def test_help(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = run_by_name("--help")
    assert code == 0
    assert "--dry-run" in capsys.readouterr().out


def run_by_name(*options: str) -> tuple[int, str, str]:
    """As from a shell: what argparse refuses leaves with its own code."""
    from escalations.management.commands.escalate import Command

    out, err = StringIO(), StringIO()
    try:
        Command(stdout=out, stderr=err).run_from_argv(["manage.py", "escalate", *options])
    except SystemExit as leaving:
        return int(str(leaving.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_register_that_comes_in_again_makes_nothing(bring_in: Import) -> None:
    rows = [row(dossier=f"A-{n}", voornaam=f"Noor {n}") for n in range(3)]
    bring_in(*rows)
    assert json.loads(run("--json")[1])["created"] == 24
    bring_in(*rows)
    assert json.loads(run("--json")[1]) == {
        "on": "2026-11-22", "open_cases": 3, "due": 24, "created": 0, "cancelled": 0, "by_rule": {},
    }  # fmt: skip


def test_what_changed_in_the_register_moves_with_it(bring_in: Import) -> None:
    bring_in(row())
    run()
    assert bring_in(row(eerste_verzuimdag="2026-06-02")).updated == 1
    found = json.loads(run("--json")[1])
    assert (found["due"], found["created"], found["cancelled"]) == (8, 4, 4)
    assert found["by_rule"] == {"R05": 1, "R10": 1, "R11": 1, "R13": 1}


def test_the_demo_swept_for_the_first_time_is_one_reminder_for_each_rule_and_object(db: None) -> None:
    call_command(
        "import_organisations", str(DEMO / "organisations.csv"), stdout=StringIO(), stderr=StringIO()
    )
    call_command("import_register", str(DEMO / "register.csv"), stdout=StringIO(), stderr=StringIO())
    Organisation.objects.update(added_on=dt.date(2026, 1, 1))
    found = json.loads(run("--json")[1])
    pairs = Counter(Reminder.objects.values_list("rule", "about", "object_id", "partnership"))
    assert found["created"] == found["due"] == len(pairs) == Reminder.objects.count() > 300
    assert set(pairs.values()) == {1}
    expected = {}
    for partnership in Partnership.objects.all():
        oracle = Oracle(partnership)
        expected[partnership.number] = oracle.sweep(TODAY)
        assert in_database(partnership) == oracle.as_rows()
    assert found["due"] == sum(told.due for told in expected.values())
    assert found["open_cases"] == sum(told.open_cases for told in expected.values())
    assert found["by_rule"] == dict(
        sorted(sum((told.by_rule for told in expected.values()), Counter()).items())
    )
    assert json.loads(run("--json")[1])["created"] == 0
