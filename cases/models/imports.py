"""What a register file brought: the last imported row of each case, and files that wait on screen for
confirmation."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class ImportedRow(models.Model):
    """The row as last imported, normalised, by which a later import knows what changed in the file and what
    here."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="imported_row")
    values = models.JSONField(_("values"))
    imported_at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")

    def __str__(self) -> str:
        return str(self.case_id)


class RegisterUpload(models.Model):
    """A register file put on screen: previewed, confirmed, imported by a task; the file is destroyed after
    the import
    or after 24 hours. `report` is the report of the preview, then of the import (contracts/commands.md)."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        IMPORTING = "importing", _("being imported")
        IMPORTED = "imported", _("imported")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="register_uploads")
    file = models.FileField(_("file"), upload_to="register/", blank=True)
    file_name = models.CharField(_("name of the file"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    report = models.JSONField(_("report"), default=dict)
    message = models.TextField(_("message"), blank=True)
    uploaded_at = models.DateTimeField(_("uploaded"), db_index=True)
    claimed_at = models.DateTimeField(_("taken in hand"), null=True, blank=True)

    class Meta:
        verbose_name = _("uploaded register")
        verbose_name_plural = _("uploaded registers")
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.file_name
