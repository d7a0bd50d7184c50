"""Gives a run of pytest servers of its own, before the settings are read: `pytest -p tests.chaos.plugin`."""

import os
from collections.abc import Iterator
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
    postgres, redis = Postgres(), Redis()
    early_config.add_cleanup(postgres.remove)
    early_config.add_cleanup(redis.remove)
    postgres.start()
    redis.start()
    early_config.stash[POSTGRES], early_config.stash[REDIS] = postgres, redis
    early_config.stash[COUNTS] = []
    os.environ["TEST_DATABASE_URL"], os.environ["TEST_REDIS_URL"] = postgres.url, redis.url
    return (yield)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if counts := config.stash[COUNTS]:
        terminalreporter.section("What arrived")
        terminalreporter.write_line(report.write(counts, REPORT))
