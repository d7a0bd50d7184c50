"""Where a case plays: partnerships, boards, schools, sites, municipalities and care partners.

`Organisation` has one row for each body that people can belong to; the other models say what it is.
"""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.dates import today


class OrganisationKind(models.TextChoices):
    PARTNERSHIP = "swv", _("partnership")
    BOARD = "bestuur", _("school board")
    SCHOOL = "school", _("school")
    SITE = "vestiging", _("school site")
    MUNICIPALITY = "gemeente", _("municipality")
    CARE_PARTNER = "zorgpartner", _("care partner")


class Sector(models.TextChoices):
    BO = "bo", _("primary education (bo)")
    SBO = "sbo", _("special primary education (sbo)")
    SO = "so", _("special education (so)")
    VO = "vo", _("secondary education (vo)")
    PRO = "pro", _("practical training (pro)")
    VSO = "vso", _("special secondary education (vso)")
    MBO = "mbo", _("vocational education (mbo)")


class Region(models.TextChoices):
    """Holiday regions of the Netherlands."""

    NORTH = "noord", _("North")
    MIDDLE = "midden", _("Middle")
    SOUTH = "zuid", _("South")


class CareKind(models.TextChoices):
    YOUTH_CARE = "jeugdhulp", _("youth care")
    YOUTH_DOCTOR = "jeugdarts", _("youth doctor")
    MENTAL_HEALTH = "ggz", _("youth mental health care")
    ATTENDANCE = "leerplicht", _("attendance office")
    OTHER = "overig", _("other")


class Organisation(models.Model):
    """A body that people can belong to. `number` is normalised (schools/numbers.py), unique per kind."""

    kind = models.CharField(_("kind"), max_length=12, choices=OrganisationKind)
    number = models.CharField(_("number"), max_length=32)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    added_on = models.DateField(_("added"), default=today)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="organisation_number_once")]
        indexes = [models.Index(fields=["number"], name="organisation_number")]

    def __str__(self) -> str:
        return self.name


class WhatItIs(models.Model):
    """What an organisation is. Shares its key, so that an id means the same everywhere."""

    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        primary_key=True,
        related_name="%(class)s",
        verbose_name=_("organisation"),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def name(self) -> str:
        return self.organisation.name

    @property
    def number(self) -> str:
        return self.organisation.number


class Partnership(WhatItIs):
    """Samenwerkingsverband passend onderwijs (SWV), with the settings that it may choose itself."""

    threshold_days = models.PositiveSmallIntegerField(
        _("days absent after which a pupil counts as thuiszitter"), default=28
    )
    threshold_inclusive = models.BooleanField(
        _("count from that day on, instead of after it"),
        default=False,
        help_text=_(
            "The ministry counts a pupil after more than 28 days; some partnerships count from day 28."
        ),
    )
    region = models.CharField(
        _("holiday region for cases without a school site"), max_length=6, choices=Region, blank=True
    )
    sustained_percentage = models.PositiveSmallIntegerField(
        _("percentage of the timetable that must be met before a return is sustained"), default=90
    )
    sustained_weeks = models.PositiveSmallIntegerField(
        _("number of school weeks that it must be met"), default=4
    )

    class Meta:
        verbose_name = _("partnership")
        verbose_name_plural = _("partnerships")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(threshold_days__gte=1), name="partnership_threshold_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(sustained_percentage__range=(1, 100)),
                name="partnership_percentage_1_to_100",
            ),
        ]


class SchoolBoard(WhatItIs):
    """The competent authority (bevoegd gezag) of schools."""

    class Meta:
        verbose_name = _("school board")
        verbose_name_plural = _("school boards")


class School(WhatItIs):
    """A school, known by its BRIN (the organisation's number)."""

    board = models.ForeignKey(
        SchoolBoard,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="schools",
        verbose_name=_("school board"),
    )

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")


class Municipality(WhatItIs):
    """A municipality by its CBS code. Municipalities merge: a code is valid from one day to another."""

    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def is_valid_on(self, day: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class SchoolSite(WhatItIs):
    """A site (vestiging): BRIN plus two characters. Its sector and region decide rules and holidays."""

    school = models.ForeignKey(School, models.PROTECT, related_name="sites", verbose_name=_("school"))
    partnerships = models.ManyToManyField(Partnership, related_name="sites", verbose_name=_("partnerships"))
    sector = models.CharField(_("sector"), max_length=3, choices=Sector)
    region = models.CharField(_("holiday region"), max_length=6, choices=Region, blank=True)
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sites",
        verbose_name=_("municipality"),
    )

    class Meta:
        verbose_name = _("school site")
        verbose_name_plural = _("school sites")


class CarePartner(WhatItIs):
    """Youth care, youth doctor, mental health care, or the attendance office of a municipality."""

    kind = models.CharField(_("kind of care"), max_length=10, choices=CareKind)
    municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="care_partners",
        verbose_name=_("municipality"),
    )
    partnerships = models.ManyToManyField(
        Partnership, related_name="care_partners", blank=True, verbose_name=_("partnerships")
    )

    class Meta:
        verbose_name = _("care partner")
        verbose_name_plural = _("care partners")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="leerplicht") | models.Q(municipality__isnull=False),
                name="attendance_office_has_municipality",
            )
        ]


class FreePeriodKind(models.TextChoices):
    HOLIDAY = "vakantie", _("holiday")
    FREE = "vrij", _("free day")


class FreePeriod(models.Model):
    """Days without school of a region, a school or a site (exactly one of the three).

    Holidays of a school replace those of its region for that school year (1 August to 31 July);
    free days add.
    Source: contracts/commands.md, `import_calendar`.
    """

    region = models.CharField(_("holiday region"), max_length=6, choices=Region, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="free_periods",
        verbose_name=_("school or site"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=FreePeriodKind)
    name = models.CharField(_("name"), max_length=100)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("free period")
        verbose_name_plural = _("free periods")
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="free_period_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(region="", organisation__isnull=False)
                | (~models.Q(region="") & models.Q(organisation__isnull=True)),
                name="free_period_of_region_or_school",
            ),
            models.UniqueConstraint(
                fields=["region", "kind", "first_day", "last_day"],
                condition=models.Q(organisation__isnull=True),
                name="free_period_of_region_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind", "first_day", "last_day"],
                condition=models.Q(organisation__isnull=False),
                name="free_period_of_school_once",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "first_day"], name="free_period_of_school")]

    def __str__(self) -> str:
        return f"{self.name} ({self.first_day} – {self.last_day})"
