"""A PostgreSQL, a Redis and a mail server of the tests' own, to be stopped, killed and started at will.

They are children of this process and end with it, also when it is killed: the kernel tells them. Their data
lies in a temporary folder and is worth nothing.
"""

import ctypes
import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.chaos.smtp import Manner, Taken
from tests.chaos.waiting import until

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def postgresql_programs() -> Path | None:
    """The folder with initdb and postgres of the newest version; None where it is not installed."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def missing_programs() -> list[str]:
    missing = [] if postgresql_programs() else ["postgresql"]
    return missing if shutil.which("redis-server") else [*missing, "redis-server"]


def free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


def die_with_parent(how: signal.Signals) -> None:
    """In the child, before the program starts: be sent this signal when the parent is gone."""
    LIBC.prctl(PR_SET_PDEATHSIG, how)


class Postgres:
    """One cluster. PostgreSQL refuses to run as root: then it runs as the user of its package."""

    def __init__(self) -> None:
        programs = postgresql_programs()
        assert programs is not None
        self.programs = programs
        self.port = free_port()
        # Not under a folder of ours, which the user of PostgreSQL may not enter.
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-postgresql-", dir="/tmp"))
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.user = {"user": "postgres", "group": "postgres", "extra_groups": ()}
        else:
            self.user = {}
        subprocess.run(
            [
                programs / "initdb",
                "--pgdata",
                self.data,
                "--username",
                "postgres",
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--no-locale",
                "--no-sync",
            ],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **self.user,  # type: ignore[call-overload]
        )

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 60,
            "shared_buffers": "64MB",
        }
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data]
                + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGQUIT),
                **self.user,  # type: ignore[call-overload]
            )
        until(self.answers, f"PostgreSQL answers on port {self.port} ({self.folder / 'log'})")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT rolls back what is going on and stops; SIGQUIT stops as if the power went."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=30)

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.stop(how=signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """Keeps nothing on disk, as in compose.yml: stopped is emptied."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-redis-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, socket_connect_timeout=2)

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    "redis-server",
                    "--port",
                    str(self.port),
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                    "--maxmemory-policy",
                    "noeviction",
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            )
        until(self.answers, f"Redis answers on port {self.port}")

    def answers(self) -> bool:
        client = self.client()
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def flush(self) -> None:
        client = self.client()
        client.flushall()
        client.close()

    def stop(self, *, how: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=30)

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.stop(how=signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class MailServer:
    """The other end of tests/chaos/smtp.py: starts it, tells it how to behave, reads what it took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        (self.folder / "taken.jsonl").touch()
        self.behave()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def behave(self, answer: str = "ok", **manner: Any) -> None:
        """From now on; see `Manner`."""
        written = self.folder / "manner.new"
        written.write_text(json.dumps(asdict(Manner(answer, **manner))))
        written.replace(self.folder / "manner.json")

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.smtp", str(self.folder), str(self.port)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            )
        until(self.answers, f"the mail server answers on port {self.port}")

    def answers(self) -> bool:
        try:
            smtplib.SMTP("127.0.0.1", self.port, timeout=2).quit()
        except OSError:
            return False
        return True

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Nobody listens any more; who was talking to it is cut off."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=30)

    def taken(self) -> list[Taken]:
        lines = (self.folder / "taken.jsonl").read_text().splitlines()
        return [Taken(**json.loads(line)) for line in lines]


if __name__ == "__main__":
    print(*missing_programs())  # noqa: T201  # for scripts/chaos.sh
