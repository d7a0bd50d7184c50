"""Gives a run of pytest servers of its own, before the settings are read: `pytest -p tests.chaos.plugin`.

With `--numprocesses` each worker has its own; the variable PYTEST_PLUGINS names this there, instead of `-p`.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from tests.chaos import report
from tests.chaos.servers import ROOT, Postgres, Redis

REPORT = ROOT / "var" / "chaos" / "report.txt"
POSTGRES = pytest.StashKey[Postgres]()
REDIS = pytest.StashKey[Redis]()
COUNTS = pytest.StashKey[list[report.Count]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    early_config.stash[COUNTS] = []
    processes = getattr(early_config.known_args_namespace, "numprocesses", None)
    if processes and "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)  # runs no test
    postgres, redis = Postgres(), Redis()
    early_config.add_cleanup(postgres.remove)
    early_config.add_cleanup(redis.remove)
    postgres.start()
    redis.start()
    early_config.stash[POSTGRES], early_config.stash[REDIS] = postgres, redis
    os.environ["TEST_DATABASE_URL"], os.environ["TEST_REDIS_URL"] = postgres.url, redis.url
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it counted."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["counts"] = [asdict(count) for count in session.config.stash[COUNTS]]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    output = getattr(node, "workeroutput", {})
    node.config.stash[COUNTS] += [report.Count(**count) for count in output.get("counts", [])]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if counts := config.stash[COUNTS]:
        terminalreporter.section("What arrived")
        terminalreporter.write_line(report.write(counts, REPORT))
