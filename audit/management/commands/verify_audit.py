import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from audit.verification import verify
from common import dates


class Command(BaseCommand):
    help = "Checks that the log of events is whole: nothing changed, removed, swapped or slipped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify(at=dates.now())
        found = verdict.first_break
        if options["json"]:
            answer = {
                "events": verdict.events,
                "ok": verdict.ok,
                "first_break": asdict(found) if found else None,
            }
            self.stdout.write(json.dumps(answer))
        elif verdict.ok:
            self.stdout.write(f"The log is whole: {verdict.events} events.")
        if found:
            event = f"event {found.event}" if found.event else "its end"
            self.stderr.write(f"The log is broken at {event} (link {found.link or '-'}): {found.kind}")
            raise SystemExit(1)
