"""A backup of everything in one file, and back: the database as it was at one moment, and the uploaded files.

The file is a tar with `manifest.json` (what is in it, counts of rows, digests), the dump of the database in
its own format and the files under `files/`. It holds personal data: its owner alone may read it, and it
should lie where few can reach it. The two keys are not in it (docs/operations.md, "Keys").
"""

import datetime as dt
import hashlib
import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from common.errors import DomainError

FORMAT = 1
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"
CHUNK = 1 << 20

Manifest = dict[str, Any]


class BackupFailed(DomainError):
    """No backup was made, or nothing was restored."""


def make_backup(target: Path, *, at: dt.datetime) -> Manifest:
    """Writes a backup into a new file, whole or not at all. Raises BackupFailed."""
    if target.exists():
        raise BackupFailed(f"{target} exists already.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump = Path(folder, DUMP)
        counts = _dump_postgresql(dump) if connection.vendor == "postgresql" else _dump_sqlite(dump)
        unfinished = Path(folder, "unfinished")
        manifest: Manifest = {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "engine": connection.vendor,
            "migrations": sorted(
                f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
            ),
            "counts": counts,
            "database": _digest(dump),
            "files": {},
        }
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600))
        with tarfile.open(unfinished, "w") as tar:
            for name in _stored():
                kept = Path(folder, "file")
                _fetch(name, kept)
                manifest["files"][name] = _digest(kept)
                tar.add(kept, f"{FILES}/{name}")
            tar.add(dump, DUMP)
            about = Path(folder, MANIFEST)
            about.write_text(json.dumps(manifest, indent=1))
            tar.add(about, MANIFEST)
        unfinished.rename(target)
    return manifest


def restore_backup(source: Path) -> Manifest:
    """Puts a backup into an empty database and the storage of files. Raises BackupFailed; then nothing was
    changed, but for a database that broke off halfway and has to be made anew."""
    if connection.introspection.table_names():
        raise BackupFailed("This database is not empty. Give a new one, and restore into that.")
    with tempfile.TemporaryDirectory(prefix="restore-") as folder:
        manifest = _unpack(source, Path(folder))
        if manifest["engine"] != connection.vendor:
            raise BackupFailed(
                f"This is a backup of {manifest['engine']}, the database is {connection.vendor}."
            )
        taken = [name for name in manifest["files"] if default_storage.exists(name)]
        if taken:
            raise BackupFailed(f"There are files already where these belong, {taken[0]} for one.")
        dump = Path(folder, DUMP)
        if connection.vendor == "postgresql":
            _run(
                "pg_restore",
                "--no-owner",
                "--exit-on-error",
                "--single-transaction",
                "--dbname",
                _name(),
                str(dump),
            )
        else:
            _restore_sqlite(dump)
        for name in manifest["files"]:
            with Path(folder, FILES, name).open("rb") as file:
                default_storage.save(name, File(file))
    counts = _counts()
    if counts != manifest["counts"]:
        wrong = sorted(
            table
            for table in {*counts, *manifest["counts"]}
            if counts.get(table) != manifest["counts"].get(table)
        )
        raise BackupFailed(f"Not all rows came back: {', '.join(wrong)}.")
    return manifest


def _dump_postgresql(dump: Path) -> dict[str, int]:
    """Rows are counted in the very snapshot that is dumped."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        counts = _counts()
        _run(
            "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", "--file", str(dump), _name()
        )
    return counts


def _dump_sqlite(dump: Path) -> dict[str, int]:
    connection.ensure_connection()
    with closing(sqlite3.connect(dump)) as copy:
        connection.connection.backup(copy)
        tables = [
            row[0]
            for row in copy.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        count = "SELECT count(*) FROM {}".format
        return {
            table: copy.execute(count(connection.ops.quote_name(table))).fetchone()[0]
            for table in sorted(tables)
        }


def _restore_sqlite(dump: Path) -> None:
    with closing(sqlite3.connect(dump)) as copy:
        copy.backup(connection.connection)


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = cursor.fetchone()[0]
    return found


def _run(program: str, *arguments: str) -> None:
    """With the address of our database in the environment: a password never stands among the arguments."""
    given: Mapping[str, Any] = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    address = {name: str(given[key]) for name, key in names.items() if given.get(key)}
    try:
        subprocess.run(  # noqa: S603  # our own words and the names of our own files
            [program, *arguments], env={**os.environ, **address}, check=True, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise BackupFailed(
            f"{program} is not installed: it comes with the client programs of PostgreSQL."
        ) from None
    except subprocess.CalledProcessError as error:
        raise BackupFailed(f"{program}: {error.stderr.strip()[-500:]}") from error


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _stored(folder: str = "") -> Iterator[str]:
    """The names of all kept files."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in sorted(files):
        yield f"{folder}/{name}".lstrip("/")
    for name in sorted(folders):
        yield from _stored(f"{folder}/{name}".lstrip("/"))


def _fetch(name: str, target: Path) -> None:
    with default_storage.open(name, "rb") as file, target.open("wb") as kept:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            kept.write(chunk)


def _unpack(source: Path, folder: Path) -> Manifest:
    """What is in the file, after every digest was found right."""
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")  # "data" refuses what leads out of the folder
        manifest: Manifest = json.loads((folder / MANIFEST).read_text())
        known = {
            DUMP: manifest["database"],
            **{f"{FILES}/{name}": it for name, it in manifest["files"].items()},
        }
        whole = manifest["format"] == FORMAT and all(
            _digest(folder / name) == it for name, it in known.items()
        )
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{source} is no backup, or a damaged one.") from error
    if not whole:
        raise BackupFailed(f"{source} is damaged: what it holds is not what was put into it.")
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
