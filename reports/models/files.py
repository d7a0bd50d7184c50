"""Files of figures that somebody asked for: made by a task, taken away after some hours."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportFile(models.Model):
    """A file that is made or was made. The row is the work: a worker claims it by a conditional update.

    `asked` says what it holds, by the names of `reports.services.files`. Whether its owner may have it is
    judged again at each download.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for its turn")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel (XLSX)")
        CSV = "csv", _("CSV")
        JSON = "json", _("JSON")
        PDF = "pdf", _("PDF")

    class Kind(models.TextChoices):
        REPORT = "report", _("report")
        INSPECTORATE = "inspectorate", _("quarterly list for the Inspectorate")
        MUNICIPALITY = "municipality", _("list of a municipality")
        SCHOOL = "school", _("list of a school")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_files")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    outside = models.BooleanField(_("for outside the partnership: small numbers hidden"), default=True)
    asked = models.JSONField(_("asked"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    file = models.FileField(_("file"), upload_to="reports/", blank=True)
    file_name = models.CharField(_("name of the file"), max_length=200, blank=True)
    message = models.TextField(_("message"), blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(_("asked"), db_index=True)
    claimed_at = models.DateTimeField(_("taken in hand"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of figures")
        verbose_name_plural = _("files of figures")
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return self.file_name or str(self.pk)
