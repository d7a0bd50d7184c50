"""A system for each scenario, and the count of what arrived."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.chaos import plugin
from tests.chaos.clock import Clock
from tests.chaos.ledger import Ledger
from tests.chaos.servers import MailServer
from tests.chaos.system import System


class ClockOfTheTest(Clock):
    """Takes the test itself along."""

    traveller: Any = None

    def set(self, moment: Any) -> None:
        super().set(moment)
        self.travel()

    def shift(self, by: Any) -> None:
        super().shift(by)
        self.travel()

    def travel(self) -> None:
        self.stop()
        self.traveller = time_machine.travel(self.now(), tick=True)
        self.traveller.start()

    def stop(self) -> None:
        if self.traveller is not None:
            self.traveller.stop()
            self.traveller = None


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
def ledger(system: System, request: pytest.FixtureRequest) -> Ledger:
    scenario = request.node.name.removeprefix("test_").replace("_", " ").replace("[", ": ").rstrip("]")
    return Ledger(system, scenario, request.config.stash[plugin.COUNTS])
