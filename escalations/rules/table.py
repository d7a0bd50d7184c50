"""The default rules, one row for each of contracts/rules.csv, in its order.

They are in force for every partnership; what one changed of them stands in `RuleSetting`.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from escalations.enums import About, Level, Recipient, Unit
from escalations.rules import conditions
from escalations.rules.due import Span
from escalations.rules.facts import CaseFacts

#: What a rule finds in a case on a day: objects for which its condition holds, and the date it counts from.
Found = Iterable[tuple[About, int, dt.date]]

LEVELS: dict[Recipient, Level] = {
    Recipient.COORDINATOR: Level.FIRST,
    Recipient.ACTION_OWNER: Level.FIRST,
    Recipient.INVITER: Level.FIRST,
    Recipient.CASE_LEAD: Level.SECOND,
    Recipient.CASE_MANAGER: Level.SECOND,
    Recipient.ESCALATION_CONTACT: Level.THIRD,
}

A_WEEK = 7


@dataclass(frozen=True)
class Rule:
    """One rule, as it stands by default or as a partnership changed it.

    `finds`: the objects of a case for which the condition holds on a day. `within`: calendar days in which an
    answer is expected, None: by the date it counts from. `postponed_at_most`: calendar days. `text` is what a
    partnership adds in its own words.
    """

    code: str
    title: Promise
    asks: Promise
    since: Promise
    origin: Promise
    finds: Callable[[CaseFacts, dt.date], Found]
    threshold: Span
    recipients: tuple[Recipient, ...]
    repeat: Span | None = None
    active: bool = True
    within: int | None = A_WEEK
    postponed_at_most: int = 14
    text: str = ""

    @cached_property
    def is_counted_otherwise(self) -> bool:
        """Whether a partnership chose another threshold than the title names."""
        return self.threshold != RULES[self.code].threshold

    @cached_property
    def level(self) -> Level:
        """How high up the ladder it reaches: as high as the highest of who are told."""
        return max(LEVELS[recipient] for recipient in self.recipients)

    def by_when(self, *, made_on: dt.date, counts_from: dt.date) -> dt.date:
        """The day by which an answer is expected: counted from when it is made, which may be long after it
        was due."""
        return counts_from if self.within is None else made_on + dt.timedelta(days=self.within)


def _days(number: int) -> Span:
    return Span(number, Unit.CALENDAR_DAYS)


def _months(number: int) -> Span:
    return Span(number, Unit.CALENDAR_MONTHS)


def _school_days(number: int) -> Span:
    return Span(number, Unit.SCHOOL_DAYS)


def _working_days(number: int) -> Span:
    return Span(number, Unit.WORKING_DAYS)


_ABSENT_SINCE = _("First day absent")
_SIGNALLED = _("Signalled on")
_ENDS = _("Ends on")
_PRACTICE = _("Terugkeer's own proposal; no law prescribes it")

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            "R05",
            _("Ten school days absent"),
            _("Involve the youth doctor and tell the partnership"),
            _ABSENT_SINCE,
            _("Sickness absence protocols of schools (more than ten school days)"),
            conditions.absent,
            _school_days(10),
            (Recipient.COORDINATOR,),
        ),
        Rule(
            "R10",
            _("More than four weeks absent: thuiszitter"),
            _("Report to the verzuimloket when unauthorised, hold a conference and name a case lead"),
            _ABSENT_SINCE,
            _("Definition of the ministry since 2016; the conference within 14 days is our proposal"),
            conditions.absent,
            _days(29),
            (Recipient.COORDINATOR, Recipient.CASE_MANAGER),
            within=14,
        ),
        Rule(
            "R11",
            _("Six weeks without a fitting offer"),
            _("Put the case on the agenda of the thuiszitters' meeting"),
            _ABSENT_SINCE,
            _PRACTICE,
            conditions.absent_without_offer,
            _days(42),
            (Recipient.CASE_MANAGER,),
        ),
        Rule(
            "R12",
            _("Eight weeks into a plan"),
            _("Evaluate the plan with pupil and parents"),
            _("Start of the plan"),
            _("The pupil's right to be heard (hoorrecht); eight weeks is our proposal"),
            conditions.plan_not_evaluated,
            _days(56),
            (Recipient.COORDINATOR, Recipient.CASE_MANAGER),
        ),
        Rule(
            "R13",
            _("Three months without a fitting offer"),
            _("Invoke the power to decide (doorzettingsmacht)"),
            _ABSENT_SINCE,
            _("Thuiszitterspact of 13 June 2016: no child longer than three months without a fitting offer"),
            conditions.absent_without_offer,
            _months(3),
            (Recipient.CASE_MANAGER, Recipient.ESCALATION_CONTACT),
            _days(28),
            postponed_at_most=7,
        ),
        Rule(
            "R14",
            _("Six weeks without a progress note"),
            _("Write down how it goes, or what holds it up"),
            _("Last progress note, or else signalled on"),
            _PRACTICE,
            conditions.without_progress,
            _days(42),
            (Recipient.CASE_LEAD,),
            _days(14),
        ),
        Rule(
            "R15",
            _("Quarterly attestation of the school"),
            _("Confirm the list of your school"),
            _("Quarterly date"),
            _("Partnerships ask their schools on 15 March, June, September and December"),
            conditions.nothing,
            _days(0),
            (Recipient.COORDINATOR,),
            _days(7),
        ),
        Rule(
            "R16a",
            _("A plan or an exemption ends in 90 days"),
            _("Renew it or prepare for its end"),
            _ENDS,
            _("Requests for a next period have to be in time (tlv, exemption before 1 July)"),
            conditions.ends,
            _days(-90),
            (Recipient.COORDINATOR, Recipient.CASE_MANAGER),
            within=None,
            postponed_at_most=30,
        ),
        Rule(
            "R16b",
            _("A plan or an exemption ends in 30 days"),
            _("Renew it or prepare for its end"),
            _ENDS,
            _("Requests for a next period have to be in time (tlv, exemption before 1 July)"),
            conditions.ends,
            _days(-30),
            (Recipient.COORDINATOR, Recipient.CASE_MANAGER),
            within=None,
        ),
        Rule(
            "R17",
            _("Signalled and nobody leads the case"),
            _("Choose who leads this case"),
            _SIGNALLED,
            _PRACTICE,
            conditions.signalled_without_lead,
            _school_days(5),
            (Recipient.CASE_MANAGER,),
            _school_days(5),
        ),
        Rule(
            "R18",
            _("Signalled and still no arrangement"),
            _("Agree on an arrangement"),
            _SIGNALLED,
            _PRACTICE,
            conditions.signalled,
            _school_days(10),
            (Recipient.CASE_LEAD, Recipient.COORDINATOR),
            _school_days(5),
        ),
        Rule(
            "R18x",
            _("Signalled for twenty school days"),
            _("See to it that there is an arrangement"),
            _SIGNALLED,
            _PRACTICE,
            conditions.signalled,
            _school_days(20),
            (Recipient.ESCALATION_CONTACT,),
            _school_days(10),
            postponed_at_most=7,
        ),
        Rule(
            "R19",
            _("The arrangement must be evaluated"),
            _("Evaluate the arrangement"),
            _("Evaluation date"),
            _("Agreed in the arrangement itself"),
            conditions.arrangement_to_evaluate,
            _days(0),
            (Recipient.CASE_LEAD,),
            _days(7),
        ),
        Rule(
            "R20",
            _("The remote education must be reviewed"),
            _("Review the remote education"),
            _("Review date"),
            _("Agreed in the plan itself"),
            conditions.remote_education_to_review,
            _days(0),
            (Recipient.CASE_LEAD,),
            _days(7),
        ),
        Rule(
            "R21",
            _("Three months of remote education"),
            _("Say what the way back looks like"),
            _("Remote education since"),
            _PRACTICE,
            conditions.in_remote_education,
            _months(3),
            (Recipient.CASE_MANAGER,),
            _days(28),
        ),
        # Looks at the weeks registered of a return, which are not kept yet: its `finds` comes with them.
        Rule(
            "R22",
            _("The return falls behind"),
            _("Find out why the planned hours are not met"),
            _("Monday after the two weeks"),
            _PRACTICE,
            conditions.nothing,
            _days(0),
            (Recipient.COORDINATOR, Recipient.CASE_LEAD),
            _days(7),
            active=False,
        ),
        Rule(
            "R23",
            _("An action is overdue"),
            _("Do the action, or say what came of it"),
            _("Deadline of the action"),
            _("Agreed in the case itself"),
            conditions.open_actions,
            _school_days(1),
            (Recipient.ACTION_OWNER,),
            _school_days(5),
        ),
        Rule(
            "R23x",
            _("An action is ten school days overdue"),
            _("See to it that the action is done"),
            _("Deadline of the action"),
            _("Agreed in the case itself"),
            conditions.open_actions,
            _school_days(10),
            (Recipient.CASE_LEAD,),
        ),
        Rule(
            "R24",
            _("An invitation is unanswered"),
            _("Ask the partner for an answer, or withdraw the invitation"),
            _("Invited on"),
            _PRACTICE,
            conditions.unanswered_invitations,
            _working_days(5),
            (Recipient.INVITER,),
        ),
    )
}

#: The attestation is about a school and not about a case.
ATTESTATION = "R15"
#: Defined, and waiting for the weeks of a return to be registered.
WAITING = frozenset({"R22"})
