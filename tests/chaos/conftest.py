"""A system for each scenario, and the count of what arrived."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import plugin
from tests.chaos.clock import Clock, Traveller
from tests.chaos.ledger import Ledger
from tests.chaos.servers import MailServer
from tests.chaos.system import System


class ClockOfTheTest(Clock):
    """Takes the test itself along."""

    traveller: Traveller | None = None

    def set(self, moment: dt.datetime) -> None:
        super().set(moment)
        self.look()

    def shift(self, by: dt.timedelta) -> None:
        super().shift(by)
        self.look()

    def look(self) -> None:
        self.traveller = self.traveller or Traveller(self)
        self.traveller.look()

    def stop(self) -> None:
        if self.traveller is not None:
            self.traveller.stop()


@pytest.fixture
def system(tmp_path: Path, transactional_db: None, request: pytest.FixtureRequest) -> Iterator[System]:
    stash = request.config.stash
    mail = MailServer(tmp_path / "mail")
    mail.start()
    clock = ClockOfTheTest(tmp_path / "clock")
    system = System(tmp_path, stash[plugin.POSTGRES], stash[plugin.REDIS], mail, clock)
    try:
        yield system
    finally:
        clock.stop()
        system.end()


@pytest.fixture
def ledger(system: System, request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Goes into the report at the end, also when the scenario broke off."""
    scenario = request.node.name.removeprefix("test_").replace("_", " ").replace("[", ": ").rstrip("]")
    ledger = Ledger(system, scenario)
    yield ledger
    request.config.stash[plugin.COUNTS].append(ledger.counted or ledger.count())
