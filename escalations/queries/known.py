"""The reminders that there are, as far as a decision about new ones looks at them."""

from collections import defaultdict
from typing import Any

from django.db.models import Q, QuerySet

from escalations.enums import PENDING
from escalations.models import Reminder
from escalations.queries.judging import Pair
from escalations.rules.deciding import Known


def known_of(reminders: QuerySet[Reminder]) -> dict[Pair, list[Known]]:
    """The newest of each rule and object, and what is pending."""
    return by_pair(reminders.filter(Q(newest=True) | Q(state__in=PENDING)))


def older_of(reminders: QuerySet[Reminder]) -> dict[Pair, list[Known]]:
    """The others."""
    return by_pair(reminders.filter(newest=False).exclude(state__in=PENDING))


def by_pair(reminders: QuerySet[Reminder]) -> dict[Pair, list[Known]]:
    found: defaultdict[Pair, list[Known]] = defaultdict(list)
    rows: QuerySet[Any, Any] = reminders.values_list(
        "rule",
        "about",
        "object_id",
        "pk",
        "counts_from",
        "due_on",
        "state",
        "newest",
        "anew",
        "postponed_until",
        "told_at",
        "case__sector",
    )
    for rule, about, object_id, *row in rows:
        found[rule, about, object_id].append(Known(*row))
    return found
