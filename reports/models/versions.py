"""The figures of a partnership over a period: drafts, and versions that were issued and never change."""

from django.conf import settings
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases.rules import Threshold
from reports.enums import Definition
from reports.rules.differences import Differences, Seam
from reports.rules.figures import Figures
from reports.rules.lines import Line, line_from_json
from reports.rules.periods import Period
from schools.models import Partnership


class VersionQuerySet(models.QuerySet["Version"]):
    def issued(self) -> "VersionQuerySet":
        return self.filter(issued_at__isnull=False)

    def drafts(self) -> "VersionQuerySet":
        return self.filter(issued_at__isnull=True)


class Version(models.Model):
    """The figures of a period as known at a moment. While it is a draft it may be counted again; issued, it
    stays as it is (the database refuses a change): what became known later gives the next number, a
    correction.

    All that is ever shown of it is kept: the figures and the trend exactly, the same as they may leave the
    partnership (`outside`), what stood out, how the start joins the end of the period before (`seams`) and
    what differs from the version before (`differences`). `digest` is that of `reports.rules.digest` over all
    this.
    """

    partnership = models.ForeignKey(
        Partnership, models.PROTECT, related_name="reports", verbose_name=_("partnership")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    definition = models.CharField(_("definition"), max_length=2, choices=Definition, default=Definition.D2)
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    threshold_days = models.PositiveSmallIntegerField(_("threshold in days"))
    threshold_inclusive = models.BooleanField(_("counts from the day of the threshold on"))
    known_at = models.DateTimeField(_("as known at"))
    figures = models.JSONField(_("figures"))
    trend = models.JSONField(_("months of the trend"), default=list)
    outside = models.JSONField(_("figures as they may leave the partnership"), default=dict)
    standing_out = models.JSONField(_("what stands out"), default=list)
    seams = models.JSONField(_("how it joins the periods beside it"), default=list)
    differences = models.JSONField(_("differences from the version before"), default=dict)
    comment = models.TextField(_("comment"), blank=True)
    made_at = models.DateTimeField(_("made"))
    issued_at = models.DateTimeField(_("issued"), null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("issued by"),
    )
    digest = models.CharField(_("digest"), max_length=64, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-first_day", "-last_day", "definition", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "first_day", "last_day", "definition", "number"],
                name="version_number_once",
            ),
            models.UniqueConstraint(
                fields=["partnership", "first_day", "last_day", "definition"],
                condition=models.Q(issued_at__isnull=True),
                name="version_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="version_days_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(issued_at__isnull=True, issued_by__isnull=True, digest="")
                | (models.Q(issued_at__isnull=False, issued_by__isnull=False) & ~models.Q(digest="")),
                name="version_issued_by_somebody_with_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.first_day} – {self.last_day} {self.definition} v{self.number}"

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def is_correction(self) -> bool:
        return self.number > 1

    @cached_property
    def period(self) -> Period:
        return Period(self.first_day, self.last_day)

    @cached_property
    def counts(self) -> Figures:
        return Figures.from_json(self.figures)

    @cached_property
    def joins(self) -> list[Seam]:
        return [Seam.from_json(one) for one in self.seams]

    @cached_property
    def changes(self) -> Differences | None:
        """What differs from the version before; None for the first one."""
        return Differences.from_json(self.differences) if self.differences else None

    @property
    def threshold(self) -> Threshold:
        return Threshold(self.threshold_days, self.threshold_inclusive)


class VersionLines(models.Model):
    """The lines behind the figures of a version: keys of cases and what they count as, no name or date of
    birth."""

    version = models.OneToOneField(Version, models.CASCADE, primary_key=True, related_name="kept_lines")
    values = models.JSONField(_("lines"))

    class Meta:
        verbose_name = _("lines of a report")
        verbose_name_plural = _("lines of reports")

    def __str__(self) -> str:
        return str(self.version_id)

    @cached_property
    def lines(self) -> list[Line]:
        return [line_from_json(line) for line in self.values]


class DraftTurn(models.Model):
    """That the timetable had its turn to draft a period of a partnership: once, also where the draft was
    discarded since."""

    partnership = models.ForeignKey(Partnership, models.CASCADE, related_name="+")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("turn to draft")
        verbose_name_plural = _("turns to draft")
        constraints = [
            models.UniqueConstraint(fields=["partnership", "first_day", "last_day"], name="draft_turn_once")
        ]

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.first_day} – {self.last_day}"
