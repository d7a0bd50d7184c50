"""Reminders: one row for each rule, object and due date, whatever the number of people who are told."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from escalations.enums import PENDING, About, ActKind, Level, ReminderState, Why
from schools.models import Partnership


class Reminder(models.Model):
    """That something is due (contracts/rules.md, "Once"). Exists even if nobody can receive it yet.

    `counts_from` is the date from which was counted: where it moves, the reminder is cancelled. `newest` is
    the last one of its rule and object. `told_at` is when the first of its recipients was told.
    """

    # Without indexes of their own where those of Meta do: each of them costs time when thousands are made.
    partnership = models.ForeignKey(
        Partnership, models.PROTECT, related_name="reminders", db_index=False, verbose_name=_("partnership")
    )
    case = models.ForeignKey(
        Case, models.CASCADE, null=True, blank=True, related_name="reminders", verbose_name=_("case")
    )
    rule = models.CharField(_("rule"), max_length=6)
    about = models.CharField(_("about"), max_length=13, choices=About)
    object_id = models.BigIntegerField()
    counts_from = models.DateField(_("counts from"))
    due_on = models.DateField(_("due on"))
    by_when = models.DateField(_("to be answered by"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    state = models.CharField(_("state"), max_length=14, choices=ReminderState, default=ReminderState.OPEN)
    newest = models.BooleanField(default=True)
    anew = models.BooleanField(default=False)
    postponed_until = models.DateField(_("postponed until"), null=True, blank=True)
    cancelled_why = models.CharField(_("why cancelled"), max_length=16, choices=Why, blank=True)
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("handed over to"),
    )
    made_at = models.DateTimeField(_("made"))
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "object_id", "rule", "about", "due_on"], name="reminder_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=PENDING, ended_at__isnull=True)
                | ~models.Q(state__in=PENDING) & models.Q(ended_at__isnull=False),
                name="reminder_ended_with_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="postponed") | models.Q(postponed_until__isnull=False),
                name="reminder_postponed_until",
            ),
            models.CheckConstraint(
                condition=models.Q(state="cancelled") & ~models.Q(cancelled_why="")
                | ~models.Q(state="cancelled") & models.Q(cancelled_why=""),
                name="reminder_cancelled_with_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["partnership", "object_id"],
                condition=models.Q(about="school"),
                name="reminder_of_school",
            ),
            models.Index(
                fields=["handed_to"],
                condition=models.Q(handed_to__isnull=False),
                name="reminder_handed_over",
            ),
            models.Index(
                fields=["partnership", "level", "due_on"],
                condition=models.Q(state__in=PENDING),
                name="reminder_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.about} {self.object_id} {self.due_on}"


class ReminderAct(models.Model):
    """What somebody did about a reminder, and why."""

    reminder = models.ForeignKey(Reminder, models.CASCADE, related_name="acts")
    kind = models.CharField(_("what"), max_length=14, choices=ActKind)
    reason = models.TextField(_("reason"), blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("to"),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("act on a reminder")
        verbose_name_plural = _("acts on reminders")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reminder_id}"
