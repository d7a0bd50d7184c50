"""`manage.py escalate --on DATE [--dry-run] [--json]`: one sweep over every partnership, as of a day."""

import argparse
import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand

from common.dates import now, today
from escalations.services.sweep import Tally
from escalations.services.sweeps import sweep_all

#: Beyond these nothing can be counted back or on from a day.
YEARS = range(1900, 3000)


def a_day(text: str) -> dt.date:
    """A day as the contract writes it, and no other way of writing one."""
    try:
        day: dt.date | None = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise argparse.ArgumentTypeError(f"{text} is no date; write YYYY-MM-DD")
    if day.year not in YEARS:
        raise argparse.ArgumentTypeError(f"{text} lies too far off")
    return day


class Command(BaseCommand):
    help = "Makes the reminders that are due on a day, cancels what no longer holds; again, it makes nothing."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--on", type=a_day, metavar="DATE", help="the day that the rules see (default: today)"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would be made")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or today()
        tally = sweep_all(on=on, at=now(), dry_run=options["dry_run"])
        found = as_document(tally, on)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            by_rule = found.pop("by_rule")
            self.stdout.write(", ".join(f"{name}: {value}" for name, value in found.items()))
            for code, count in by_rule.items():
                self.stdout.write(f"  {code}: {count}")


def as_document(tally: Tally, on: dt.date) -> dict[str, Any]:
    """What the command prints (contracts/commands.md)."""
    return {
        "on": on.isoformat(),
        "open_cases": tally.open_cases,
        "due": tally.due,
        "created": tally.created,
        "cancelled": tally.cancelled,
        "by_rule": dict(sorted(tally.by_rule.items())),
    }
