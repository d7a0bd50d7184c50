"""The quarterly list for the Inspectorate: how a partnership wants its columns, and the pseudonyms in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from schools.models import Partnership


class ListTemplate(models.Model):
    """Which columns the list of a partnership has, in which order and under which headers; without a row the
    default of `reports.rules.columns` counts."""

    partnership = models.OneToOneField(
        Partnership,
        models.PROTECT,
        primary_key=True,
        related_name="inspectorate_template",
        verbose_name=_("partnership"),
    )
    columns = models.JSONField(_("columns"))
    with_5a = models.BooleanField(_("with exemptions under 5a"), default=False)

    class Meta:
        verbose_name = _("template of the quarterly list")
        verbose_name_plural = _("templates of the quarterly list")

    def __str__(self) -> str:
        return str(self.partnership_id)


class Pseudonym(models.Model):
    """What a case is called in the lists for the Inspectorate, the same over the quarters; nothing about the
    pupil follows from it."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="pseudonym")
    partnership = models.ForeignKey(Partnership, models.PROTECT, related_name="+")
    code = models.CharField(_("pseudonym"), max_length=12)

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")
        constraints = [models.UniqueConstraint(fields=["partnership", "code"], name="pseudonym_once")]

    def __str__(self) -> str:
        return self.code
