"""Who was let in: guardian's grants with a direct foreign key, written by cases/access.py alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from cases.models.case import Case


class CaseGrant(GroupObjectPermissionBase):
    """The members of a group see a case, until a day if there is one.

    The grant knows whether its case is open, so that a list of open cases reads one partial index.
    """

    content_object = models.ForeignKey(Case, models.CASCADE, related_name="grants")
    case_open = models.BooleanField(_("case is open"), default=True)
    until = models.DateField(_("last day"), null=True, blank=True)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes = [
            models.Index(
                fields=["group", "content_object"],
                condition=models.Q(case_open=True),
                name="grant_open",
                include=["until", "permission"],
            ),
            models.Index(fields=["content_object", "group"], name="grant_of_case"),
        ]
