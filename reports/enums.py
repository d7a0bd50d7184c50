"""The names of what is counted (contracts/counting.md). Their values are those of the command
and of the exports."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.enums import Category


class Definition(models.TextChoices):
    """Whom a figure calls thuiszitter."""

    D1 = "D1", _("long unauthorised absence only (D1)")
    D2 = "D2", _("ministry and Inspectorate (D2)")
    D3 = "D3", _("with pupils who are ill but able to attend partly (D3)")
    D4 = "D4", _("broad, with exemptions under 5a (D4)")


#: The categories that make up each definition.
MEMBERS: dict[str, frozenset[str]] = {
    Definition.D1: frozenset({Category.LONG}),
    Definition.D2: frozenset({Category.LONG, Category.ABSOLUTE}),
    Definition.D3: frozenset({Category.LONG, Category.ABSOLUTE, Category.ILL_PARTLY}),
    Definition.D4: frozenset({Category.LONG, Category.ABSOLUTE, Category.EXEMPT_5A}),
}


class Duration(models.TextChoices):
    """How long the members on the last day are absent, from the first day absent."""

    WEEKS_4 = "<4w", _("up to 4 weeks")
    MONTHS_3 = "4w-3m", _("4 weeks to 3 months")
    MONTHS_6 = "3-6m", _("3 to 6 months")
    MONTHS_12 = "6-12m", _("6 to 12 months")
    LONGER = ">12m", _("longer than a year")


class Ending(models.TextChoices):
    """Why membership ended where no closing gives a destination."""

    EXEMPTION = "exemption", _("exempted")
    EIGHTEEN = "eighteen", _("turned eighteen")
    AUTHORISED = "authorised", _("absence is authorised")
    RETURNED = "returned", _("back at school")
    CORRECTION = "correction", _("other change or correction")


class Cause(models.TextChoices):
    """Why a case counts otherwise than before; the first of these that is so."""

    WITHDRAWN = "withdrawn", _("withdrawn: signalled by mistake")
    LATE = "late", _("signalled late: was not known yet")
    ENDED_EARLIER = "ended_earlier", _("back at school or closed earlier than was known")
    CORRECTED = "corrected", _("corrected: other facts or days")
    DESCRIBED = "described", _("counts as before, described otherwise")


class PeriodKind(models.TextChoices):
    """The periods over which figures are handed in."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    SCHOOL_YEAR = "school_year", _("school year")
    OTHER = "other", _("other period")


#: Months, quarters and school years only: what is handed in as a version.
HANDED_IN = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.SCHOOL_YEAR)
