"""`manage.py generate_cases --cases N [--seed S]`: a made-up country to measure and to show with."""

import argparse
import json
import os
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from cases.services.generating import generate, left_to_make, make_places, others
from common.dates import now

MOST = 5_000_000


def a_number(text: str) -> int:
    """How many cases: from one to as many as the references have room for."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number") from None
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and {MOST}")
    return number


class Command(BaseCommand):
    help = (
        "Fills a database with made-up organisations, people and cases. Refuses one that holds other cases. "
        "What was made before stays: a second time only what is missing is made."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--cases", type=a_number, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="another seed makes another country")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        if others():
            raise CommandError("This database holds cases that were not made by this command.", returncode=1)
        cases, seed, at, began = options["cases"], options["seed"], now(), time.monotonic()
        make_places(cases=cases, seed=seed, at=at)
        chunks = left_to_make(cases)
        total = sum(map(len, chunks))

        def tell(made: int) -> None:
            seconds = time.monotonic() - began
            speed = made / (seconds or 1)
            self.stderr.write(f"{made} of {total}, {seconds:.0f} s, {speed:.0f} a second")

        made = generate(chunks, seed=seed, at=at, processes=_processes(len(chunks)), progress=tell)
        found = {"cases": cases, "made": made, "seconds": round(time.monotonic() - began, 1)}
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(", ".join(f"{name}: {value}" for name, value in found.items()))


def _processes(chunks: int) -> int:
    """SQLite takes one writer at a time."""
    if connection.vendor != "postgresql":
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), chunks))
