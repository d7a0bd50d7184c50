"""Brings a register file in (contracts/register.md): the same for the command and for the screen.

The file is read in chunks of rows, each in its own short transaction, so that nobody waits long. A file of
which the import broke off halfway can be given again: the rows that went in are then unchanged.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransition

from accounts.models import User
from audit.services import record
from cases.services.register import applying
from cases.services.register.columns import COLUMNS, REQUIRED
from cases.services.register.deciding import Holder, Holders, Outcome, Place, decide, refusal
from cases.services.register.reading import Draft, read
from cases.services.register.references import References
from cases.services.register.report import Oddity, Report
from common.errors import DomainError
from common.tabular import Table, read_rows

CHUNK = 500
ATTEMPTS = 3
#: How PostgreSQL says that two transactions wait for each other and that this one is to begin again.
DEADLOCK = "40P01"

#: Is told after each chunk what was done so far, and of how many rows where that is known.
Progress = Callable[[Report, int | None], None]


@dataclass(frozen=True)
class Order:
    """Who asks for the import, when, and how. `partnerships`: those whose rows may go in (None: all)."""

    by: User | None
    at: dt.datetime
    on: dt.date
    partnerships: Collection[int] | None
    dry_run: bool
    most: int | None
    progress: Progress | None


def import_register(
    source: Any,
    *,
    by: User | None,
    at: dt.datetime,
    on: dt.date,
    partnerships: Collection[int] | None = None,
    dry_run: bool = False,
    all_or_nothing: bool = False,
    most: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Reads the file at a path, or an open one, and says what came of it. Raises Unreadable before anything
    is written.

    `all_or_nothing`: one refused row keeps everything out. `most`: how many refusals and warnings the report
    lists.
    """
    order = Order(by, at, on, partnerships, dry_run, most, progress)
    if not all_or_nothing:
        report = _run(source, order)
    else:
        report = _run(source, replace(order, dry_run=True))
        if not report.refused_count and not dry_run:
            with transaction.atomic():
                report = _run(source, order)
                transaction.set_rollback(bool(report.refused_count))
        if report.refused_count:
            report.created = report.updated = 0
    if not dry_run:
        record("register.imported", by=by, details=report.counts())
    return report


def _run(source: Any, order: Order) -> Report:
    report = Report(most=order.most)
    references = References(allowed=order.partnerships)
    claims: Holders = {}
    with read_rows(source, columns=COLUMNS, required=REQUIRED) as table:
        total = table.total
        if total is None and not order.dry_run:
            total = _read_to_the_end(source)
        for name in table.unknown:
            report.warn(Oddity(1, name, str(_("This column is unknown and ignored."))))
        drafts = _drafts(table, on=order.on)
        while chunk := list(islice(drafts, CHUNK)):
            references.fill(chunk)
            outcome = _bring_in(chunk, order, claims)
            if order.dry_run:
                claims |= outcome.claims
            outcome.tell(report)
            report.rows += len(chunk)
            if order.progress:
                order.progress(report, total)
    return report


def _read_to_the_end(source: Any) -> int:
    """A workbook may turn out to be damaged on its last row only: nothing may have gone in by then."""
    with read_rows(source, columns=COLUMNS, required=REQUIRED) as table:
        return sum(1 for _row in table)


def _drafts(table: Table, *, on: dt.date) -> Iterator[Draft]:
    seen: set[str] = set()
    for line, cells in table:
        draft = read(line, cells, on=on)
        reference = draft.row.get("dossier")
        if reference in seen:
            draft.faults["dossier"] = _("This reference occurs earlier in the file.")
        elif reference:
            seen.add(reference)
        yield draft


def _bring_in(drafts: list[Draft], order: Order, claims: Mapping[Place, Holder | None]) -> Outcome:
    """Decides on rows and writes them, in one transaction. Somebody else may write at the same moment: then
    it is decided again, and at last row by row, so that one row cannot keep out its neighbours."""
    if order.dry_run:
        return decide(drafts, claims, lock=False)
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                outcome = decide(drafts, claims, lock=True)
                applying.change(outcome.changes, by=order.by, at=order.at, on=order.on)
                applying.remember(outcome.remember, at=order.at)
                applying.create(outcome.new, by=order.by, at=order.at)
        except (IntegrityError, ConcurrentTransition, DomainError):
            continue
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
                raise
            continue
        return outcome
    if len(drafts) == 1:
        return Outcome(refused=[refusal(drafts[0], ("dossier", MEANWHILE))])
    whole = Outcome()
    for draft in drafts:
        part = _bring_in([draft], order, claims)
        whole.new += part.new
        whole.changes += part.changes
        whole.unchanged += part.unchanged
        whole.refused += part.refused
    return whole


MEANWHILE: Any = _("Somebody else worked on this pupil at the same moment. Import the file again.")
