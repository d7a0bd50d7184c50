"""What an administrator changes of the rules of a partnership. A changed rule counts from then on."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from common.errors import DomainError, Invalid, NotAllowed
from escalations.access import may_change_rules
from escalations.models import EscalationContact, RuleSetting, SweepState
from escalations.queries.contacts import case_managers_of, named_contact
from escalations.queries.rulebook import Line, line_of
from escalations.rules.choices import Choice, choice_of, in_order, wrong_with
from schools.models import Partnership


def change_rule(
    *,
    partnership: Partnership,
    sector: str,
    rule: str,
    active: bool,
    threshold: int,
    repeat: int | None,
    recipients: Iterable[str],
    text: str,
    seen: int | None,
    by: User,
    at: dt.datetime,
) -> bool:
    """The rule as it is to hold in a sector ("": in all that have none of their own). Answers whether that
    was a change.

    `seen` is the key of the setting that was on screen (None: the default): who saw another one than holds
    now is refused.
    """
    choice = Choice(active, threshold, repeat, tuple(dict.fromkeys(recipients)), text.strip())
    with transaction.atomic():
        locked = _lock(partnership, by=by)
        line = _line(locked, sector, rule, seen=seen)
        for field, sentence in wrong_with(rule, choice).items():
            raise Invalid(sentence, field=field)
        choice = Choice(active, threshold, repeat, in_order(choice.recipients), choice.text)
        if choice == choice_of(line.rule):
            return False
        _replace(locked, sector, rule, at=at)
        _write(locked, sector, rule, choice, changed_by=by, changed_at=at)
        _sweep_soon(locked, at=at)
        _record("rule.changed", locked, sector, rule, choice, by=by)
    return True


def reset_rule(
    *, partnership: Partnership, sector: str, rule: str, seen: int | None, by: User, at: dt.datetime
) -> bool:
    """Back to the default; in a sector to what holds for all. Answers whether anything was set there."""
    with transaction.atomic():
        locked = _lock(partnership, by=by)
        line = _line(locked, sector, rule, seen=seen)
        if not line.is_set_here:
            return False
        _replace(locked, sector, rule, at=at)
        choice = choice_of(line_of(locked.pk, sector, rule).rule)
        _write(locked, sector, rule, choice, changed_by=by, changed_at=at, replaced_at=at, is_reset=True)
        _sweep_soon(locked, at=at)
        _record("rule.reset", locked, sector, rule, choice, by=by)
    return True


def name_escalation_contact(*, partnership: Partnership, user: User | None, by: User) -> bool:
    """Whom to tell of what goes to the top of the ladder; None: all case managers. Answers whether that was
    a change."""
    with transaction.atomic():
        locked = _lock(partnership, by=by)
        if user is not None and not case_managers_of(locked).filter(pk=user.pk).exists():
            raise Invalid(_("Choose a case manager of this partnership."), field="user")
        if named_contact(locked.pk) == user:
            return False
        if user is None:
            EscalationContact.objects.filter(partnership=locked).delete()
        else:
            EscalationContact.objects.update_or_create(partnership=locked, defaults={"user": user})
        details = {"user": user.pk if user else None}
        record("escalation_contact.named", by=by, target=_target(locked), details=details)
    return True


def _lock(partnership: Partnership, *, by: User) -> Partnership:
    """Who changes rules of a partnership take turns; its cases go on meanwhile."""
    rows = Partnership.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
    locked = rows.get(pk=partnership.pk)
    if not may_change_rules(by, locked.pk):
        raise NotAllowed(_("Only an administrator of the partnership changes its rules."))
    return locked


def _line(partnership: Partnership, sector: str, rule: str, *, seen: int | None) -> Line:
    """The rule as it holds now, which has to be what was seen."""
    line = line_of(partnership.pk, sector, rule)
    if line.is_waiting:
        raise DomainError(_("This rule waits for the weeks of a return to be registered."))
    if line.seen != seen:
        raise DomainError(_("Somebody changed this rule while you looked at it. See how it stands now."))
    return line


def _sweep_soon(partnership: Partnership, *, at: dt.datetime) -> None:
    """A changed rule counts from now on, so the next worker looks at the cases."""
    SweepState.objects.filter(partnership=partnership).update(next_at=at)


def _replace(partnership: Partnership, sector: str, rule: str, *, at: dt.datetime) -> None:
    current = RuleSetting.objects.filter(partnership=partnership, sector=sector, rule=rule)
    current.filter(replaced_at__isnull=True).update(replaced_at=at)


def _write(partnership: Partnership, sector: str, rule: str, choice: Choice, **facts: Any) -> None:
    RuleSetting.objects.create(
        partnership=partnership,
        sector=sector,
        rule=rule,
        active=choice.active,
        threshold=choice.threshold,
        repeat=choice.repeat,
        recipients=" ".join(choice.recipients),
        text=choice.text,
        **facts,
    )


def _record(
    action: str, partnership: Partnership, sector: str, rule: str, choice: Choice, *, by: User
) -> None:
    """Codes and numbers; of the text only that there is one."""
    details = {
        "rule": rule,
        "sector": sector,
        "active": choice.active,
        "threshold": choice.threshold,
        "repeat": choice.repeat,
        "recipients": list(choice.recipients),
        "with_text": bool(choice.text),
    }
    record(action, by=by, target=_target(partnership), details=details)


def _target(partnership: Partnership) -> str:
    return f"organisation swv {partnership.number}"
