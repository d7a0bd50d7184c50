"""What the import commands share: their options, their one document, and their exit codes 0, 1 and 2."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import DomainError
from common.tabular import Report, Unreadable

PROGRESS_EVERY = 1000


class ImportCommand(BaseCommand):
    """A command that takes a file. Subclasses say in `run` what is done with it."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV or XLSX")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def run(self, options: dict[str, Any]) -> Report:
        raise NotImplementedError

    def progress(self, rows: int) -> None:
        if rows % PROGRESS_EVERY == 0:
            self.stderr.write(f"{rows} …")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self.run(options)
        except DomainError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}, ensure_ascii=False))
            raise CommandError(str(error), returncode=2 if isinstance(error, Unreadable) else 1) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        else:
            self._tell(report)
        if report.refused:
            raise SystemExit(1)

    def _tell(self, report: Report) -> None:
        for refused in report.refused:
            self.stderr.write(f"{refused.line}: {refused.column} “{refused.value}”: {refused.reason}")
        for warned in report.warnings:
            self.stderr.write(f"{warned.line}: {warned.column}: {warned.reason}")
        counts = {**report.as_dict(), "refused": len(report.refused), "warnings": len(report.warnings)}
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
