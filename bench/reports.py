"""Measures the counting of periods in worlds of several sizes, and writes bench/results_reports.md.

    python -m bench.reports postgres://root@127.0.0.1:5432/postgres 10000 1000000

What was made for it is dropped at the end, unless --keep says to use it again the next time.
"""

import argparse
import datetime as dt
import os
from typing import Any

from bench import world
from bench.measuring import HEADS, TIMES, Measured, machine, table, work
from bench.world import ROOT, to_stderr

RESULTS = ROOT / "bench" / "results_reports.md"

REPORT = """# How long counting takes

Written by `make bench` on {day:%d-%m-%Y}. In the world 8 of 100 cases are open, the others were closed on a
day of the ten years before; 152 partnerships, of which the largest has ten times the cases of the smallest.

{machine}

Processes that wanted a core when it began: {before:.1f}, when it ended: {after:.1f}. Where that is more than
there are cores, the machine had other work and the wall clock measures that too; the processor times hardly
do.

## While somebody waits

{times} runs of each in one process that did it once before; in the largest partnership where nothing else is
said. The processor of the database is the mean of the runs.

{waits}

The largest of these processes took {peak:.0f} MB.

## All partnerships

The last month that is over for each of 152 partnerships, medians of {runs} runs of whole processes that were
ready before the clock started. The processor times hold their start too ("nothing").

{all}
{ratios}"""
WAITS = [
    "cases",
    "what",
    "wall, ms: median",
    "95th percentile",
    "processor of ours, ms",
    "of the database, ms",
    "queries",
    "lines",
]
ALL = {
    "nothing": "a process that does nothing",
    "report_all": "a month of all partnerships",
    "report_all_with_trend": "the same with the 13 months of the trend",
}


def measure(
    url: str, cases: int, *, runs: int, keep: bool
) -> tuple[dict[str, dict[str, float]], float, list[Measured]]:
    """What somebody waits for, the peak of that in MB, and the runs over all partnerships."""
    name = world.name_of(cases)
    address = world.address_of(url, name)
    if keep and world.is_ours(url, name):
        world.migrate(address)
    else:
        world.make(url, name, cases=cases, say=to_stderr)
    try:
        _, (waits,) = work(address, "report_times")
        to_stderr(f"{cases:,}: what somebody waits for")
        rows = [
            Measured(cases, what, workers, [work(address, task, workers=workers)[0] for _ in range(runs)])
            for workers in (1, 2)
            for task, what in ALL.items()
        ]
        to_stderr(f"{cases:,}: all partnerships")
    finally:
        if not keep:
            world.drop(url, name)
    return waits["times"], waits["peak"], rows


def cells(cases: int, waits: dict[str, dict[str, float]]) -> list[list[str]]:
    return [
        [
            f"{cases:,}",
            what,
            f"**{it['wall']:.0f}**",
            f"{it['most']:.0f}",
            f"{it['cpu']:.0f}",
            f"{it['server']:.0f}",
            f"{it['queries']:.0f}",
            f"{it['lines']:,.0f}",
        ]
        for what, it in waits.items()
    ]


def ratios(found: dict[int, dict[str, dict[str, float]]]) -> str:
    """How much longer the largest world takes than the smallest, and per line."""
    small, large = min(found), max(found)
    if small == large:
        return ""
    rows = []
    for what, it in found[large].items():
        of = found[small][what]
        rows.append(
            [
                what,
                f"{it['wall'] / of['wall']:.1f}",
                f"{(it['cpu'] + it['server']) / (of['cpu'] + of['server']):.1f}",
                f"{it['lines'] / max(of['lines'], 1):.0f}",
            ]
        )
    heads = ["what", "wall", "both processors", "lines"]
    return f"\n## {large:,} cases against {small:,}: how many times as much\n\n{table(heads, rows)}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url", help="of any database on the server, as a user who may make databases")
    parser.add_argument("cases", type=int, nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="use the databases again, and leave them")
    given = parser.parse_args()
    before = os.getloadavg()[0]
    found: dict[int, Any] = {}
    peak = 0.0
    rows: list[Measured] = []
    for cases in given.cases:
        found[cases], largest, measured = measure(given.url, cases, runs=given.runs, keep=given.keep)
        peak = max(peak, largest)
        rows += measured
    RESULTS.write_text(
        REPORT.format(
            day=dt.datetime.now(dt.UTC),
            runs=given.runs,
            machine=machine(given.url),
            before=before,
            after=os.getloadavg()[0],
            times=TIMES,
            waits=table(WAITS, [row for cases, waits in found.items() for row in cells(cases, waits)]),
            peak=peak,
            all=table(HEADS, [row.cells() for row in rows]),
            ratios=ratios(found),
        )
    )
    to_stderr(f"Written to {RESULTS.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
