"""A national world to measure in: every partnership, their sites and people, and as many cases as asked.

    python -m bench.world 1000000 postgres://root@127.0.0.1:5432/postgres

makes the database `terugkeer_bench_1000000`, brings it up to date by the migrations and fills it by
statements over whole sets (world.sql). The same number gives the same rows. A database that was not made here
is never touched.
"""

import argparse
import datetime as dt
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from escalations.rules.rounds import latest_round

ROOT = Path(__file__).resolve().parent.parent
STATEMENTS = Path(__file__).with_name("world.sql")
#: On the database itself: what has this comment was made here.
MARK = "Made by bench/world.py"
NAME = re.compile(r"terugkeer_bench_[a-z0-9_]{1,40}")
#: The day on which the world stands still.
ON = dt.date(2026, 11, 10)


class NotOurs(Exception):
    """A database that was not made here."""


class Cursor(Protocol):
    def execute(self, query: Any, params: Any = None, /) -> Any: ...


#: How a part of the statements begins.
PART = re.compile(r"^-- == (.+)$", re.MULTILINE)


def fill(cursor: Cursor, *, cases: int, on: dt.date = ON, say: Any = lambda text: None) -> None:
    """Fills an empty database, in the transaction of the caller."""
    values = {"cases": cases, "on": on, "round": latest_round(on)}
    _, *parts = PART.split(STATEMENTS.read_text())
    for what, statements in zip(parts[::2], parts[1::2], strict=True):
        began = time.monotonic()
        for statement in statements.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        say(f"{what}: {time.monotonic() - began:.1f} s")
    for table in (
        "schools_organisation",
        "accounts_user",
        "cases_pupil",
        "cases_case",
        "cases_spell",
        "cases_plan",
    ):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def set_aside(cursor: psycopg.Cursor[Any]) -> list[str]:
    """Drops foreign keys and indexes that the filling does not need: made at the end they take a
    fraction of the time. Answers the statements that put them back."""
    keys = """
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
               format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                      pg_get_constraintdef(oid))
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
    """
    indexes = """
        SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
    """
    put_back: list[str] = []
    for question in (keys, indexes):
        found = cursor.execute(question).fetchall()
        for drop_it, make_it in found:
            cursor.execute(drop_it)
            put_back.append(make_it)
    return put_back[::-1]


def name_of(cases: int) -> str:
    return f"terugkeer_bench_{cases}"


def address_of(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def environment(address: str) -> dict[str, str]:
    """For processes that work in such a database, whatever this machine is set up for."""
    files = Path(tempfile.gettempdir()) / "terugkeer-bench"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": address,
        "SECRET_KEY": "only-to-measure-with",
        "VAR_DIR": str(files),
        "ENV_FILE": os.devnull,
        "LOG_LEVEL": "WARNING",
    }


def is_ours(url: str, name: str) -> bool:
    """Whether there is a database of that name; one that was not made here is refused."""
    if not NAME.fullmatch(name):
        raise NotOurs(f"{name}: a database to measure in is named terugkeer_bench_...")
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    if row is not None and row[0] != MARK:
        raise NotOurs(f"{name}: there is a database of this name that was not made here.")
    return row is not None


def drop(url: str, name: str) -> None:
    if is_ours(url, name):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def migrate(address: str) -> None:
    """Brings such a database up to date."""
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"],
        cwd=ROOT,
        env=environment(address),
        check=True,
    )


def make(url: str, name: str, *, cases: int, say: Any = lambda text: None) -> str:
    """A database of that name with a world of so many cases, in the place of one made before; its address."""
    drop(url, name)
    database = sql.Identifier(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(database, MARK))
    address = address_of(url, name)
    began = time.monotonic()
    migrate(address)
    say(f"migrations: {time.monotonic() - began:.1f} s")
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        put_back = set_aside(cursor)
        fill(cursor, cases=cases, say=say)
        indexing = time.monotonic()
        for statement in put_back:
            cursor.execute(statement)
        say(f"indexes and foreign keys: {time.monotonic() - indexing:.1f} s")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    say(f"all of it: {time.monotonic() - began:.1f} s")
    return address


def to_stderr(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("cases", type=int)
    parser.add_argument("url", help="of any database on the server, as a user who may make databases")
    given = parser.parse_args()
    make(given.url, name_of(given.cases), cases=given.cases, say=to_stderr)


if __name__ == "__main__":
    main()
