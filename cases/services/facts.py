"""The one way in which facts of a case change: rows are appended in two times, the case keeps the newest
values.

A fact holds from a day on and replaces what was recorded for later days (contracts/counting.md, "Facts in two
times"). Callers hold the lock on the case and have asked for the right.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cases import access
from cases.enums import Source
from cases.models import (
    AbsencePeriod,
    Case,
    Exemption,
    FittingOffer,
    NameWord,
    Particulars,
    ReasonCodes,
    Spell,
    SpellDates,
)
from cases.rules import effective
from cases.services.intake import ExemptionGiven, name_words
from common.errors import DomainError

ABSENCE = ("enrolled", "extent", "hours_attended", "authorised", "ill", "can_attend_partly")
OFFER = ("offer", "offer_since")
REASONS = ("reasons",)
DATES = ("first_day_absent", "signalled_on", "back_on", "closed_on", "destination")
OF_PUPIL = ("first_name", "last_name", "birth_date", "municipality", "year_group")
PLACE = ("site", "sector")
ALL = (*OF_PUPIL, *PLACE, *ABSENCE, *OFFER, *REASONS, *DATES, "exemption")


def current(case: Case, *, exemption: bool = True) -> dict[str, Any]:
    """The facts of a case as they are now, by the names that `correct` takes. Asks for the exemption only."""
    found = {name: getattr(case.pupil, name) for name in OF_PUPIL}
    found |= {name: getattr(case, name) for name in (*PLACE, *ABSENCE, *OFFER, *REASONS, *DATES)}
    return found | ({"exemption": _given(current_exemption(case))} if exemption else {})


def current_exemption(case: Case) -> Exemption | None:
    """The exemption recorded last that still counts."""
    return case.exemption_rows.filter(known_until__isnull=True).order_by("-known_from", "-id").first()


def correct(
    case: Case,
    changes: Mapping[str, Any],
    *,
    by: User | None,
    at: dt.datetime,
    known_from: dt.datetime | None = None,
    holds_from: dt.date | None = None,
    source: Source = Source.APPLICATION,
) -> set[str]:
    """Records what differs and returns the names of what changed (empty: nothing was written).

    `holds_from`: the day from which the change holds, the first day absent when left out (it was so from the
    start). Raises DomainError where the change would make a second open case of the pupil at the school.
    """
    before = current(case, exemption="exemption" in changes)
    changed = {name for name, value in changes.items() if before[name] != value}
    if not changed:
        return set()
    for name in changed & {*PLACE, *ABSENCE, *OFFER, *REASONS, *DATES} - {"destination"}:
        setattr(case, name, changes[name])
    for name in changed & set(OF_PUPIL):
        setattr(case.pupil, name, changes[name])
    if "destination" in changed:
        case.destination = changes["destination"]
    if "site" in changed:
        case.school = case.site.school if case.site else None
    _save(case, changed)

    about = _about(case, by=by, at=at, known_from=known_from or at, source=source)
    since = holds_from or case.first_day_absent
    if "first_day_absent" in changed:
        _begin_at(case, about)
    if changed & {*OF_PUPIL, *PLACE}:
        Particulars.objects.create(**about, holds_from=since, **particulars(case))
    if changed & set(ABSENCE):
        AbsencePeriod.objects.create(**about, holds_from=since, **absence(case))
    if changed & set(OFFER):
        if "offer" not in changed:
            _begin_offer_later(case, about)
        FittingOffer.objects.create(
            **about, holds_from=case.offer_since or since, offer=case.offer, since=case.offer_since
        )
    if changed & set(REASONS):
        ReasonCodes.objects.create(**about, holds_from=since, codes=case.reasons)
    if changed & set(DATES):
        SpellDates.objects.create(**about, **dates(case))
    if "exemption" in changed:
        _replace_exemption(case, changes["exemption"], about)
    if changed & set(PLACE):
        access.sync(case)
    return changed


def begin_spell(
    case: Case,
    *,
    by: User | None,
    at: dt.datetime,
    known_from: dt.datetime | None = None,
    source: Source = Source.APPLICATION,
) -> Spell:
    """A new spell of a case with its facts, from the (already set) first day absent on."""
    spell = Spell.objects.create(case=case, number=case.spell)
    about = _about(case, by=by, at=at, known_from=known_from or at, source=source)
    first = {**about, "holds_from": case.first_day_absent}
    Particulars.objects.create(**first, **particulars(case))
    AbsencePeriod.objects.create(**first, **absence(case))
    FittingOffer.objects.create(**first, offer=case.offer, since=case.offer_since)
    ReasonCodes.objects.create(**first, codes=case.reasons)
    SpellDates.objects.create(**about, **dates(case))
    return spell


def record_dates(case: Case, *, by: User | None, at: dt.datetime) -> None:
    """The dates of the current spell as they are now (after closing)."""
    SpellDates.objects.create(
        **_about(case, by=by, at=at, known_from=at, source=Source.APPLICATION), **dates(case)
    )


def add_exemption(case: Case, given: ExemptionGiven, *, by: User, at: dt.datetime) -> Exemption:
    """One more exemption beside those that there are."""
    return Exemption.objects.create(
        **_about(case, by=by, at=at, known_from=at, source=Source.APPLICATION),
        article=given.article,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )


def replace_exemption(
    exemption: Exemption, given: ExemptionGiven | None, *, case: Case, by: User, at: dt.datetime
) -> None:
    """A corrected exemption takes the place of the recorded one; None: there was none after all."""
    exemption.known_until = at
    exemption.save(update_fields=["known_until"])
    if given is not None:
        add_exemption(case, given, by=by, at=at)


def particulars(case: Case) -> dict[str, Any]:
    pupil = case.pupil
    return {name: getattr(pupil, name) for name in OF_PUPIL} | {
        "school": case.school,
        "site": case.site,
        "sector": case.sector,
    }


def absence(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in ABSENCE}


def dates(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in DATES}


def _about(
    case: Case, *, by: User | None, at: dt.datetime, known_from: dt.datetime, source: Source
) -> dict[str, Any]:
    spell = Spell.objects.get(case=case, number=case.spell)
    return {
        "case": case,
        "spell": spell,
        "known_from": known_from,
        "recorded_at": at,
        "recorded_by": by,
        "source": source,
    }


def _save(case: Case, changed: set[str]) -> None:
    if changed & set(OF_PUPIL):
        case.pupil.save()
        case.pupil_identity = case.pupil.identity
    if changed & {"first_name", "last_name"}:
        case.pupil.name_words.all().delete()
        NameWord.objects.bulk_create(name_words(case.pupil))
    try:
        with transaction.atomic():
            case.save()
    except IntegrityError as error:
        raise DomainError(_("This pupil already has an open case at that school.")) from error


def _begin_at(case: Case, about: dict[str, Any]) -> None:
    """The first day absent moved: what held from the first day on now holds from the new one, later changes
    stay."""
    for model in (Particulars, AbsencePeriod, ReasonCodes):
        rows = model.objects.filter(case=case, spell=about["spell"]).order_by("known_from", "id")
        held: list[Any] = effective(rows)
        if not held:
            continue
        first = next((row for row in reversed(held) if row.holds_from <= case.first_day_absent), held[0])
        for row in held[held.index(first) :]:
            row.pk, row._state.adding = None, True
            row.holds_from = (
                max(row.holds_from, case.first_day_absent) if row is not first else case.first_day_absent
            )
            for name, value in about.items():
                setattr(row, name, value)
            row.save(force_insert=True)


def _begin_offer_later(case: Case, about: dict[str, Any]) -> None:
    """Where the offer began later than was thought, what held before it goes on until then."""
    rows = FittingOffer.objects.filter(case=case, spell=about["spell"]).order_by("known_from", "id")
    held = effective(rows)
    if not held or case.offer_since is None or case.offer_since <= held[-1].holds_from:
        return
    before = held[-2] if len(held) > 1 else FittingOffer()
    FittingOffer.objects.create(
        **about, holds_from=held[-1].holds_from, offer=before.offer, since=before.since
    )


def _replace_exemption(case: Case, given: ExemptionGiven | None, about: dict[str, Any]) -> None:
    known = current_exemption(case)
    if known is not None:
        known.known_until = about["known_from"]
        known.save(update_fields=["known_until"])
    if given is not None:
        Exemption.objects.create(
            **about, article=given.article, valid_from=given.valid_from, valid_to=given.valid_to
        )


def _given(exemption: Exemption | None) -> ExemptionGiven | None:
    if exemption is None:
        return None
    return ExemptionGiven(exemption.article, exemption.valid_from, exemption.valid_to)
