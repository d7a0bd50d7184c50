"""The drill of scripts/drill.sh: backup, restore into a fresh database, verify, take the fresh one away."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def manage(*arguments: str, **environment: str) -> str:
    """Runs a command of the application; ends the drill where it fails."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    print(f"{arguments[0]}: {done.stdout.strip()} ({time.monotonic() - began:.1f} s)", flush=True)
    if done.returncode:
        sys.exit(f"The drill failed at: {arguments[0]}")
    return done.stdout


@contextmanager
def fresh_database(given: dict[str, Any], folder: Path) -> Iterator[str]:
    """The address of an empty database on the same server; embedded, of a file in the folder."""
    if "postgresql" not in given["ENGINE"]:
        yield f"sqlite:///{folder / 'restored.sqlite3'}"
        return
    name = f"terugkeer_drill_{os.getpid()}"
    who = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}".rstrip(":")
    server = f"postgres://{who}@{given['HOST']}:{given['PORT'] or 5432}"
    with psycopg.connect(f"{server}/{given['NAME']}", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/{given['NAME']}", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        folder = Path(name)
        file = str(folder / "backup.tar")
        manage("backup", file)
        with fresh_database(settings.DATABASES["default"], folder) as restored:
            elsewhere = {
                "DATABASE_URL": restored,
                "VAR_DIR": str(folder / "var"),
                # Keys are not in a backup; the restored log of events is verified with ours.
                "SECRET_KEY": settings.SECRET_KEY,
                "AUDIT_KEY": settings.AUDIT_KEY,
            }
            manage("restore", file, **elsewhere)
            manage("migrate", "--check", **elsewhere)
            manage("verify_audit", **elsewhere)
    print("The drill succeeded: the backup can be restored, all rows are there, the log of events is whole.")


if __name__ == "__main__":
    main()
