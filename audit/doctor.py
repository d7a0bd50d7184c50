"""Whether the log of events is kept: what `manage.py doctor` tells of it."""

import datetime as dt

from audit.queries import unlinked
from common.doctor import Finding, Level

#: Events are linked at once, and by the worker every minute what was left.
LONG = dt.timedelta(minutes=30)


def log(*, at: dt.datetime) -> list[Finding]:
    """Are events linked into the chain? Whether it is whole is for `verify_audit`, that reads all of it."""
    left = unlinked().filter(at__lt=at - LONG).count()
    if left:
        says = f"{left} events are not in the chain yet"
        return [Finding(Level.ERROR, "log of events", says, "Is the worker at work? Run `verify_audit`.")]
    return [Finding(Level.WELL, "log of events", "is linked up to now; `verify_audit` checks all of it")]
