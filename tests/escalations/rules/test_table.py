"""The default rules are contracts/rules.csv, exactly and in its order."""

import csv
from pathlib import Path

from escalations.rules import RULES, Rule
from escalations.rules.table import WAITING

CONTRACT = Path(__file__).parents[2] / "contracts" / "rules.csv"


def lines() -> list[dict[str, str]]:
    with CONTRACT.open() as file:
        return list(csv.DictReader(file))


def repeated(line: dict[str, str]) -> tuple[int, str] | None:
    """`once`, `once per plan`, `once per end date`, or `every NUMBER UNIT`."""
    if line["repeat"].startswith("once"):
        return None
    every, number, unit = line["repeat"].split(" ", 2)
    assert every == "every"
    return int(number), unit


def as_told(rule: Rule) -> tuple[str, int, str, list[str], tuple[int, str] | None]:
    repeat = (rule.repeat.number, rule.repeat.unit.value) if rule.repeat else None
    recipients = [recipient.value for recipient in rule.recipients]
    return rule.code, rule.threshold.number, rule.threshold.unit.value, recipients, repeat


def test_the_rules_are_those_of_the_contract() -> None:
    assert [as_told(rule) for rule in RULES.values()] == [
        (
            line["code"],
            int(line["threshold"]),
            line["unit"],
            line["recipients"].replace("action owner", "action_owner").split(";"),
            repeated(line),
        )
        for line in lines()
    ]


def test_there_are_nineteen_each_under_its_own_code() -> None:
    assert list(RULES) == [
        "R05", "R10", "R11", "R12", "R13", "R14", "R15", "R16a", "R16b", "R17", "R18", "R18x", "R19", "R20",
        "R21", "R22", "R23", "R23x", "R24",
    ]  # fmt: skip
    assert [code for code, rule in RULES.items() if rule.code != code] == []


def test_all_are_in_force_but_the_one_that_waits_for_what_it_looks_at() -> None:
    assert [code for code, rule in RULES.items() if not rule.active] == ["R22"]
    assert frozenset({"R22"}) == WAITING


def test_how_high_each_reaches() -> None:
    assert {code: int(rule.level) for code, rule in RULES.items()} == {
        "R05": 1, "R10": 2, "R11": 2, "R12": 2, "R13": 3, "R14": 2, "R15": 1, "R16a": 2, "R16b": 2, "R17": 2,
        "R18": 2, "R18x": 3, "R19": 2, "R20": 2, "R21": 2, "R22": 2, "R23": 1, "R23x": 2, "R24": 1,
    }  # fmt: skip
