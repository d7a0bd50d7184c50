"""What reminders say in the inbox and by mail: a case number, what is asked and since when. Never a name."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from escalations.queries.notices import may_get
from escalations.rules import RULES, Rule
from notifications.kinds import Frequency, register, register_topic

#: The topics of reminders, with the rules of each. Those that must reach somebody cannot be turned off.
TOPICS = {
    "reminders_absence": ("R05", "R10", "R11", "R13"),
    "reminders_start": ("R14", "R17", "R18", "R18x"),
    "reminders_plans": ("R12", "R16a", "R16b", "R19", "R20", "R21", "R22"),
    "reminders_actions": ("R23", "R23x", "R24"),
    "reminders_attestation": ("R15",),
}
STANDS_IN = _("You get this because nobody has the role that it is meant for.")
TOPIC_OF = {code: topic for topic, codes in TOPICS.items() for code in codes}


def kind_of(code: str, *, instead: bool, changed: bool = False) -> str:
    """The kind of the notice of a rule. `instead`: to who stands in for a role that nobody has. `changed`:
    with another threshold than the title of the rule names."""
    return f"reminder_{code}{'_changed' if changed else ''}{'_instead' if instead else ''}"


def register_all() -> None:
    """Called once, in `EscalationsConfig.ready`."""
    register_topic(
        "reminders_absence",
        _("Reminders of long absence"),
        _("Ten school days, four weeks, six weeks and three months at home."),
        default=Frequency.AT_ONCE,
        required=True,
    )
    register_topic(
        "reminders_start",
        _("Reminders of cases that stand still"),
        _("No case lead, no arrangement, or no progress note for too long."),
        default=Frequency.AT_ONCE,
        required=True,
    )
    register_topic(
        "reminders_plans",
        _("Reminders of plans and exemptions"),
        _("A plan must be evaluated, or ends soon."),
        default=Frequency.AT_ONCE,
    )
    register_topic(
        "reminders_actions",
        _("Reminders of actions and invitations"),
        _("An action is overdue, or an invitation was not answered."),
        default=Frequency.AT_ONCE,
    )
    register_topic(
        "reminders_attestation",
        _("Reminders of the quarterly attestation"),
        _("Your school confirms its list four times a year."),
        default=Frequency.AT_ONCE,
        required=True,
    )
    for code, rule in RULES.items():
        for changed in (False, True):
            body = _body(rule, changed=changed)
            asked = format_lazy("%(number)s: {asks}", asks=rule.asks)
            for instead in (False, True):
                whole = format_lazy("{body} {why}", body=body, why=STANDS_IN) if instead else body
                kind = kind_of(code, instead=instead, changed=changed)
                register(kind, asked, whole, topic=TOPIC_OF[code], may_get=may_get)


def _body(rule: Rule, *, changed: bool) -> str | Promise:
    """Why it came and since when; the title of a rule names its own threshold."""
    since = format_lazy("{since}: %(since)s.%(own)s", since=rule.since)
    return since if changed else format_lazy("{title}. {since}", title=rule.title, since=since)
