"""What was expected and what arrived in one scenario."""

import time
from collections.abc import Callable, Iterable

from tests.chaos import report
from tests.chaos.smtp import Taken
from tests.chaos.system import System

Names = Callable[[Taken], Iterable[str]]


def recipients(taken: Taken) -> list[str]:
    return [taken.to]


class Ledger:
    """What is expected to arrive, by name; at the end it is compared with what did.

    `names` says which of those names a mail stands for: usually its recipient.
    """

    def __init__(self, system: System, scenario: str) -> None:
        self.system, self.scenario = system, scenario
        self.counted: report.Count | None = None
        self.names: Names = recipients
        self.expected: list[str] = []
        self.began = time.monotonic()

    def expect(self, *names: str) -> None:
        self.expected += names

    def received(self) -> list[str]:
        return [name for taken in self.system.mail.taken() for name in self.names(taken)]

    def lost(self) -> list[str]:
        return report.lost(self.expected, self.received())

    def count(self, *, excused: int = 0) -> report.Count:
        """What arrived until now; stands in the report once it was counted."""
        received = self.received()
        self.counted = report.Count(
            scenario=self.scenario,
            expected=len(self.expected),
            received=len(received),
            lost=len(report.lost(self.expected, received)),
            doubled=len(report.surplus(self.expected, received)),
            excused=excused,
            kills=self.system.kills(),
            seconds=time.monotonic() - self.began,
        )
        return self.counted

    def close(self, *, excused: int = 0) -> None:
        """Nothing lost, nothing doubled but what is excused, and a double has the Message-ID of the first."""
        count = self.count(excused=excused)
        taken = self.system.mail.taken()
        assert count.lost == 0, report.table([count])
        assert count.doubled <= excused, report.table([count])
        assert len({mail.message_id for mail in taken}) == len({(mail.to, mail.text) for mail in taken})
