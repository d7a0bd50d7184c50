"""The codes of rules and reminders."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """What elapses (contracts/rules.md, "Elapsed")."""

    CALENDAR_DAYS = "calendar days", _("calendar days")
    CALENDAR_MONTHS = "calendar months", _("calendar months")
    SCHOOL_DAYS = "school days", _("school days")
    WORKING_DAYS = "working days", _("working days")


class About(models.TextChoices):
    """What a reminder is about. `object_id` is the key of a row of that kind."""

    CASE = "case", _("case")
    PLAN = "plan", _("plan")
    EXEMPTION = "exemption", _("exemption")
    ACTION = "action", _("action")
    PARTICIPATION = "participation", _("invitation")
    SCHOOL = "school", _("school")


class Recipient(models.TextChoices):
    """Who is told, in the order in which a screen names them."""

    COORDINATOR = "coordinator", _("school coordinator")
    CASE_LEAD = "case_lead", _("case lead")
    CASE_MANAGER = "case_manager", _("case managers of the partnership")
    ESCALATION_CONTACT = "escalation_contact", _("escalation contact")
    ACTION_OWNER = "action_owner", _("who does the action")
    INVITER = "inviter", _("who invited")


class Level(models.IntegerChoices):
    """How far up the ladder a reminder stands."""

    FIRST = 1, _("1: who does it")
    SECOND = 2, _("2: case lead and partnership")
    THIRD = 3, _("3: escalation contact")


class ReminderState(models.TextChoices):
    OPEN = "open", _("open")
    POSTPONED = "postponed", _("postponed")
    DONE = "done", _("done")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    CANCELLED = "cancelled", _("no longer needed")
    REPEATED = "repeated", _("repeated")


#: Of these something may still come.
PENDING = (ReminderState.OPEN, ReminderState.POSTPONED)


class Why(models.TextChoices):
    """Why a reminder was cancelled."""

    NO_LONGER_HOLDS = "no_longer_holds", _("what it asked for was settled")
    DATE_MOVED = "date_moved", _("the date moved")
    CASE_CLOSED = "case_closed", _("the case was closed")
    RULE_CHANGED = "rule_changed", _("the rule was changed")
    RULE_OFF = "rule_off", _("the rule was switched off")


class ActKind(models.TextChoices):
    """What somebody did about a reminder."""

    DONE = "done", _("done")
    POSTPONED = "postponed", _("postponed")
    HANDED_OVER = "handed_over", _("handed over")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
