"""The drill, as `make drill` does it: a real backup into a fresh database, for both databases."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent


def drill(**environment: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "LOG_LEVEL": "ERROR", **environment}
    for command in (["manage.py", "migrate", "-v0"], ["manage.py", "generate_cases", "--cases", "40"]):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=given, check=True, capture_output=True)
    return subprocess.run(
        [sys.executable, "scripts/drill.py"], cwd=ROOT, env=given, capture_output=True, text=True
    )


def succeeded(done: subprocess.CompletedProcess[str]) -> bool:
    assert done.returncode == 0, done.stdout + done.stderr
    return "The drill succeeded" in done.stdout and "The log is whole: 1 events" in done.stdout


def test_the_embedded_database(tmp_path: Path) -> None:
    assert succeeded(drill(VAR_DIR=str(tmp_path)))


@pytest.mark.services
def test_postgresql(tmp_path: Path) -> None:
    given: dict[str, Any] = settings.DATABASES["default"]
    name = f"terugkeer_test_drill_{os.getpid()}"
    who = f"{given['USER']}:{given['PASSWORD']}".rstrip(":")
    server = f"postgres://{who}@{given['HOST']}:{given['PORT'] or 5432}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            assert succeeded(drill(VAR_DIR=str(tmp_path), DATABASE_URL=f"{server}/{name}"))
            left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'terugkeer_drill_%'"
            row = connection.execute(left).fetchone()
            assert row == (0,)
        finally:
            connection.execute(f"DROP DATABASE {name}")
