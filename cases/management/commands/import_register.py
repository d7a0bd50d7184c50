import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.services.register import Report, import_register
from common import dates
from common.tabular import Unreadable


class Command(BaseCommand):
    help = "Brings a register file in (CSV or XLSX). What is refused is listed; the other rows go in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="one refused row keeps everything out"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_register(
                options["file"],
                by=None,
                at=dates.now(),
                on=dates.today(),
                dry_run=options["dry_run"],
                all_or_nothing=options["all_or_nothing"],
                progress=self._progress,
            )
        except Unreadable as error:
            if options["json"]:
                self.stdout.write(json.dumps({**Report().as_json(), "error": str(error)}))
            raise CommandError(str(error), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self._tell(report)
        if report.refused_count:
            sys.exit(1)

    def _progress(self, report: Report, total: int | None) -> None:
        self.stderr.write(f"{report.rows}/{total}" if total is not None else str(report.rows))

    def _tell(self, report: Report) -> None:
        for refusal in report.refused:
            self.stderr.write(
                f"line {refusal.line}, {refusal.column}: {refusal.reason} (refused: {refusal.value!r})"
            )
        for oddity in report.warnings:
            self.stderr.write(f"line {oddity.line}, {oddity.column}: {oddity.reason} (warning)")
        counts = ", ".join(f"{name} {count}" for name, count in report.counts().items())
        self.stdout.write(counts)
