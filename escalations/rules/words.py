"""A rule in words: when it is due, how often, and who is told."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalations.enums import Unit
from escalations.rules.choices import in_order
from escalations.rules.due import Span
from escalations.rules.table import Rule

_ABSENT = gettext_lazy("the first day absent")
_SIGNAL = gettext_lazy("the day of the signal")
_END = gettext_lazy("the end")
_DEADLINE = gettext_lazy("the deadline of the action")

#: The date from which each rule counts, as it stands in a sentence.
COUNTS_FROM: dict[str, Promise] = {
    "R05": _ABSENT,
    "R10": _ABSENT,
    "R11": _ABSENT,
    "R12": gettext_lazy("the start of the plan"),
    "R13": _ABSENT,
    "R14": gettext_lazy("the last progress note, or else the day of the signal"),
    "R15": gettext_lazy("the quarterly date"),
    "R16a": _END,
    "R16b": _END,
    "R17": _SIGNAL,
    "R18": _SIGNAL,
    "R18x": _SIGNAL,
    "R19": gettext_lazy("the evaluation date"),
    "R20": gettext_lazy("the review date"),
    "R21": gettext_lazy("the start of the remote education"),
    "R22": gettext_lazy("the Monday after the two weeks"),
    "R23": _DEADLINE,
    "R23x": _DEADLINE,
    "R24": gettext_lazy("the day of the invitation"),
}


def span(number: int, unit: Unit) -> str:
    """ "10 school days"."""
    match unit:
        case Unit.CALENDAR_MONTHS:
            return ngettext("%(count)s month", "%(count)s months", number) % {"count": number}
        case Unit.SCHOOL_DAYS:
            return ngettext("%(count)s school day", "%(count)s school days", number) % {"count": number}
        case Unit.WORKING_DAYS:
            return ngettext("%(count)s working day", "%(count)s working days", number) % {"count": number}
    return ngettext("%(count)s day", "%(count)s days", number) % {"count": number}


def threshold(rule: Rule) -> str:
    """ "10 school days after the first day absent"."""
    number, unit, what = rule.threshold.number, rule.threshold.unit, COUNTS_FROM[rule.code]
    if number == 0:
        return _("On %(what)s") % {"what": what}
    if number < 0:
        return _("%(span)s before %(what)s") % {"span": span(-number, unit), "what": what}
    return _("%(span)s after %(what)s") % {"span": span(number, unit), "what": what}


def repetition(repeat: Span | None) -> str:
    """ "Every 5 school days"."""
    if repeat is None:
        return _("Once")
    number = repeat.number
    match repeat.unit:
        case Unit.CALENDAR_MONTHS:
            return ngettext("Every month", "Every %(count)s months", number) % {"count": number}
        case Unit.SCHOOL_DAYS:
            return ngettext("Every school day", "Every %(count)s school days", number) % {"count": number}
        case Unit.WORKING_DAYS:
            return ngettext("Every working day", "Every %(count)s working days", number) % {"count": number}
    return ngettext("Every day", "Every %(count)s days", number) % {"count": number}


def recipients(rule: Rule) -> list[str]:
    return [str(recipient.label) for recipient in in_order(rule.recipients)]


def ask_threshold(rule: Rule) -> str:
    """What a form asks for."""
    what = COUNTS_FROM[rule.code]
    if rule.threshold.number < 0:
        return _("Number of days before %(what)s") % {"what": what}
    match rule.threshold.unit:
        case Unit.CALENDAR_MONTHS:
            return _("Number of months after %(what)s") % {"what": what}
        case Unit.SCHOOL_DAYS:
            return _("Number of school days after %(what)s") % {"what": what}
        case Unit.WORKING_DAYS:
            return _("Number of working days after %(what)s") % {"what": what}
    return _("Number of days after %(what)s") % {"what": what}


def ask_repeat(unit: Unit) -> str:
    match unit:
        case Unit.CALENDAR_MONTHS:
            return _("Again after so many months")
        case Unit.SCHOOL_DAYS:
            return _("Again after so many school days")
        case Unit.WORKING_DAYS:
            return _("Again after so many working days")
    return _("Again after so many days")
