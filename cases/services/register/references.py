"""What the numbers in rows point at: partnership, school site and municipality, in few queries."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext_lazy as _

from cases.services.register.reading import Draft
from schools.models import Municipality, Partnership, SchoolSite


class References:
    """Looks up organisations, each once. `allowed`: the partnerships whose rows may go in (None: all)."""

    def __init__(self, *, allowed: Collection[int] | None) -> None:
        self._allowed = allowed
        self._partnerships: dict[str, Partnership | None] = {}
        self._sites: dict[str, SchoolSite | None] = {}
        self._municipalities: dict[str, Municipality | None] = {}

    def fill(self, drafts: Iterable[Draft]) -> None:
        """Puts what was found on the rows, and a fault where there is nothing."""
        drafts = list(drafts)
        self._look_up(drafts)
        for draft in drafts:
            self._fill_partnership(draft)
            self._fill_site(draft)
            self._fill_municipality(draft)

    def _look_up(self, drafts: list[Draft]) -> None:
        def unknown(column: str, known: Collection[str]) -> set[str]:
            return {draft.row.get(column, "") for draft in drafts} - {*known, ""}

        if numbers := unknown("swv", self._partnerships):
            found = Partnership.objects.filter(organisation__number__in=numbers).select_related(
                "organisation"
            )
            self._partnerships |= dict.fromkeys(numbers) | {it.number: it for it in found}
        if numbers := unknown("vestiging", self._sites):
            sites = SchoolSite.objects.filter(organisation__number__in=numbers)
            sites = sites.select_related("organisation", "school").prefetch_related("partnerships")
            self._sites |= dict.fromkeys(numbers) | {it.number: it for it in sites}
        if numbers := unknown("woongemeente", self._municipalities):
            places = Municipality.objects.filter(organisation__number__in=numbers).select_related(
                "organisation"
            )
            self._municipalities |= dict.fromkeys(numbers) | {it.number: it for it in places}

    def _fill_partnership(self, draft: Draft) -> None:
        number = draft.row.get("swv")
        if not number:
            return
        draft.partnership = self._partnerships[number]
        if draft.partnership is None:
            draft.faults["swv"] = _("This partnership is unknown.")
        elif self._allowed is not None and draft.partnership.pk not in self._allowed:
            draft.faults["swv"] = _("You are not a case manager of this partnership.")

    def _fill_site(self, draft: Draft) -> None:
        number = draft.row.get("vestiging")
        if not number or draft.partnership is None:
            return
        draft.site = self._sites[number]
        if draft.site is None or draft.partnership not in draft.site.partnerships.all():
            draft.site = None
            draft.faults["vestiging"] = _("This school site is unknown in the partnership.")

    def _fill_municipality(self, draft: Draft) -> None:
        number = draft.row.get("woongemeente")
        if not number:
            return
        draft.municipality = self._municipalities[number]
        if draft.municipality is None:
            draft.faults["woongemeente"] = _("This municipality is unknown.")
