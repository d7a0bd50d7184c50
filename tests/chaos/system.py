"""The whole installation: worker and beat as processes of their own, on the servers of the tests."""

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from config.celery import app as celery
from tests.chaos.clock import Clock
from tests.chaos.process import Kill
from tests.chaos.servers import ROOT, MailServer, Postgres, Redis, die_with_parent
from tests.chaos.waiting import until

QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "info"]


@dataclass(eq=False)
class Process:
    """A worker or a beat. What is supervised is started again when it ends, as compose.yml and systemd do."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    supervised: bool
    ready: str  # a line that it writes once it works
    kill: Kill | None = None
    popen: subprocess.Popen[bytes] | None = None
    starts: int = 0
    wanted: bool = field(default=False)

    def start(self) -> None:
        self.wanted = True
        self.starts += 1
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            )

    @property
    def has_ended(self) -> bool:
        return self.popen is not None and self.popen.poll() is not None

    @property
    def is_ready(self) -> bool:
        return self.told(self.ready) >= self.starts

    def told(self, words: str) -> int:
        """How many times this pattern stands in its log."""
        return len(re.findall(words, self.log.read_text())) if self.log.exists() else 0

    @property
    def is_idle(self) -> bool:
        """It works, and no job is in its hands."""
        if not self.wanted:
            return True
        if self.has_ended or not self.is_ready:
            return False
        *_, life = re.split(self.ready, self.log.read_text())
        begun, done = life.count(" task_started "), len(re.findall(r" task_(succeeded|failed) ", life))
        return begun - done == self.children_killed()

    @property
    def was_killed(self) -> bool:
        return not self.wanted and self.popen is not None and self.popen.returncode == -signal.SIGKILL

    def children_killed(self) -> int:
        """Whose job nobody reported as done, while the worker lived on."""
        if self.kill is None or self.kill.whom == "all" or not Path(self.kill.file).exists():
            return 0
        return len(Path(self.kill.file).read_text().splitlines())

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """With all its children; it is not started again."""
        self.wanted = False
        if self.popen is None:
            return
        if self.popen.poll() is None and how != signal.SIGKILL:
            self.popen.send_signal(how)
            self.popen.wait(timeout=30)
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)  # also the children of one that was killed alone
        self.popen.wait(timeout=30)


class System:
    """`worker()` and `beat()` start processes; `clock` is that of all of them, and of the test itself."""

    def __init__(
        self, folder: Path, postgres: Postgres, redis: Redis, mail: MailServer, clock: Clock
    ) -> None:
        self.folder, self.postgres, self.redis, self.mail, self.clock = folder, postgres, redis, mail, clock
        self.processes: list[Process] = []
        self.over = threading.Event()
        self.supervisor = threading.Thread(target=self._supervise)
        self.supervisor.start()

    # --- Processes

    def worker(
        self, pool: str = "threads", *, concurrency: int = 2, wait: bool = True, **world: Any
    ) -> Process:
        """`pool`: "threads" is what Procfile starts, "prefork" what compose.yml starts."""
        arguments = ["worker", "--pool", pool, "--concurrency", str(concurrency), *QUIET]
        return self._start(arguments, r"celery@\S+ ready\.", wait=wait, **world)

    def beat(self, *, wait: bool = True, every: float = 0.5, **world: Any) -> Process:
        arguments = ["beat", "--pidfile=", "--loglevel", "info"]
        return self._start(arguments, r"beat: Starting\.\.\.", wait=wait, every=every, **world)

    def _start(
        self,
        arguments: list[str],
        ready: str,
        *,
        wait: bool,
        supervised: bool = True,
        clock: Clock | None = None,
        every: float = 0,
        constants: dict[str, int] | None = None,
        kill: Kill | None = None,
    ) -> Process:
        world = {
            "clock": str((clock or self.clock).file),
            "every": every,
            "constants": constants or {},
            "kill": asdict(kill) if kill else None,
        }
        number = len(self.processes)
        process = Process(
            command=[sys.executable, "-m", "tests.chaos.process", json.dumps(world), *arguments],
            environment=self.environment,
            log=self.folder / f"{number}-{arguments[0]}.log",
            supervised=supervised,
            ready=ready,
            kill=kill,
        )
        process.start()
        self.processes.append(process)
        if wait:
            until(lambda: process.is_ready, f"{arguments[0]} works ({process.log})")
        return process

    @property
    def environment(self) -> dict[str, str]:
        """Of an installation with these servers; nothing of the machine's own but where programs are."""
        database = f"postgres://postgres@127.0.0.1:{self.postgres.port}/{connection.settings_dict['NAME']}"
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
            "ENV_FILE": os.devnull,
            "ENVIRONMENT": "demo",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(self.folder / "var"),
            "SECRET_KEY": settings.SECRET_KEY,
            "AUDIT_KEY": settings.AUDIT_KEY,
            "DATABASE_URL": database,
            "REDIS_URL": self.redis.url,
            "EMAIL_URL": self.mail.url,
        }

    @property
    def is_idle(self) -> bool:
        """No worker has a job in its hands."""
        return all(process.is_idle for process in self.processes)

    def kill_at(self, when: str, name: str, *, times: int = 1, whom: str = "all") -> Kill:
        return Kill(when, name, str(self.folder / f"kills-{when}-{name}"), times=times, whom=whom)

    def kills(self) -> int:
        """How many workers and beats were killed: at their point, or by the test."""
        by_test = sum(process.was_killed for process in self.processes)
        return by_test + sum(len(file.read_text().splitlines()) for file in self.folder.glob("kills-*"))

    def _supervise(self) -> None:
        while not self.over.wait(0.1):
            for process in list(self.processes):
                if process.supervised and process.wanted and process.has_ended:
                    process.start()

    # --- Faults

    def tell(self, task: str) -> None:
        """As beat does: the tick of one job. Over a new connection: it arrives whatever was flushed."""
        with celery.connection_for_write() as broker:
            celery.send_task(task, expires=60, connection=broker, retry=False)

    def until(self, so: Callable[[], object], what: str, *, telling: str) -> None:
        """As `until`, while this job ticks every half second."""
        until(so, f"{what} ({self.folder})", meanwhile=lambda: self.tell(telling))

    def done(self, task: str) -> int:
        """How many times workers did this job to its end."""
        return sum(process.told(rf"Task {task}\[[^]]*\] succeeded") for process in self.processes)

    def restart_database(self, how: signal.Signals) -> None:
        self.postgres.stop(how=how)
        connection.close()
        self.postgres.start()

    def later(self, **by: float) -> None:
        """The clock of all goes on by so much."""
        self.clock.shift(dt.timedelta(**by))

    def end(self) -> None:
        """All processes gone, all servers as they were."""
        for process in self.processes:
            process.wanted = False
        self.over.set()
        self.supervisor.join()
        for process in self.processes:
            process.end()
        self.mail.stop()
        connection.close()
        for server in (self.postgres, self.redis):
            if not server.answers():
                server.start()
        self.redis.flush()
