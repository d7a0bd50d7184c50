"""What was the case, and since when did we know (contracts/counting.md, "Facts in two times").

Rows are appended, never edited. `holds_from` is the day from which a fact holds, `known_from` the moment from
which it
counts as known, `recorded_at` the moment of writing (an import knows things from the day that its file gives,
the
application from the moment of writing). On day d, known at m, the row with the latest (`known_from`, `id`)
counts among those with `known_from <= m` and `holds_from <= d`.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.enums import Article, Authorised, Destination, Extent, Offer, Source, State
from cases.models.case import Case, Spell
from schools.models import Municipality, School, SchoolSite, Sector


class Recorded(models.Model):
    """By whom and when something about a spell became known."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="%(class)s_rows")
    spell = models.ForeignKey(Spell, models.CASCADE, related_name="%(class)s_rows")
    known_from = models.DateTimeField(_("known from"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    source = models.CharField(_("source"), max_length=6, choices=Source, default=Source.APPLICATION)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["case", "known_from", "id"], name="%(class)s_known")]

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class Fact(Recorded):
    """Something that holds from a day on."""

    holds_from = models.DateField(_("holds from"))

    class Meta(Recorded.Meta):
        abstract = True


class SpellDates(Recorded):
    """The dates of a spell as known from a moment: the newest row counts."""

    first_day_absent = models.DateField(_("first day absent"))
    signalled_on = models.DateField(_("signalled on"))
    back_on = models.DateField(_("back at school on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    destination = models.CharField(_("destination"), max_length=30, choices=Destination, blank=True)

    class Meta(Recorded.Meta):
        verbose_name = _("dates of a spell")
        verbose_name_plural = _("dates of spells")
        indexes = [
            *Recorded.Meta.indexes,
            # What was recorded after a moment: for figures as they were known then.
            models.Index(fields=["known_from"], name="spelldates_known_from"),
        ]


class AbsencePeriod(Fact):
    """How the pupil is absent from `holds_from` on; the first one of a spell begins on its first day
    absent."""

    extent = models.CharField(_("extent of the absence"), max_length=12, choices=Extent)
    hours_attended = models.DecimalField(
        _("hours a week at school"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    authorised = models.CharField(_("authorised"), max_length=8, choices=Authorised)
    ill = models.BooleanField(_("ill"), null=True, blank=True)
    can_attend_partly = models.BooleanField(
        _("able to attend partly according to the plan"), null=True, blank=True
    )
    enrolled = models.BooleanField(_("enrolled at a school"))

    class Meta(Fact.Meta):
        verbose_name = _("period of absence")
        verbose_name_plural = _("periods of absence")


class Particulars(Fact):
    """Who and where: what figures are broken down by and what the case is called."""

    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=150)
    birth_date = models.DateField(_("date of birth"))
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    year_group = models.PositiveSmallIntegerField(_("year group"), null=True, blank=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    site = models.ForeignKey(SchoolSite, models.PROTECT, null=True, blank=True, related_name="+")
    sector = models.CharField(_("sector"), max_length=3, choices=Sector)

    class Meta(Fact.Meta):
        verbose_name = _("particulars")
        verbose_name_plural = _("particulars")


class FittingOffer(Fact):
    """What has been offered. `since` is the day that the offer started, unknown when empty."""

    offer = models.CharField(_("offer"), max_length=10, choices=Offer, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("offer")
        verbose_name_plural = _("offers")


class ReasonCodes(Fact):
    """Why the pupil is at home: codes in their order, a space apart, the first is the main one."""

    codes = models.CharField(_("reasons"), max_length=150, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("reasons")
        verbose_name_plural = _("reasons")


class LeadPeriod(Fact):
    """Who leads the case (casusregisseur) from a day on; nobody when empty."""

    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("case lead"),
    )

    class Meta(Fact.Meta):
        verbose_name = _("case lead")
        verbose_name_plural = _("case leads")


class Exemption(Recorded):
    """An exemption of the Leerplichtwet. A corrected one is replaced: the old row gets the moment until which
    it counted.

    `valid_from` empty: from the first day absent. `valid_to` empty: open end.
    """

    article = models.CharField(_("article"), max_length=2, choices=Article)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    known_until = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta(Recorded.Meta):
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        indexes = [
            *Recorded.Meta.indexes,
            models.Index(
                fields=["case", "article"],
                condition=models.Q(known_until__isnull=True),
                name="exemption_current",
            ),
        ]


class StateChange(Recorded):
    """One change of state: who, when, from, to, why. The first row of a spell has no `from`."""

    transition = models.CharField(_("transition"), max_length=30)
    from_state = models.CharField(_("from"), max_length=20, choices=State, blank=True)
    to_state = models.CharField(_("to"), max_length=20, choices=State)
    on = models.DateField(_("day"))
    reason = models.TextField(_("reason"), blank=True)
    met_since = models.DateField(_("timetable met since"), null=True, blank=True)

    class Meta(Recorded.Meta):
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
