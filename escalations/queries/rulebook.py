"""The rules of a partnership as a screen shows them: what holds in a sector, since when, and by whom."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common.errors import NotFound
from escalations.access import partnerships_with_rules_for
from escalations.models import RuleSetting
from escalations.queries.settings import applied, current_settings
from escalations.rules import RULES, Rule, words
from escalations.rules.choices import is_changed
from escalations.rules.table import ATTESTATION, WAITING
from schools.models import Partnership, SchoolSite, Sector

#: So many changes of a rule are shown.
MOST_CHANGES = 50


@dataclass(frozen=True)
class Line:
    """A rule as it holds in a sector ("": in all). `setting` is where that comes from, None: the default."""

    rule: Rule
    sector: str
    setting: RuleSetting | None

    @property
    def default(self) -> Rule:
        return RULES[self.rule.code]

    @property
    def threshold(self) -> str:
        return words.threshold(self.rule)

    @property
    def repetition(self) -> str:
        return words.repetition(self.rule.repeat)

    @property
    def recipients(self) -> list[str]:
        return words.recipients(self.rule)

    @property
    def is_changed(self) -> bool:
        return is_changed(self.rule)

    @property
    def is_waiting(self) -> bool:
        """Whether it cannot be in force yet."""
        return self.rule.code in WAITING

    @property
    def is_about_schools(self) -> bool:
        return self.rule.code == ATTESTATION

    @property
    def is_set_here(self) -> bool:
        """Whether it was set for this very sector, or for all where all are shown."""
        return self.setting is not None and self.setting.sector == self.sector

    @property
    def seen(self) -> int | None:
        """What a form carries, so that a change which somebody else made meanwhile is noticed."""
        return self.setting.pk if self.setting else None


@dataclass(frozen=True)
class Change:
    """A line of the history, in words."""

    setting: RuleSetting
    rule: Rule

    @property
    def sector(self) -> str:
        return self.setting.get_sector_display() if self.setting.sector else _("all sectors")

    @property
    def threshold(self) -> str:
        return words.threshold(self.rule)

    @property
    def repetition(self) -> str:
        return words.repetition(self.rule.repeat)

    @property
    def recipients(self) -> list[str]:
        return words.recipients(self.rule)


def partnerships_of(user: object) -> QuerySet[Partnership]:
    """Those whose rules somebody sees, by name."""
    found = Partnership.objects.filter(pk__in=partnerships_with_rules_for(user))
    return found.select_related("organisation").order_by("organisation__name", "pk")


def partnership_of(user: object, pk: int) -> Partnership:
    """One of them; another is as unknown as what does not exist."""
    if pk not in partnerships_with_rules_for(user):
        raise NotFound(_("This partnership does not exist or is not yours to see."))
    return partnerships_of(user).get(pk=pk)


def sectors_of(partnership_id: int) -> list[Sector]:
    """The sectors of its sites, and those for which something is still set."""
    sites = SchoolSite.objects.filter(partnerships=partnership_id).order_by()
    found = set(sites.values_list("sector", flat=True).distinct())
    found |= set(current_settings(partnership_id).exclude(sector="").values_list("sector", flat=True))
    return [sector for sector in Sector if sector.value in found]


def lines_of(partnership_id: int, sector: str) -> list[Line]:
    """The rules in their order. What is about schools has no sector."""
    settings = settings_by_place(partnership_id)
    return [line_with(settings, code, sector) for code in RULES if not sector or code != ATTESTATION]


def line_of(partnership_id: int, sector: str, code: str) -> Line:
    known = code in RULES and sector in {"", *Sector.values}
    if not known or (sector and code == ATTESTATION):
        raise NotFound(_("This rule does not exist."))
    return line_with(settings_by_place(partnership_id, code), code, sector)


def settings_by_place(partnership_id: int, code: str = "") -> dict[tuple[str, str], RuleSetting]:
    """What is set now, by sector and rule: of one rule or of all."""
    found = current_settings(partnership_id)
    if code:
        found = found.filter(rule=code)
    return {(setting.sector, setting.rule): setting for setting in found}


def line_with(settings: dict[tuple[str, str], RuleSetting], code: str, sector: str) -> Line:
    """What is set for a sector goes before what is set for all, and that before the default."""
    setting = settings.get((sector, code)) or settings.get(("", code))
    return Line(applied(RULES[code], setting), sector, setting)


def sectors_with_own(partnership_id: int, code: str) -> list[Sector]:
    """The sectors in which what is set for all does not hold."""
    own = {sector for sector, _code in settings_by_place(partnership_id, code)}
    return [sector for sector in Sector if sector.value in own]


def changes_of(partnership_id: int, code: str) -> list[Change]:
    """Who changed what of a rule, in any sector, newest first; the latest of them."""
    rows = RuleSetting.objects.filter(partnership=partnership_id, rule=code).select_related("changed_by")
    return [Change(row, applied(RULES[code], row)) for row in rows[:MOST_CHANGES]]
