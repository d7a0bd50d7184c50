from typing import Any

from common.commands import ImportCommand
from common.tabular import Report
from schools.services.free_periods import import_calendar


class Command(ImportCommand):
    help = "Adds holidays and free days of regions, schools and sites from a file."

    def run(self, options: dict[str, Any]) -> Report:
        return import_calendar(source=options["file"], by=None, progress=self.progress)
