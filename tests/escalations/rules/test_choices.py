"""What a partnership may choose of each rule."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from escalations.enums import Unit
from escalations.rules import RULES, Span, words
from escalations.rules.choices import (
    choice_of,
    in_order,
    is_changed,
    recipients_for,
    repeat_unit,
    with_choice,
    wrong_with,
)

CASE = "coordinator case_lead case_manager escalation_contact"
#: Who can be told of which rule.
RECIPIENTS = {
    "R15": "coordinator case_manager escalation_contact",
    "R23": f"{CASE} action_owner",
    "R23x": f"{CASE} action_owner",
    "R24": f"{CASE} inviter",
}


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.mark.parametrize("code", RULES)
def test_who_can_be_told(code: str) -> None:
    assert " ".join(recipients_for(code)) == RECIPIENTS.get(code, CASE)


@pytest.mark.parametrize("code", RULES)
def test_the_default_is_a_choice_that_is_right_and_no_change(code: str) -> None:
    default = RULES[code]
    assert wrong_with(code, choice_of(default)) == {}
    same = with_choice(code, choice_of(default))
    assert choice_of(same) == choice_of(default)
    assert not is_changed(same)
    assert (same.threshold, same.repeat) == (default.threshold, default.repeat)


TO_730 = "Enter a whole number from 0 to 730."
TO_24 = "Enter a whole number from 1 to 24."
TO_200 = "Enter a whole number from 0 to 200."
AHEAD = "Enter a whole number from 1 to 365."
OFTEN = "Enter a whole number from 1 to 365, or nothing: then it comes once."
LONG = "Write at most 300 characters."
PARAGRAPH = "Write one paragraph, without line breaks."
NOBODY = "Choose at least one recipient."
STRANGERS = "Choose only recipients that this rule knows."


@pytest.mark.parametrize(
    ("code", "chosen", "wrong"),
    [
        ("R10", {"threshold": 0}, {}),
        ("R10", {"threshold": 730}, {}),
        ("R10", {"threshold": -1}, {"threshold": TO_730}),
        ("R10", {"threshold": 731}, {"threshold": TO_730}),
        ("R13", {"threshold": 1}, {}),
        ("R13", {"threshold": 24}, {}),
        ("R13", {"threshold": 0}, {"threshold": TO_24}),
        ("R13", {"threshold": 25}, {"threshold": TO_24}),
        ("R05", {"threshold": 200}, {}),
        ("R05", {"threshold": 201}, {"threshold": TO_200}),
        ("R24", {"threshold": 0}, {}),
        ("R24", {"threshold": 201}, {"threshold": TO_200}),
        ("R16a", {"threshold": -365}, {}),
        ("R16a", {"threshold": -1}, {}),
        ("R16a", {"threshold": 0}, {"threshold": AHEAD}),
        ("R16b", {"threshold": 30}, {"threshold": AHEAD}),
        ("R16b", {"threshold": -366}, {"threshold": AHEAD}),
        ("R10", {"repeat": 1}, {}),
        ("R10", {"repeat": 365}, {}),
        ("R10", {"repeat": None}, {}),
        ("R10", {"repeat": 0}, {"repeat": OFTEN}),
        ("R10", {"repeat": 366}, {"repeat": OFTEN}),
        ("R10", {"recipients": ()}, {"recipients": NOBODY}),
        ("R10", {"recipients": ("case_lead",)}, {}),
        ("R10", {"recipients": ("inviter",)}, {"recipients": STRANGERS}),
        ("R10", {"recipients": ("coordinator", "pupil")}, {"recipients": STRANGERS}),
        ("R15", {"recipients": ("case_lead",)}, {"recipients": STRANGERS}),
        ("R10", {"text": "x" * 300}, {}),
        ("R10", {"text": "x" * 301}, {"text": LONG}),
        ("R10", {"text": "Bel ons.\nNu."}, {"text": PARAGRAPH}),
        (
            "R10",
            {"threshold": 999, "repeat": 0, "recipients": (), "text": "a\r\nb"},
            {"threshold": TO_730, "repeat": OFTEN, "recipients": NOBODY, "text": PARAGRAPH},
        ),
    ],
)
def test_what_is_wrong_with_a_choice(code: str, chosen: dict[str, Any], wrong: dict[str, str]) -> None:
    assert wrong_with(code, replace(choice_of(RULES[code]), **chosen)) == wrong


def test_recipients_come_in_one_order_and_once() -> None:
    assert in_order(["case_manager", "coordinator", "case_manager", "nobody"]) == (
        "coordinator",
        "case_manager",
    )


def test_a_repetition_counts_in_the_unit_of_the_rule() -> None:
    found = {code: repeat_unit(code).value for code in ("R05", "R12", "R13", "R17", "R23x", "R24")}
    assert found == {
        "R05": "school days",
        "R12": "calendar days",
        "R13": "calendar days",
        "R17": "school days",
        "R23x": "school days",
        "R24": "working days",
    }
    twice = with_choice("R05", replace(choice_of(RULES["R05"]), repeat=5))
    assert twice.repeat == Span(5, Unit.SCHOOL_DAYS)


def test_rules_in_words() -> None:
    assert {code: (words.threshold(rule), words.repetition(rule.repeat)) for code, rule in RULES.items()} == {
        "R05": ("10 school days after the first day absent", "Once"),
        "R10": ("29 days after the first day absent", "Once"),
        "R11": ("42 days after the first day absent", "Once"),
        "R12": ("56 days after the start of the plan", "Once"),
        "R13": ("3 months after the first day absent", "Every 28 days"),
        "R14": ("42 days after the last progress note, or else the day of the signal", "Every 14 days"),
        "R15": ("On the quarterly date", "Every 7 days"),
        "R16a": ("90 days before the end", "Once"),
        "R16b": ("30 days before the end", "Once"),
        "R17": ("5 school days after the day of the signal", "Every 5 school days"),
        "R18": ("10 school days after the day of the signal", "Every 5 school days"),
        "R18x": ("20 school days after the day of the signal", "Every 10 school days"),
        "R19": ("On the evaluation date", "Every 7 days"),
        "R20": ("On the review date", "Every 7 days"),
        "R21": ("3 months after the start of the remote education", "Every 28 days"),
        "R22": ("On the Monday after the two weeks", "Every 7 days"),
        "R23": ("1 school day after the deadline of the action", "Every 5 school days"),
        "R23x": ("10 school days after the deadline of the action", "Once"),
        "R24": ("5 working days after the day of the invitation", "Once"),
    }
