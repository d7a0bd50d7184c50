"""A clock that several processes follow: it stands in a file as seconds ahead of the machine's own.

So a whole system can live on another day, and be sent eleven minutes or a year on (and back) while it runs.
"""

import datetime as dt
import os
import threading
import time
from pathlib import Path

import time_machine


def real_time() -> float:
    """What the machine's own clock says, whatever this process believes."""
    hatch = time_machine.escape_hatch
    return hatch.time.time() if hatch.is_travelling() else time.time()


class Clock:
    def __init__(self, file: Path) -> None:
        self.file = file
        if not file.exists():
            self.ahead = 0.0

    @property
    def ahead(self) -> float:
        """Seconds that this clock is ahead of the machine's."""
        return float(self.file.read_text())

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        written = self.file.with_suffix(f".{os.getpid()}")
        written.write_text(repr(seconds))
        written.replace(self.file)

    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(real_time() + self.ahead, tz=dt.UTC)

    def set(self, moment: dt.datetime) -> None:
        self.ahead = moment.timestamp() - real_time()

    def shift(self, by: dt.timedelta) -> None:
        self.ahead += by.total_seconds()


class Traveller:
    """Makes this process live by a clock, until it is stopped."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.travel = time_machine.travel(clock.now(), tick=True)
        self.moves = self.travel.start()
        self.look()

    def look(self) -> None:
        """The clock as it stands now."""
        self.ahead = self.clock.ahead
        self.moves.move_to(self.clock.now(), tick=True)
        time.time()  # it ticks from the first time that somebody looks

    def stop(self) -> None:
        self.travel.stop()


def follow(clock: Clock) -> None:
    """This process and those that it forks live by the clock from now on, wherever it is set."""
    traveller = Traveller(clock)

    def look_again() -> None:
        while True:
            time.sleep(0.05)  # real seconds
            if clock.ahead != traveller.ahead:
                traveller.look()

    def keep_looking() -> None:
        threading.Thread(target=look_again, daemon=True).start()

    keep_looking()
    os.register_at_fork(after_in_child=keep_looking)
