from argparse import ArgumentParser
from typing import Any

from common.commands import ImportCommand
from common.tabular import Report
from reports.services.population import import_population


class Command(ImportCommand):
    help = "Adds and updates the numbers of pupils of school age by municipality and year from a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def run(self, options: dict[str, Any]) -> Report:
        return import_population(
            source=options["file"], by=None, dry_run=options["dry_run"], progress=self.progress
        )
