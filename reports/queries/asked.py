"""What a report is asked about, and what can be asked."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.enums import Category
from reports.enums import Definition
from reports.rules.naming import name_of, so_far
from reports.rules.periods import Period
from reports.rules.selection import Selection
from schools.models import CarePartner, Municipality, Organisation, Partnership, School, SchoolSite, Sector


@dataclass(frozen=True)
class Asked:
    """A period of a partnership. `whole` is the period as asked for, `period` what of it is not in the
    future: figures do not run ahead. `as_of` was asked for; else figures are as known now."""

    partnership: Partnership
    whole: Period
    period: Period
    selection: Selection
    known_at: dt.datetime
    as_of: dt.date | None = None

    @classmethod
    def of(
        cls,
        partnership: Partnership,
        whole: Period,
        selection: Selection,
        *,
        known_at: dt.datetime,
        on: dt.date,
        as_of: dt.date | None = None,
    ) -> "Asked":
        return cls(partnership, whole, so_far(whole, on), selection, known_at, as_of)

    @property
    def definition_label(self) -> str:
        return str(Definition(self.selection.definition).label)

    @property
    def narrowed_by(self) -> list[tuple[str, str]]:
        """The filters in words: what is chosen, and which."""
        chosen = self.selection
        found = [(_("Sector"), str(Sector(one).label)) for one in sorted(chosen.sectors)]
        found += [(_("School"), name) for name in _names(chosen.schools)]
        found += [(_("Home municipality"), name) for name in _names(chosen.municipalities)]
        return found + [(_("Category"), str(Category(one).label)) for one in sorted(chosen.categories)]

    @property
    def is_cut(self) -> bool:
        """Whether the period has not ended."""
        return self.period != self.whole

    @property
    def before(self) -> Period:
        """The period of the same kind before it: of one that has not ended the same number of days."""
        return self._as_long(self.whole.before)

    @property
    def year_before(self) -> Period:
        return self._as_long(self.whole.year_before)

    def _as_long(self, other: Period) -> Period:
        return so_far(other, other.first + (self.period.last - self.period.first)) if self.is_cut else other

    def query(self, *, period: Period | None = None) -> dict[str, str]:
        """The parameters of an address that asks the same, or the same about another period."""
        chosen = self.selection
        one = {"sector": chosen.sectors, "school": chosen.schools, "municipality": chosen.municipalities}
        narrowed = {name: str(next(iter(keys))) for name, keys in one.items() if keys}
        return {
            "partnership": self.partnership.number,
            **period_query(period or self.whole),
            "definition": chosen.definition,
            **narrowed,
            **({"category": next(iter(chosen.categories))} if chosen.categories else {}),
            **({"known_at": self.as_of.isoformat()} if self.as_of else {}),
        }


def _names(keys: frozenset[int]) -> list[str]:
    if not keys:
        return []
    return list(Organisation.objects.filter(pk__in=keys).order_by("name").values_list("name", flat=True))


def period_query(period: Period) -> dict[str, str]:
    """The parameters for a period, by its name or by its days."""
    if name := name_of(period):
        return {"period": name}
    return {"period": "other", "first": period.first.isoformat(), "last": period.last.isoformat()}


def schools_to_choose(partnership: Partnership) -> list[tuple[str, str]]:
    """The schools with a site in a partnership, by name: key and name."""
    found = School.objects.filter(sites__partnerships=partnership).order_by("organisation__name", "pk")
    rows = found.values_list("pk", "organisation__name").distinct()
    return [(str(key), name) for key, name in rows]


def municipalities_to_choose(partnership: Partnership) -> list[tuple[str, str]]:
    """Those with a site of a partnership or with an attendance office that works with it, by name: key and
    name. Where else pupils live stands in the table."""
    sites = SchoolSite.objects.filter(partnerships=partnership).order_by().values("municipality")
    offices = CarePartner.objects.filter(partnerships=partnership).order_by().values("municipality")
    found = Municipality.objects.filter(Q(pk__in=sites) | Q(pk__in=offices))
    found = found.order_by("organisation__name", "pk")
    return [(str(key), name) for key, name in found.values_list("pk", "organisation__name")]
