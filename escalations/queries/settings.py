"""The rules as they are in force for a partnership and sector."""

from collections.abc import Iterable

from django.db.models import QuerySet

from escalations.models import RuleSetting
from escalations.rules import RULES, Rule
from escalations.rules.choices import Choice, in_order, with_choice
from schools.models import Sector

#: Of each sector the rules by their code.
RulesOfSectors = dict[str, dict[str, Rule]]


def current_settings(partnership_id: int) -> QuerySet[RuleSetting]:
    return RuleSetting.objects.filter(partnership=partnership_id, replaced_at__isnull=True)


def rules_in_force(partnership_id: int) -> RulesOfSectors:
    """What is set for a sector goes before what is set for all, and that before the default."""
    return rules_with(current_settings(partnership_id))


def rules_with(chosen: Iterable[RuleSetting]) -> RulesOfSectors:
    """The rules of each sector, with these settings."""
    by_place = {(setting.sector, setting.rule): setting for setting in chosen}
    plain = {code: applied(rule, by_place.get(("", code))) for code, rule in RULES.items()}
    return {
        sector: {
            code: applied(RULES[code], by_place[sector, code]) if (sector, code) in by_place else rule
            for code, rule in plain.items()
        }
        for sector in (*Sector.values, "")
    }


def applied(rule: Rule, setting: RuleSetting | None) -> Rule:
    """A default rule with what a partnership changed of it."""
    return rule if setting is None else with_choice(rule.code, chosen_in(setting))


def chosen_in(setting: RuleSetting) -> Choice:
    """What a setting says."""
    return Choice(
        setting.active,
        setting.threshold,
        setting.repeat,
        in_order(setting.recipients.split()),
        setting.text,
    )
