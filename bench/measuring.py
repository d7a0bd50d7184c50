"""What the programs that measure share: processes that start together, and tables of how it went."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.world import ROOT, environment

#: So often is done what somebody waits for.
TIMES = 20


@dataclass(frozen=True)
class Run:
    """One time: the clock from the start of the work to its last end; processor of our processes, with their
    start, and of the database; the largest process; queries and rows that were made."""

    wall: float
    cpu: float
    server: float
    peak: float
    queries: int
    made: int = 0


@dataclass(frozen=True)
class Measured:
    cases: int
    what: str
    workers: int
    runs: Sequence[Run]

    def median(self, figure: str) -> float:
        return statistics.median(getattr(run, figure) for run in self.runs)

    def cells(self) -> list[str]:
        walls = sorted(run.wall for run in self.runs)
        return [
            f"{self.cases:,}",
            self.what,
            str(self.workers),
            f"**{self.median('wall'):.2f}** ({walls[0]:.2f} to {walls[-1]:.2f})",
            f"{self.median('cpu'):.2f}",
            f"{self.median('server'):.2f}",
            f"{self.median('peak'):.0f}",
            f"{self.median('queries'):,.0f}",
        ]


HEADS = [
    "cases",
    "what",
    "processes",
    "wall, s (least to most)",
    "processor of ours, s",
    "of the database, s",
    "peak of one, MB",
    "queries",
]


def work(address: str, task: str, *options: str, workers: int = 1) -> tuple[Run, list[Any]]:
    """Starts so many processes, lets them go at the same moment and waits for the last."""
    command = [sys.executable, "-m", "bench.worker", task, *options]
    started = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(address),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(workers)
    ]
    for process in started:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{task} did not start")
    began = time.monotonic()
    for nth, process in enumerate(started):
        if process.stdin is not None:
            process.stdin.write(f"{nth} {workers}\n")
            process.stdin.flush()
    answers = [json.loads(process.stdout.read()) for process in started if process.stdout is not None]
    wall = time.monotonic() - began
    used = [os.wait4(process.pid, 0)[2] for process in started]
    run = Run(
        wall=wall,
        cpu=sum(usage.ru_utime + usage.ru_stime for usage in used),
        server=sum(answer["server"] or 0 for answer in answers),
        peak=max(usage.ru_maxrss for usage in used) / 1024,
        queries=sum(answer["queries"] for answer in answers),
    )
    return run, [answer["result"] for answer in answers]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine(url: str) -> str:
    """What it ran on, without a name."""
    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
        settings = connection.execute(
            "SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings"
            " WHERE name IN ('fsync', 'shared_buffers', 'synchronous_commit', 'work_mem')"
        ).fetchone()
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line), "")
    return (
        f"{len(os.sched_getaffinity(0))} cores ({model or platform.machine()}), "
        f"PostgreSQL {version[0] if version else '?'} on the same machine "
        f"({settings[0] if settings else ''}), "
        f"Python {platform.python_version()}."
    )
