"""RedBeat, for a clock that may be set back."""

import datetime as dt
from typing import Any

from redbeat import RedBeatScheduler
from redbeat.schedulers import get_redis, to_timestamp


class Scheduler(RedBeatScheduler):
    """Remembers when each job ran last, and runs it an interval later.

    While a clock was ahead by a year it remembered moments a year from now, and after the correction no job
    would run until then. A moment that is still to come is therefore taken for now.
    """

    @property
    def schedule(self) -> Any:
        self._bring_back_from_the_future()
        return super().schedule

    def _bring_back_from_the_future(self) -> None:
        now: dt.datetime = self.app.now()
        later = get_redis(self.app).zrangebyscore(
            self.app.redbeat_conf.schedule_key, f"({to_timestamp(now)}", "+inf"
        )
        for key in later:
            entry = self.Entry.from_key(key, app=self.app)
            if entry.last_run_at is not None and entry.last_run_at > now:
                entry.reschedule(now)
