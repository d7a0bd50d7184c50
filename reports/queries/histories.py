"""The facts of cases as they were known at a moment (contracts/counting.md, "Facts in two times").

The database picks the cases that can count in a period; their facts come in a fixed number of statements for
each CHUNK of cases. What a case was on a day follows from them (reports/rules/history.py).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.enums import Destination
from cases.models import AbsencePeriod, Case, Exemption, SpellDates
from cases.models import Particulars as ParticularsRow
from cases.models.facts import Recorded
from cases.rules import Threshold, effective
from common.arrays import among
from reports.rules.history import Attendance, Dates, Exempt, History, Particulars, Spell
from reports.rules.periods import Period

FactT = TypeVar("FactT")

#: So many cases at a time: what is in memory does not grow with the number of cases.
CHUNK = 5000


def histories(
    cases: QuerySet[Case],
    period: Period,
    *,
    known_at: dt.datetime,
    thresholds: Mapping[int, Threshold],
) -> Iterator[list[History]]:
    """Of these cases those that can count on the day before the period or in it, a chunk at a time, in the
    order of their keys. `thresholds`: of each partnership that these cases are of."""
    found = _candidates(cases, period, known_at)
    keys = sorted(found)
    for begin in range(0, len(keys), CHUNK):
        chunk = keys[begin : begin + CHUNK]
        yield _load({key: thresholds[found[key]] for key in chunk}, period, known_at)


def _candidates(cases: QuerySet[Case], period: Period, known_at: dt.datetime) -> dict[int, int]:
    """Cases with their partnerships, some too many: those that by what is recorded last run on or after the
    day before the period and began by its end, perhaps in an earlier spell, and those that may have done so
    by what was known, of which other dates became known since. An index on cases holds all that the first
    asks for."""
    runs = Q(closed_on__isnull=True) | Q(closed_on__gt=period.day_before)
    begun = Q(first_day_absent__lte=period.last) | Q(spell__gt=1)
    known = SpellDates.objects.filter(known_from__lte=known_at, first_day_absent__lte=period.last)
    changed_since = SpellDates.objects.filter(known_from__gt=known_at).values("case")
    other = Q(closed_on__lte=period.day_before) | Q(first_day_absent__gt=period.last)
    since = cases.filter(other, Exists(known.filter(case=OuterRef("pk"))), pk__in=changed_since)
    found = [
        some.order_by().values_list("pk", "partnership_id") for some in (cases.filter(runs, begun), since)
    ]
    return dict([*found[0], *found[1]])


def _load(thresholds: Mapping[int, Threshold], period: Period, known_at: dt.datetime) -> list[History]:
    dates = _dates(thresholds, period, known_at)
    keys = list(dates)
    attendances = facts_of(AbsencePeriod, keys, known_at, Attendance, Attendance._fields)
    particulars = facts_of(ParticularsRow, keys, known_at, Particulars, Particulars._fields)
    exemptions = _exemptions(dates, known_at)
    found = []
    for case_id, spells in dates.items():
        whole = [key for key in spells if key in attendances and key in particulars]
        if len(whole) > 1:
            _born_once([particulars[key] for key in whole])
        known = [
            Spell(key, spells[key], effective(attendances[key]), effective(particulars[key]))
            for key in whole
            if spells[key].destination != Destination.MISTAKEN
        ]
        if known:
            found.append(History(case_id, thresholds[case_id], known, exemptions.get(case_id, ())))
    return found


def _born_once(of_spells: Sequence[list[Particulars]]) -> None:
    """A date of birth that was corrected in a later spell was so in the earlier ones as well."""
    born = of_spells[-1][-1].birth_date
    for rows in of_spells:
        rows[:] = [who if who.birth_date == born else who._replace(birth_date=born) for who in rows]


def _dates(keys: Collection[int], period: Period, known_at: dt.datetime) -> dict[int, dict[int, Dates]]:
    """The dates of the spells of each case that has one which may count, by their keys in order."""
    rows = _known(SpellDates, keys, known_at).values_list(
        "case_id", "spell_id", "first_day_absent", "signalled_on", "back_on", "closed_on", "destination"
    )
    found: dict[int, dict[int, Dates]] = {}
    for case_id, spell_id, *values in rows:
        found.setdefault(case_id, {})[spell_id] = Dates(*values)
    return {
        case_id: dict(sorted(found[case_id].items()))
        for case_id in sorted(found)
        if any(_touches(dates, period) for dates in found[case_id].values())
    }


def _touches(dates: Dates, period: Period) -> bool:
    """Whether a spell runs on the day before the period or later, and begins before its end."""
    runs = dates.closed_on is None or dates.closed_on > period.day_before
    return runs and dates.first_day <= period.last and dates.destination != Destination.MISTAKEN


def _exemptions(dates: Mapping[int, Mapping[int, Dates]], known_at: dt.datetime) -> dict[int, list[Exempt]]:
    """Without a first day an exemption holds from the first day absent of its spell. It is of the pupil: in a
    later spell it goes on."""
    counting = Q(known_until__isnull=True) | Q(known_until__gt=known_at)
    rows = (
        _known(Exemption, list(dates), known_at)
        .filter(counting)
        .values_list("case_id", "spell_id", "article", "valid_from", "valid_to")
    )
    found: defaultdict[int, list[Exempt]] = defaultdict(list)
    for case_id, spell_id, article, first, last in rows:
        spell = dates[case_id].get(spell_id)
        if spell is not None:
            found[case_id].append(Exempt(article, first or spell.first_day, last))
    return found


def facts_of(
    model: type[Recorded],
    cases: Collection[int],
    known_at: dt.datetime,
    kind: Callable[..., FactT],
    columns: Sequence[str],
) -> dict[int, list[FactT]]:
    """The facts of a kind that were known of these cases, by spell, in the order in which they became
    known."""
    found: defaultdict[int, list[FactT]] = defaultdict(list)
    for spell_id, *values in _known(model, cases, known_at).values_list("spell_id", *columns):
        found[spell_id].append(kind(*values))
    return found


def _known(model: type[Recorded], cases: Collection[int], known_at: dt.datetime) -> Any:
    rows: Any = model._default_manager.filter(case__in=among(cases), known_from__lte=known_at)
    return rows.order_by("known_from", "id")
