"""How many pupils of school age live in a municipality: what a figure per 1,000 is divided by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import Municipality


class SchoolAgePopulation(models.Model):
    """Pupils of school age in a municipality on 1 October of a year, as published (DUO, CBS)."""

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="school_age_populations", verbose_name=_("municipality")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    pupils = models.PositiveIntegerField(_("pupils of school age"))

    class Meta:
        verbose_name = _("pupils of school age")
        verbose_name_plural = _("pupils of school age")
        ordering = ["-year", "municipality"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "year"], name="population_once_a_year"),
            models.CheckConstraint(condition=models.Q(pupils__gte=1), name="population_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.year}: {self.pupils}"
