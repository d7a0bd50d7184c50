"""`manage.py backup FILE`: everything in one file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.backup import BackupFailed, make_backup
from common.dates import now


class Command(BaseCommand):
    help = "Writes the database and the uploaded files into one new file, that its owner alone may read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = make_backup(options["file"], at=now())
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(said(manifest, as_json=options["json"]))


def said(manifest: dict[str, Any], *, as_json: bool) -> str:
    """What is in a backup, in a line."""
    found = {
        "made_at": manifest["made_at"],
        "tables": len(manifest["counts"]),
        "rows": sum(manifest["counts"].values()),
        "files": len(manifest["files"]),
    }
    return json.dumps(found) if as_json else ", ".join(f"{name}: {value}" for name, value in found.items())
