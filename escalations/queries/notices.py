"""Which notices of reminders may be told to somebody at this moment."""

from collections.abc import Sequence
from typing import Any

from common.dates import today
from escalations.queries.calendars import Calendars
from escalations.queries.facts import facts_of
from escalations.queries.judging import Judge, Pair
from escalations.queries.recipients import resolve
from escalations.queries.reminders import pending_reminders
from escalations.queries.settings import rules_in_force
from escalations.rules.deciding import Due

PREFIX = "reminder:"


def key_of(reminder_id: int) -> str:
    """The key of the notices of a reminder: each person gets one."""
    return f"{PREFIX}{reminder_id}"


def may_get(user: Any, notices: Sequence[Any]) -> set[int]:
    """Those of open reminders that hold today and are this user's now: he sees the case and is meant."""
    on = today()
    by_reminder = {int(notice.key.removeprefix(PREFIX)): notice.pk for notice in notices}
    reminders = list(pending_reminders(on=on).filter(pk__in=by_reminder).select_related("case"))
    holding = holding_today(reminders, on=on)
    resolved = resolve(reminders, on=on)
    return {
        by_reminder[reminder.pk]
        for reminder in reminders
        if user.pk in resolved[reminder.pk].user_ids and _holds(reminder, holding[reminder.partnership_id])
    }


def _holds(reminder: Any, holding: dict[Pair, Due]) -> bool:
    """Its condition holds, and the date from which it counts did not move (or not so that it matters)."""
    due = holding.get((reminder.rule, reminder.about, reminder.object_id))
    return due is not None and (reminder.counts_from == due.counts_from or reminder.due_on == due.latest)


def holding_today(reminders: Sequence[Any], *, on: Any) -> dict[int, dict[Pair, Due]]:
    """What holds on a day for the cases and schools of these reminders, by partnership. Writes nothing: what
    no longer holds is not told, the sweep cancels it."""
    found: dict[int, dict[Pair, Due]] = {}
    for partnership_id in {reminder.partnership_id for reminder in reminders}:
        of_partnership = [r for r in reminders if r.partnership_id == partnership_id]
        calendars = Calendars(partnership_id)
        facts = facts_of(sorted({r.case_id for r in of_partnership if r.case_id}))
        calendars.prepare({case.site_id for case in facts.values()})
        judge = Judge(rules_in_force(partnership_id), calendars, on=on)
        found[partnership_id] = {it.pair: it.due for it in judge.cases(facts.values())}
        if any(r.case_id is None for r in of_partnership):
            found[partnership_id] |= {it.pair: it.due for it in judge.schools(partnership_id)}
    return found
