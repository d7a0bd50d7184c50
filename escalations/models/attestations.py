"""The quarterly word of a school that its list is complete."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import Partnership, School


class Attestation(models.Model):
    """A school confirmed its list of a quarter to a partnership: so many open cases, none missing.

    There is a row once it answered: zero cases is an answer, no row is none. `on_behalf`: a case manager of
    the partnership answered in place of the school.
    """

    partnership = models.ForeignKey(
        Partnership, models.PROTECT, related_name="attestations", verbose_name=_("partnership")
    )
    school = models.ForeignKey(School, models.PROTECT, related_name="attestations", verbose_name=_("school"))
    round = models.DateField(_("quarterly date"))
    open_cases = models.PositiveIntegerField(_("open cases"))
    answered_at = models.DateTimeField(_("answered"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by")
    )
    on_behalf = models.BooleanField(_("on behalf of the school"), default=False, db_default=False)

    class Meta:
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ["-round", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["partnership", "school", "round"], name="attestation_once")
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.round}"
