"""What a piece of work takes inside a process that works in a world: the clock, processors and queries."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

counted = {"queries": 0}


@dataclass(frozen=True)
class Share:
    """Which of so many processes this is, from 0."""

    nth: int
    of: int


def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    counted["queries"] += 1
    return execute(sql, params, many, context)


def server_cpu() -> float | None:
    """Seconds of processor that the server spent on this connection; None where it runs elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists() or "postgres" not in stat.read_text():
        return None
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def milliseconds(works: Sequence[Callable[[], object]]) -> dict[str, float]:
    """Of each of these: the clock (median and 95th percentile) and the processor here, the processor of the
    database as a mean, and the number of queries."""
    works[0]()  # what is imported and remembered the first time
    walls, cpus, counts = [], [], []
    server = server_cpu() or 0
    for work in works:
        before, queries = (time.perf_counter(), time.process_time()), counted["queries"]
        work()
        walls.append((time.perf_counter() - before[0]) * 1000)
        cpus.append((time.process_time() - before[1]) * 1000)
        counts.append(counted["queries"] - queries)
    return {
        "wall": statistics.median(walls),
        "most": statistics.quantiles(walls, n=20, method="inclusive")[-1],
        "cpu": statistics.median(cpus),
        "server": ((server_cpu() or 0) - server) * 1000 / len(works),
        "queries": statistics.median(counts),
    }
