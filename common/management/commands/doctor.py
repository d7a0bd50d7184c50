"""`manage.py doctor [--json]`: what is wrong with this installation, and what to do about it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from common.dates import now
from common.doctor import Level, examine

MARKS = {Level.WELL: "ok  ", Level.WARNING: "look", Level.ERROR: "BAD "}


class Command(BaseCommand):
    help = "Looks at settings, services, migrations, processes, mail and disk; exit 1 where something is bad."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine(at=now())
        bad = any(one.level is Level.ERROR for one in found)
        if options["json"]:
            self.stdout.write(json.dumps({"well": not bad, "findings": [asdict(one) for one in found]}))
        else:
            for one in found:
                self.stdout.write(f"{MARKS[one.level]}  {one.about}: {one.says}")
                if one.advice:
                    self.stdout.write(f"      {one.advice}")
        if bad:
            raise SystemExit(1)
