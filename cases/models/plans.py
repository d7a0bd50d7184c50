"""Arrangement, remote education plan and return plan: what is agreed, evaluated and ended."""

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cases.enums import ArrangementKind, EvaluationResult, HeardHow, PlanKind, RemoteForm
from cases.models.case import Case
from schools.models import Organisation, SchoolSite

if TYPE_CHECKING:
    from accounts.models import User


HOURS = [MinValueValidator(0), MaxValueValidator(40)]


class Plan(models.Model):
    """What the three kinds share. `end` is the planned last day, `ended_on` the day from which it is over."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="plans")
    spell = models.PositiveSmallIntegerField(_("spell"))
    kind = models.CharField(_("kind"), max_length=20, choices=PlanKind)
    start = models.DateField(_("start"))
    end = models.DateField(_("end"), null=True, blank=True)
    evaluate_on = models.DateField(_("evaluation date"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_reason = models.TextField(_("why it ended"), blank=True)
    created_at = models.DateTimeField(_("recorded"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        indexes = [
            models.Index(fields=["case", "kind", "spell"], name="plan_of_case"),
            models.Index(
                fields=["evaluate_on"],
                condition=models.Q(ended_on__isnull=True, evaluate_on__isnull=False),
                name="plan_to_evaluate",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="plan_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {date_format(self.start)}"

    @property
    def detail(self) -> "Arrangement | RemoteEducationPlan | ReturnPlan":
        """The plan with the fields of its kind."""
        child: Arrangement | RemoteEducationPlan | ReturnPlan = getattr(
            self,
            {
                PlanKind.ARRANGEMENT.value: "arrangement",
                PlanKind.REMOTE.value: "remoteeducationplan",
                PlanKind.RETURN.value: "returnplan",
            }[self.kind],
        )
        return child

    def is_over_on(self, day: dt.date) -> bool:
        """Ended, or past its planned last day."""
        return (self.ended_on is not None and self.ended_on <= day) or (
            self.end is not None and self.end < day
        )


class Arrangement(Plan):
    """Extra support that is agreed on with school, parents and the organisation responsible."""

    arrangement_kind = models.CharField(_("kind of arrangement"), max_length=15, choices=ArrangementKind)
    goal = models.TextField(_("goal"))
    responsible = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("responsible organisation")
    )
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("arrangement")
        verbose_name_plural = _("arrangements")

    def is_current_on(self, day: dt.date) -> bool:
        return self.agreed_on is not None and self.agreed_on <= day and not self.is_over_on(day)


class RemoteEducationPlan(Plan):
    """Education at a distance, with a teacher who watches over it. Its goal is the way back."""

    form = models.CharField(_("form"), max_length=15, choices=RemoteForm)
    hours_a_week = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1, validators=HOURS)
    teacher = models.CharField(_("supervising teacher"), max_length=150)

    class Meta:
        verbose_name = _("remote education plan")
        verbose_name_plural = _("remote education plans")

    def is_current_on(self, day: dt.date) -> bool:
        return self.start <= day and not self.is_over_on(day)


class ReturnPlan(Plan):
    """The way back to school in ordered steps."""

    receiving_school = models.ForeignKey(
        SchoolSite, models.PROTECT, related_name="+", verbose_name=_("receiving school")
    )

    class Meta:
        verbose_name = _("return plan")
        verbose_name_plural = _("return plans")

    def is_current_on(self, day: dt.date) -> bool:
        return bool(self.steps.all()) and not self.is_over_on(day)


class ReturnStep(models.Model):
    """One step of the way back: so many hours a week at school, from a day on."""

    plan = models.ForeignKey(ReturnPlan, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("step"))
    what = models.CharField(_("what"), max_length=200)
    hours_a_week = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1, validators=HOURS)
    start = models.DateField(_("from"), null=True, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="return_step_position_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.what}"


class Hearing(models.Model):
    """The pupil's voice (hoorrecht) on one plan: heard on, how, what was said and what was done with it, or
    why not."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="hearings")
    heard_on = models.DateField(_("heard on"), null=True, blank=True)
    how = models.CharField(_("how"), max_length=20, choices=HeardHow, blank=True)
    said = models.TextField(_("what was said"), blank=True)
    done_with = models.TextField(_("what was done with it"), blank=True)
    why_not = models.TextField(_("why the pupil was not heard"), blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by: "models.ForeignKey[User, User]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("hearing of the pupil")
        verbose_name_plural = _("hearings of the pupil")
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(heard_on__isnull=False) & ~models.Q(how="") & ~models.Q(said="")
                | models.Q(heard_on__isnull=True) & ~models.Q(why_not=""),
                name="hearing_heard_or_why_not",
            )
        ]

    def __str__(self) -> str:
        return f"{self.heard_on or '-'}"


class Evaluation(models.Model):
    """A plan looked at with pupil and parents: continue, adjust or stop, and when again."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="evaluations")
    on = models.DateField(_("evaluated on"))
    result = models.CharField(_("result"), max_length=10, choices=EvaluationResult)
    note = models.TextField(_("what was concluded"), blank=True)
    next_on = models.DateField(_("next evaluation"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.on} {self.get_result_display()}"
