"""Correcting and changing the facts of a case on screen: lock, authorise, check, change, record."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from cases import permissions
from cases.models import Case, Exemption
from cases.queries.places import may_signal_for
from cases.services import facts
from cases.services.intake import ExemptionGiven
from cases.services.locking import lock
from common.errors import DomainError, Invalid, NotFound


def version_of(case: Case) -> str:
    """A mark of the facts as somebody saw them, by which a form notices that they changed meanwhile."""
    return salted_hmac("cases.services.correction", repr(sorted(facts.current(case).items()))).hexdigest()


@transaction.atomic
def correct(
    *,
    case: Case,
    changes: Mapping[str, Any],
    by: User,
    at: dt.datetime,
    on: dt.date,
    holds_from: dt.date | None = None,
    seen: str = "",
) -> set[str]:
    """Writes what differs and returns the names of it.

    Facts of the absence hold from `holds_from` on (the first day absent where empty); who and where the pupil
    is, the offer and the reasons were so from the start. `seen` is the version of the facts that the form
    showed.
    """
    locked = lock(case, by=by, right=permissions.MANAGE)
    if seen and not constant_time_compare(seen, version_of(locked)):
        raise DomainError(
            _("Somebody else changed these facts just before you. Nothing of yours was written down.")
        )
    _check(locked, changes, by=by, on=on)
    first_day = changes.get("first_day_absent", locked.first_day_absent)
    if holds_from is not None and not first_day <= holds_from <= on:
        raise Invalid(_("Choose a day from the first day absent up to today."), field="holds_from")
    lasting = {name: value for name, value in changes.items() if name not in facts.ABSENCE}
    absence = {name: value for name, value in changes.items() if name in facts.ABSENCE}
    changed = facts.correct(locked, lasting, by=by, at=at)
    changed |= facts.correct(locked, absence, by=by, at=at, holds_from=holds_from)
    if changed:
        record("case.corrected", by=by, target=f"case {locked.number}", details={"fields": sorted(changed)})
    return changed


@transaction.atomic
def add_exemption(*, case: Case, given: ExemptionGiven, by: User, at: dt.datetime) -> Exemption:
    """Records one more exemption."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    _check_exemption(given)
    added = facts.add_exemption(locked, given, by=by, at=at)
    record("exemption.added", by=by, target=f"case {locked.number}", details={"exemption": added.pk})
    return added


@transaction.atomic
def change_exemption(
    *, exemption: Exemption, case: Case, given: ExemptionGiven | None, by: User, at: dt.datetime
) -> None:
    """Corrects an exemption or gives it its last day; None: it was recorded by mistake."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    known = Exemption.objects.select_for_update().filter(pk=exemption.pk, case=locked).first()
    if known is None:
        raise NotFound("")
    if known.known_until is not None:
        raise DomainError(
            _("Somebody else changed this exemption just before you. Nothing of yours was written down.")
        )
    if given is not None:
        _check_exemption(given)
    facts.replace_exemption(known, given, case=locked, by=by, at=at)
    action = "exemption.removed" if given is None else "exemption.corrected"
    record(action, by=by, target=f"case {locked.number}", details={"exemption": known.pk})


def _check(case: Case, changes: Mapping[str, Any], *, by: User, on: dt.date) -> None:
    after = facts.current(case) | dict(changes)
    first, signalled, back = after["first_day_absent"], after["signalled_on"], after["back_on"]
    if first > signalled:
        raise Invalid(_("This day lies after the day of the signal."), field="first_day_absent")
    if signalled > on:
        raise Invalid(_("This day lies in the future."), field="signalled_on")
    if after["birth_date"] >= first:
        raise Invalid(_("This day does not lie before the first day absent."), field="birth_date")
    if back is not None and back <= first:
        raise Invalid(_("This day does not lie after the first day absent."), field="back_on")
    if back is not None and back > on:
        raise Invalid(_("This day lies in the future."), field="back_on")
    if after["offer_since"] is not None and after["offer_since"] > on:
        raise Invalid(_("This day lies in the future."), field="offer_since")
    if after["enrolled"] and after["site"] is None:
        raise Invalid(_("Choose the school where the pupil is enrolled."), field="site")
    _check_spells(case, first=first, signalled=signalled)
    if after["site"] != case.site and not may_signal_for(
        by, partnership=case.partnership, site=after["site"]
    ):
        raise Invalid(_("Choose a school for which you may signal pupils."), field="site")


def _check_spells(case: Case, *, first: dt.date, signalled: dt.date) -> None:
    """The spell before this one was closed by then, and what happened in this one comes after its signal."""
    earlier = case.statechange_rows.filter(spell__number__lt=case.spell).order_by("-on").first()
    if earlier is not None and first < earlier.on:
        raise Invalid(_("This day lies before the last closing."), field="first_day_absent")
    moves = (
        case.statechange_rows.filter(spell__number=case.spell)
        .exclude(from_state="")
        .exclude(transition="reopen")
    )
    moved = moves.order_by("on").first()
    if moved is not None and signalled > moved.on:
        raise Invalid(_("The state of the case changed before this day."), field="signalled_on")


def _check_exemption(given: ExemptionGiven) -> None:
    if given.valid_from is not None and given.valid_to is not None and given.valid_to < given.valid_from:
        raise Invalid(_("The last day lies before the first day."), field="valid_to")
