"""Whom a figure is about: a definition, and where asked a part of the pupils."""

from dataclasses import dataclass, field

from reports.enums import MEMBERS, Definition
from reports.rules.history import Particulars


@dataclass(frozen=True)
class Selection:
    """The members of a definition, where a filter is not empty only those of these sectors, schools, sites
    and municipalities (by key) and categories."""

    definition: str = Definition.D2
    categories: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    schools: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()
    municipalities: frozenset[int] = frozenset()
    _members: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        members = MEMBERS[self.definition]
        object.__setattr__(self, "_members", members & self.categories if self.categories else members)

    @property
    def is_whole(self) -> bool:
        """Whether nobody is left out of the definition."""
        return not (self.categories or self.sectors or self.schools or self.sites or self.municipalities)

    def holds(self, category: str | None, who: Particulars) -> bool:
        """Whether somebody of this category counts."""
        return (
            category in self._members
            and (not self.sectors or who.sector in self.sectors)
            and (not self.schools or who.school_id in self.schools)
            and (not self.sites or who.site_id in self.sites)
            and (not self.municipalities or who.municipality_id in self.municipalities)
        )
