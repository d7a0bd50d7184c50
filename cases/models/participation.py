"""A care partner or attendance office that is let into one case, for a purpose and a time."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.enums import ParticipationState
from cases.models.case import Case
from schools.models import CarePartner


class Participation(models.Model):
    """One invitation and what came of it. Access runs from acceptance up to and including `ends_on`."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="participations")
    partner = models.ForeignKey(
        CarePartner, models.PROTECT, related_name="participations", verbose_name=_("care partner")
    )
    purpose = models.TextField(_("purpose"))
    ends_on = models.DateField(_("last day of access"))
    state = models.CharField(
        _("state"), max_length=14, choices=ParticipationState, default=ParticipationState.INVITED
    )
    invited_at = models.DateTimeField(_("invited"))
    invited_on = models.DateField(_("invited on"))
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer_note = models.TextField(_("note with the answer"), blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "partner"],
                condition=models.Q(state__in=["uitgenodigd", "geaccepteerd"]),
                name="participation_running_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("invited_on")), name="participation_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "state", "-invited_at"], name="participation_of_partner"),
            models.Index(
                fields=["ends_on"],
                condition=models.Q(state__in=["uitgenodigd", "geaccepteerd"]),
                name="participation_running_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_state_display()}"

    def gives_access_on(self, day: dt.date) -> bool:
        return self.state == ParticipationState.ACCEPTED and day <= self.ends_on
