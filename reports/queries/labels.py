"""The words for the keys of breakdowns, in the language of the reader."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.enums import Category, Destination, Reason, State
from reports.enums import Duration, Ending
from reports.rules.document import Row, Table
from reports.rules.figures import NO_SCHOOL, NO_YEAR_GROUP
from reports.rules.selection import Selection
from reports.rules.shown import Cells, Shown
from schools.models import Organisation, OrganisationKind, Sector

HEADINGS: dict[str, Any] = {
    "by_category": gettext_lazy("By category"),
    "by_duration": gettext_lazy("By duration"),
    "by_sector": gettext_lazy("By sector"),
    "by_municipality": gettext_lazy("By municipality"),
    "by_reason": gettext_lazy("By main reason"),
    "by_school": gettext_lazy("By school"),
    "by_age": gettext_lazy("By age"),
    "by_year_group": gettext_lazy("By year group"),
    "by_state": gettext_lazy("By state of the case"),
    "outflow_by": gettext_lazy("Outflow by destination or reason"),
    "offer": gettext_lazy("With and without a fitting offer"),
}

#: The breakdowns of which the keys have an order and words of their own.
CHOICES: dict[str, Any] = {
    "by_category": Category,
    "by_duration": Duration,
    "by_sector": Sector,
    "by_reason": Reason,
    "by_state": State,
}


def tables_of(shown: Shown) -> list[Table]:
    """Every breakdown with its rows in the usual order, and in words."""
    tables = [
        Table(name, str(HEADINGS[name]), _rows(name, cells), shown.end)
        for name, cells in shown.breakdowns.items()
    ]
    offer = [
        Row("with_offer", _("With a fitting offer"), shown.with_offer),
        Row("without_offer", _("Without a fitting offer"), shown.without_offer),
    ]
    return [
        Table("outflow_by", str(HEADINGS["outflow_by"]), _endings(shown.outflow_by), shown.outflow),
        *tables,
        Table("offer", str(HEADINGS["offer"]), offer, shown.end),
    ]


def _rows(name: str, cells: Cells) -> list[Row]:
    if name in CHOICES:
        order = [key for key in CHOICES[name].values if key in cells]
        return [Row(key, str(CHOICES[name](key).label), cells[key]) for key in order]
    if name == "by_municipality":
        return _named(cells, OrganisationKind.MUNICIPALITY, {})
    if name == "by_school":
        return _named(cells, OrganisationKind.SCHOOL, {NO_SCHOOL: _("no school")})
    return _numbered(cells, {NO_YEAR_GROUP: _("unknown")})


def _named(cells: Cells, kind: str, others: dict[str, str]) -> list[Row]:
    names = {**names_of(kind, cells), **others}
    rows = [Row(key, names.get(key, key), cell) for key, cell in cells.items()]
    return sorted(rows, key=lambda row: (row.key in others, row.label.casefold(), row.key))


def _numbered(cells: Cells, others: dict[str, str]) -> list[Row]:
    keys = sorted(cells, key=lambda key: (key in others, int(key) if key not in others else 0))
    return [Row(key, others.get(key, key), cells[key]) for key in keys]


def _endings(cells: Cells) -> list[Row]:
    order = [*Destination.values, *Ending.values]
    return [Row(key, ending_label(key), cells[key]) for key in sorted(cells, key=order.index)]


def ending_label(key: str) -> str:
    """The words for a destination or for the reason why membership ended."""
    return str(Destination(key).label if key in Destination.values else Ending(key).label)


def selection_words(selection: Selection) -> str:
    """Which part of the pupils is counted; "" for all of the definition."""
    organisations = Organisation.objects.filter(
        pk__in=selection.schools | selection.sites | selection.municipalities
    )
    parts = [
        *(str(Category(one).label) for one in Category if one in selection.categories),
        *(str(Sector(one).label) for one in Sector if one in selection.sectors),
        *organisations.order_by("name", "pk").values_list("name", flat=True),
    ]
    return "; ".join(parts)


def names_of(kind: str, numbers: Collection[str]) -> dict[str, str]:
    """The names of organisations of a kind, by their numbers."""
    found = Organisation.objects.filter(kind=kind, number__in=list(numbers)).order_by()
    return dict(found.values_list("number", "name"))
