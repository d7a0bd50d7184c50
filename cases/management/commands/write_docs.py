"""Writes docs/workflow.md and docs/permissions.md from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cases import reference

PAGES = {"workflow.md": reference.workflow, "permissions.md": reference.permissions}


class Command(BaseCommand):
    help = "Writes docs/workflow.md and docs/permissions.md from the code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, default=Path(settings.BASE_DIR) / "docs", help="the folder")

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        for name, page in PAGES.items():
            (to / name).write_text(page())
            self.stdout.write(f"{to / name}")
