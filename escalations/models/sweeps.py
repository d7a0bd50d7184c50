"""How far the sweep is, for each partnership: what a worker claims, and what the operations page shows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import Partnership


class SweepState(models.Model):
    """The last sweep of a partnership. A worker claims the row by a conditional update; a claim lapses."""

    partnership = models.OneToOneField(
        Partnership, models.CASCADE, primary_key=True, related_name="sweep_state"
    )
    next_at = models.DateTimeField(_("next sweep"), db_index=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    swept_on = models.DateField(_("day that was judged"), null=True, blank=True)
    swept_at = models.DateTimeField(_("last sweep"), null=True, blank=True)
    open_cases = models.PositiveIntegerField(_("open cases"), default=0)
    due = models.PositiveIntegerField(_("due"), default=0)
    created = models.PositiveIntegerField(_("made"), default=0)
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)
    untold = models.PositiveIntegerField(_("without recipient"), default=0)
    failures = models.PositiveSmallIntegerField(_("failed in a row"), default=0)
    last_error = models.CharField(_("cause"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("state of the sweep")
        verbose_name_plural = _("states of the sweep")

    def __str__(self) -> str:
        return f"{self.partnership_id}: {self.swept_on}"
