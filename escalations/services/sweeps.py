"""Sweeps of many partnerships: by command all of them, by workers whichever is due."""

import datetime as dt
from collections.abc import Callable

import structlog
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import F, Q, QuerySet

from common import dates
from escalations.models import SweepState
from escalations.services.sweep import Tally, sweep_case, sweep_partnership
from escalations.services.telling import tell_pending
from notifications.services import redate
from schools.models import Partnership

logger = structlog.get_logger(__name__)

#: How often a partnership is swept; the first time on a day as soon as it has begun.
EVERY = dt.timedelta(minutes=15)
#: A worker that has not finished by then has died.
LEASE = dt.timedelta(minutes=10)
#: After a failure it is tried again sooner, then less and less often.
LONGEST_PAUSE = dt.timedelta(hours=1)

#: So much clocks of workers may differ.
MOST_APART = dt.timedelta(minutes=1)

Clock = Callable[[], dt.datetime]


def sweep_all(*, on: dt.date, at: dt.datetime, dry_run: bool = False) -> Tally:
    """Every partnership, one after the other, whatever workers do. Tells nobody: a worker does."""
    total = Tally()
    for partnership_id in Partnership.objects.order_by("pk").values_list("pk", flat=True):
        total.add(sweep_partnership(partnership_id, on=on, at=at, dry_run=dry_run))
    return total


def due_sweeps(*, at: dt.datetime) -> QuerySet[SweepState]:
    """Not swept yet on this day, too long ago, or in a time to come; and nobody at work has them."""
    day = dates.day_of(at)
    too_far = at + dates.LONGER_THAN_ANY_PAUSE  # of a clock that was wrong
    wanted = Q(next_at__lte=at) | Q(next_at__gt=too_far)
    wanted |= Q(failures=0) & (Q(swept_on__lt=day) | Q(swept_at__gt=at + MOST_APART))
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=at - LEASE) | Q(claimed_at__gt=too_far)
    return SweepState.objects.filter(wanted, free)


def enlist(*, at: dt.datetime) -> None:
    """Each partnership has a row to claim, new ones too."""
    missing = Partnership.objects.filter(sweep_state__isnull=True).values_list("pk", flat=True)
    SweepState.objects.bulk_create(
        [SweepState(partnership_id=pk, next_at=at) for pk in missing], ignore_conflicts=True
    )


def sweep_due(*, clock: Clock) -> int:
    """Sweeps and tells partnership by partnership until none is due; answers how many. Any number of workers
    may do so at the same time: a claim is a conditional update, so that one of them has it."""
    done = 0
    while (state := _claim(at=clock())) is not None:
        _sweep_claimed(state, clock=clock)
        done += 1
    return done


def _claim(*, at: dt.datetime) -> SweepState | None:
    for pk in due_sweeps(at=at).order_by("next_at", "pk").values_list("pk", flat=True)[:20]:
        if due_sweeps(at=at).filter(pk=pk).update(claimed_at=at):
            return SweepState.objects.get(pk=pk)
    return None


def _sweep_claimed(state: SweepState, *, clock: Clock) -> None:
    at = clock()
    on = dates.day_of(at)
    try:
        if state.swept_at and state.swept_at > at:
            redate(at=at)  # the clock was ahead, and what was told then waits for a moment of that clock
        tally = sweep_partnership(state.pk, on=on, at=at)
        untold = tell_pending(state.pk, on=on, at=at, everybody=state.swept_on != on)
    except Exception as error:  # whatever it is, the row has to say so and the others have to go on
        logger.exception("sweep_failed", partnership=state.pk)
        pause = min(dt.timedelta(minutes=2 ** min(state.failures, 6)), LONGEST_PAUSE)
        _settle(
            state,
            failures=F("failures") + 1,
            last_error=_cause(error),
            next_at=clock() + pause,
        )
        return
    _settle(
        state,
        swept_on=on,
        swept_at=clock(),
        next_at=at + EVERY,
        open_cases=tally.open_cases,
        due=tally.due,
        created=tally.created,
        cancelled=tally.cancelled,
        untold=untold,
        failures=0,
        last_error="",
    )


def _cause(error: Exception) -> str:
    """Its first line: further ones of a database may hold values of a row."""
    first, *_others = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first}"[:300]


def _settle(state: SweepState, **values: object) -> None:
    """Only if the claim is still ours: after the lease another worker may have it."""
    SweepState.objects.filter(pk=state.pk, claimed_at=state.claimed_at).update(claimed_at=None, **values)


def case_touched(case_id: int, partnership_id: int) -> None:
    """Somebody is changing a case: it is swept as soon as that is certain, once for each transaction."""
    ours = connections[DEFAULT_DB_ALIAS]  # that of this thread; `connection` itself is one for all
    waiting: set[int] = ours.__dict__.setdefault("_cases_to_sweep", set())
    waiting.add(case_id)

    def sweep_once() -> None:
        if case_id in waiting:
            waiting.discard(case_id)
            at = dates.now()
            sweep_touched(case_id, partnership_id, on=dates.day_of(at), at=at)

    transaction.on_commit(sweep_once)


def sweep_touched(case_id: int, partnership_id: int, *, on: dt.date, at: dt.datetime) -> None:
    """After somebody did something about a case: what was settled disappears at once, and new people are
    told. If it fails, the sweep of the partnership does it."""
    try:
        sweep_case(case_id, partnership_id, on=on, at=at)
        tell_pending(partnership_id, on=on, at=at, everybody=True, case_id=case_id)
    except Exception:  # whatever it is: what the user did is done, and he has to hear so
        logger.exception("case_not_swept", case=case_id)
