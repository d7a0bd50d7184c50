"""The rules as they are in force for a partnership and sector."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import QuerySet

from escalations.enums import Recipient
from escalations.models import RuleSetting
from escalations.rules import RULES, Rule, Span
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
    if setting is None:
        return rule
    unit = rule.repeat.unit if rule.repeat else rule.threshold.unit
    return replace(
        rule,
        active=setting.active,
        threshold=Span(setting.threshold, rule.threshold.unit),
        repeat=Span(setting.repeat, unit) if setting.repeat else None,
        recipients=tuple(Recipient(code) for code in setting.recipients.split()),
        text=setting.text,
    )
