"""Tells people of reminders: who they are is resolved now, and each is told once in the application.

Their mail follows from the notice (notifications), at the moment that they chose; who may get it is asked
again then.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse

from common.collector import collector_at_rest
from escalations.enums import About, Level, ReminderState
from escalations.models import Reminder
from escalations.notices import kind_of
from escalations.queries.notices import key_of
from escalations.queries.recipients import Resolved, resolve
from escalations.queries.reminders import pending_reminders
from notifications.kinds import Urgency
from notifications.queries import told_users
from notifications.services import Told, restore, tell, withdraw
from schools.models import Organisation

CHUNK = 500

URGENCIES = {Level.FIRST: Urgency.TODO, Level.SECOND: Urgency.TODO, Level.THIRD: Urgency.NOW}


def tell_pending(
    partnership_id: int, *, on: dt.date, at: dt.datetime, everybody: bool, case_id: int | None = None
) -> int:
    """Tells what is due in a partnership to who was not told yet; answers how many reminders nobody can get.

    `everybody`: also of reminders that somebody was told of, as roles and case leads change; who is no longer
    meant has it taken from the inbox.
    """
    if everybody and case_id is None:
        _take_back_early(partnership_id, on=on, at=at)
    reminders = pending_reminders(on=on).filter(partnership=partnership_id)
    if case_id is not None:
        reminders = reminders.filter(case=case_id)
    if not everybody:
        reminders = reminders.filter(told_at__isnull=True)
    ids = list(reminders.order_by("pk").values_list("pk", flat=True))
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return sum(_tell_chunk(chunk, on=on, at=at) for chunk in chunks)


def withdraw_notices(ids: Sequence[int], *, at: dt.datetime) -> None:
    """These reminders ask nothing any more: gone for everyone."""
    if ids:
        withdraw(keys=[key_of(pk) for pk in ids], at=at)


def restore_notices(ids: Sequence[int], *, at: dt.datetime) -> None:
    """These reminders are open again: back in the inbox, without a second mail."""
    if ids:
        restore(keys=[key_of(pk) for pk in ids], at=at)


@collector_at_rest()
@transaction.atomic
def _tell_chunk(ids: Sequence[int], *, on: dt.date, at: dt.datetime) -> int:
    reminders = list(pending_reminders(on=on).filter(pk__in=ids).select_related("case"))
    resolved = resolve(reminders, on=on)
    names = _names(reminders)
    told = told_users([key_of(reminder.pk) for reminder in reminders])
    items, untold, now_told = [], 0, []
    gone: defaultdict[int, list[str]] = defaultdict(list)
    back: defaultdict[int, list[str]] = defaultdict(list)
    for reminder in reminders:
        key, meant = key_of(reminder.pk), resolved[reminder.pk]
        link = reverse("reminder", args=[reminder.pk])
        had = told.get(key, {})
        items += [
            _told(reminder, user_id, meant, names[reminder.pk], link)
            for user_id in sorted(meant.user_ids - had.keys())
        ]
        for user_id, there in had.items():
            if there and user_id not in meant.user_ids:
                gone[user_id].append(key)
            elif not there and user_id in meant.user_ids:
                back[user_id].append(key)
        if not meant.user_ids:
            untold += 1
        elif reminder.told_at is None:
            now_told.append(reminder.pk)
    if items:
        tell(items)
    for user_id, keys in gone.items():
        withdraw(keys=keys, at=at, user_ids=[user_id])
    for user_id, keys in back.items():
        restore(keys=keys, at=at, user_ids=[user_id])
    Reminder.objects.filter(pk__in=now_told, told_at__isnull=True).update(told_at=at)
    return untold


@transaction.atomic
def _take_back_early(partnership_id: int, *, on: dt.date, at: dt.datetime) -> None:
    """What was told under a clock that was ahead waits for its day. It is back in the inbox then, and who was
    not mailed of it is mailed."""
    early = Reminder.objects.filter(
        partnership=partnership_id, state=ReminderState.OPEN, due_on__gt=on, told_at__isnull=False
    )
    ids = list(early.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        withdraw_notices(some, at=at)
        Reminder.objects.filter(pk__in=some).update(told_at=None)


def _told(reminder: Reminder, user_id: int, meant: Resolved, name: str, link: str) -> Told:
    return Told(
        user_id=user_id,
        kind=kind_of(
            reminder.rule, instead=user_id in meant.instead, changed=meant.rule.is_counted_otherwise
        ),
        key=key_of(reminder.pk),
        context={
            "number": name,
            "since": reminder.counts_from.isoformat(),
            "own": f" {meant.rule.text}" if meant.rule.text else "",
        },
        link=link,
        about=name,
        urgency=URGENCIES[Level(reminder.level)],
        asks=True,
        by_when=reminder.by_when,
    )


def _names(reminders: Sequence[Reminder]) -> dict[int, str]:
    """What each is about: the number of the case, or the name of the school."""
    schools = Organisation.objects.in_bulk([r.object_id for r in reminders if r.about == About.SCHOOL])
    return {
        reminder.pk: reminder.case.number if reminder.case else schools[reminder.object_id].name[:60]
        for reminder in reminders
    }
