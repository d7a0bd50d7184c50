"""Measures the sweep of all open cases in worlds of several sizes, and writes bench/results.md.

    python -m bench.sweep postgres://root@127.0.0.1:5432/postgres 10000 1000000

Everything is measured several times, on whole processes that are ready before the clock starts; medians are
written. What was made for it is dropped at the end, unless --keep says to use it again the next time.
"""

import argparse
import datetime as dt
import os
from dataclasses import replace
from typing import Any

import psycopg

from bench import world
from bench.measuring import HEADS, Measured, Run, machine, table, work
from bench.world import ROOT, to_stderr

RESULTS = ROOT / "bench" / "results.md"
MADE = "escalations_reminder, escalations_reminderact, notifications_notice, notifications_dispatch"
CHUNKS = (100, 500, 1000, 2000, 8000)


def counting(address: str, task: str, *options: str, workers: int = 1) -> tuple[Run, list[Any]]:
    """A run with the number of reminders and notices that it made."""
    before = reminders_and_notices(address)
    run, results = work(address, task, *options, workers=workers)
    return replace(run, made=reminders_and_notices(address) - before), results


def cells(row: Measured) -> list[str]:
    return [*row.cells(), f"{row.median('made'):,.0f}"]


def execute(address: str, statement: str) -> Any:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def reminders_and_notices(address: str) -> int:
    asked = "SELECT (SELECT count(*) FROM escalations_reminder) + (SELECT count(*) FROM notifications_notice)"
    return int(execute(address, asked)[0])


def as_new(address: str) -> None:
    """Nothing was ever swept or told."""
    execute(address, f"TRUNCATE {MADE}, escalations_sweepstate")


def settle(address: str) -> None:
    """What autovacuum does in the quarter of an hour between two sweeps."""
    for made in MADE.split(", "):
        execute(address, f"VACUUM ANALYZE {made}")


def sweeps(address: str, cases: int, *, workers: int, runs: int) -> list[Measured]:
    found: dict[str, list[Run]] = {"first sweep": [], "second sweep": [], "sweep of the next day": []}
    for nth in range(runs):
        as_new(address)
        for what, options in (
            ("first sweep", ()),
            ("second sweep", ("--minute", "20")),
            ("sweep of the next day", ("--days", "1")),
        ):
            run, _ = counting(address, "sweep_due", *options, workers=workers)
            found[what].append(run)
            settle(address)
            to_stderr(f"{cases:,}, {workers} processes, {nth + 1} of {runs}: {what} {run.wall:.2f} s")
    return [Measured(cases, what, workers, some) for what, some in found.items()]


def telling(address: str, cases: int) -> list[Measured]:
    """After a sweep; once, for so many notices take their time."""
    found = []
    for what in ("first telling", "second telling"):
        run, _ = counting(address, "tell", "--days", "1")
        found.append(Measured(cases, what, 1, [run]))
        settle(address)
        to_stderr(f"{cases:,}: {what} {run.wall:.2f} s")
    return found


def chunks(address: str, cases: int) -> list[Measured]:
    """A sweep that has nothing to make, by the number of cases taken at a time; once."""
    found = []
    for nth, chunk in enumerate(CHUNKS, start=1):
        run, _ = counting(
            address, "sweep_due", "--days", "1", "--minute", str(20 * nth), "--chunk", str(chunk)
        )
        found.append(Measured(cases, f"second sweep, {chunk} cases at a time", 1, [run]))
        to_stderr(f"{cases:,}: {chunk} at a time {run.wall:.2f} s, {run.peak:.0f} MB")
    return found


REPORT = """# How long the sweep takes

Written by `make bench` on {day:%d-%m-%Y}. Medians of {runs} runs. 8 of 100 cases are open, spread over 152
partnerships of which the largest has ten times the cases of the smallest.

{machine}

Processes that wanted a core when it began: {before:.1f}, when it ended: {after:.1f}. Where that is more than
there are cores, the machine had other work and the wall clock measures that too; the processor times hardly
do. On two idle cores two processes take about half of both processor times together.

*First sweep*: all reminders are to be made. *Second*: none is. *Next day*: few are. Telling is apart and was
measured once, as was the number of cases at a time; on the day of the world everybody is told of everything.

{sweeps}

## While somebody waits

In the largest partnership: after a change of a case, the escalations page, and which notices may be mailed.

{waits}
"""
WAITS = ["cases", "what", "wall, ms", "processor of ours, ms", "queries"]


def measure(url: str, cases: int, *, runs: int, keep: bool) -> tuple[list[Measured], list[list[str]]]:
    name = world.name_of(cases)
    address = world.address_of(url, name)
    if keep and world.is_ours(url, name):
        world.migrate(address)
    else:
        world.make(url, name, cases=cases, say=to_stderr)
    try:
        idle = [work(address, "nothing")[0] for _ in range(runs)]
        rows = [Measured(cases, "a process that does nothing", 1, idle)]
        for workers in (1, 2):
            rows += sweeps(address, cases, workers=workers, runs=runs)
        rows += chunks(address, cases)
        rows += telling(address, cases)
        _, (waits,) = work(address, "requests", "--days", "1")
    finally:
        if not keep:
            world.drop(url, name)
    return rows, [
        [f"{cases:,}", what, f"{it['wall']:.1f}", f"{it['cpu']:.1f}", f"{it['queries']:.0f}"]
        for what, it in waits.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url", help="of any database on the server, as a user who may make databases")
    parser.add_argument("cases", type=int, nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="use the databases again, and leave them")
    given = parser.parse_args()
    before = os.getloadavg()[0]
    rows: list[Measured] = []
    waits: list[list[str]] = []
    for cases in given.cases:
        measured, waited = measure(given.url, cases, runs=given.runs, keep=given.keep)
        rows += measured
        waits += waited
        text = REPORT.format(
            day=dt.datetime.now(dt.UTC),
            runs=given.runs,
            machine=machine(given.url),
            before=before,
            after=os.getloadavg()[0],
            sweeps=table([*HEADS, "made"], [cells(row) for row in rows]),
            waits=table(WAITS, waits),
        )
        RESULTS.write_text(text)
    to_stderr(f"Written to {RESULTS.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
