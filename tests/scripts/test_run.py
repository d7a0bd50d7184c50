"""What `make run` does after the installation: start from nothing, be usable, stop, start again."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accounts.demo import DEMO_PASSWORD, demo_accounts

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.browser  # once is enough: it brings its own database


def environment(var: Path, port: int) -> dict[str, str]:
    own = {"VAR_DIR": str(var), "PORT": str(port), "ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"}
    return {"PATH": os.environ["PATH"], **own}


def processes_of(var: Path) -> list[int]:
    """Every process that was started with this folder, whoever its parent is now."""
    mark = f"VAR_DIR={var}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until(condition: Callable[[], bool], seconds: int) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


@contextmanager
def running(var: Path, port: int, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env=environment(var, port),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert wait_until(lambda: "Terugkeer is at" in log.read_text() or process.poll() is not None, 120)
        address = re.search(r"Terugkeer is at (\S+)", log.read_text())
        assert address, log.read_text()
        yield process, address[1]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=30)


def start_page_of(email: str, address: str) -> str:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    login = f"{address}/account/login/"
    page = browser.open(login).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "login": email, "password": DEMO_PASSWORD}
    answer = browser.open(login, urllib.parse.urlencode(form).encode())
    assert answer.url == f"{address}/"
    return str(answer.read().decode())


def test_it_fills_itself_once_and_stops_without_a_trace(tmp_path: Path) -> None:
    var, log = tmp_path / "var", tmp_path / "log"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]

        with running(var, busy, log) as (process, address):
            assert address != f"http://127.0.0.1:{busy}"
            told = log.read_text()
            assert "Loading the demo data" in told
            assert [account.email for account in demo_accounts() if account.email not in told] == []
            assert DEMO_PASSWORD in told
            assert "TZ-" in start_page_of("coordinator@demo.example", address)
            assert run_again(var, busy) == (1, f"It is already running from this folder: {address}\n")
            stop(process, signal.SIGINT, var)

    for how in (signal.SIGTERM, signal.SIGHUP):
        with running(var, busy, log) as (process, address):
            assert "Loading the demo data" not in log.read_text()
            assert "TZ-" in start_page_of("case_manager@demo.example", address)
            stop(process, how, var)


def run_again(var: Path, port: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "scripts/run.py"],
        cwd=ROOT,
        env=environment(var, port),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


def stop(process: subprocess.Popen[bytes], how: signal.Signals, var: Path) -> None:
    os.killpg(process.pid, how)
    process.wait(timeout=30)
    assert wait_until(lambda: processes_of(var) == [], 20)
