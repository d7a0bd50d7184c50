"""What a partnership may choose of a rule, and what is wrong with a choice.

Source: contracts/rules.md: a rule may be switched off, and its threshold, recipients and repetition changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from escalations.enums import Recipient, Unit
from escalations.rules.due import Span
from escalations.rules.table import ATTESTATION, RULES, Rule

LONGEST_TEXT = 300
#: The least and the most of a threshold, by its unit.
THRESHOLDS = {
    Unit.CALENDAR_DAYS: (0, 730),
    Unit.CALENDAR_MONTHS: (1, 24),
    Unit.SCHOOL_DAYS: (0, 200),
    Unit.WORKING_DAYS: (0, 200),
}
#: Of a rule that looks ahead to a date: below zero.
BEFORE = (-365, -1)
REPEATS = (1, 365)

_ABOUT_A_CASE = (
    Recipient.COORDINATOR,
    Recipient.CASE_LEAD,
    Recipient.CASE_MANAGER,
    Recipient.ESCALATION_CONTACT,
)
#: Who of more than these can be told. About a school there is no case lead.
_OF_A_RULE = {
    ATTESTATION: (Recipient.COORDINATOR, Recipient.CASE_MANAGER, Recipient.ESCALATION_CONTACT),
    "R23": (*_ABOUT_A_CASE, Recipient.ACTION_OWNER),
    "R23x": (*_ABOUT_A_CASE, Recipient.ACTION_OWNER),
    "R24": (*_ABOUT_A_CASE, Recipient.INVITER),
}


@dataclass(frozen=True)
class Choice:
    """A rule as somebody wants it. `threshold` and `repeat` are numbers of the units that the rule has;
    `repeat` None: once."""

    active: bool
    threshold: int
    repeat: int | None
    recipients: tuple[str, ...]
    text: str = ""


def recipients_for(code: str) -> tuple[Recipient, ...]:
    """Who can be told of a rule, in the order of the screen."""
    return _OF_A_RULE.get(code, _ABOUT_A_CASE)


def in_order(recipients: Iterable[str]) -> tuple[Recipient, ...]:
    """Each once, in the order of the screen; what is no recipient is left out."""
    chosen = set(recipients)
    return tuple(recipient for recipient in Recipient if recipient.value in chosen)


def looks_ahead(code: str) -> bool:
    """Whether the rule counts back from a date to come."""
    return RULES[code].threshold.number < 0


def threshold_bounds(code: str) -> tuple[int, int]:
    return BEFORE if looks_ahead(code) else THRESHOLDS[RULES[code].threshold.unit]


def repeat_unit(code: str) -> Unit:
    """The unit of a repetition: that of the default, or where that comes once that of its threshold."""
    rule = RULES[code]
    return rule.repeat.unit if rule.repeat else rule.threshold.unit


def choice_of(rule: Rule) -> Choice:
    """What a rule says now. Two rules that do the same are the same choice."""
    return Choice(
        rule.active,
        rule.threshold.number,
        rule.repeat.number if rule.repeat else None,
        in_order(rule.recipients),
        rule.text,
    )


def with_choice(code: str, choice: Choice) -> Rule:
    """The default rule with what was chosen of it."""
    rule = RULES[code]
    return replace(
        rule,
        active=choice.active,
        threshold=Span(choice.threshold, rule.threshold.unit),
        repeat=Span(choice.repeat, repeat_unit(code)) if choice.repeat else None,
        recipients=in_order(choice.recipients),
        text=choice.text,
    )


def is_changed(rule: Rule) -> bool:
    """Whether it differs from its default."""
    return choice_of(rule) != choice_of(RULES[rule.code])


def wrong_with(code: str, choice: Choice) -> dict[str, str]:
    """A sentence for each field of a choice that cannot be right."""
    found = {
        "threshold": _threshold(code, choice.threshold),
        "repeat": _repeat(choice.repeat),
        "recipients": _recipients(code, choice.recipients),
        "text": _text(choice.text),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def _threshold(code: str, number: int) -> str:
    least, most = threshold_bounds(code)
    if least <= number <= most:
        return ""
    if looks_ahead(code):
        least, most = -most, -least
    return _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}


def _repeat(number: int | None) -> str:
    least, most = REPEATS
    if number is None or least <= number <= most:
        return ""
    bounds = {"least": least, "most": most}
    return _("Enter a whole number from %(least)s to %(most)s, or nothing: then it comes once.") % bounds


def _recipients(code: str, recipients: Sequence[str]) -> str:
    if not recipients:
        return _("Choose at least one recipient.")
    if not set(recipients) <= {recipient.value for recipient in recipients_for(code)}:
        return _("Choose only recipients that this rule knows.")
    return ""


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        return _("Write at most %(most)s characters.") % {"most": LONGEST_TEXT}
    if text.splitlines()[1:]:
        return _("Write one paragraph, without line breaks.")
    return ""
