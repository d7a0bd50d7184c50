"""`manage.py restore FILE`: a backup into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.backup import BackupFailed, restore_backup
from common.management.commands.backup import said


class Command(BaseCommand):
    help = "Puts a backup into the (empty) database and the folder of uploads, and checks that all came back."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore_backup(options["file"])
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(said(manifest, as_json=options["json"]))
