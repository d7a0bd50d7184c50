"""Tells people of reminders: resolves who they are now, and writes their notices."""

import datetime as dt
from collections.abc import Sequence


def withdraw_notices(ids: Sequence[int], *, at: dt.datetime) -> None:
    """These reminders ask nothing any more: gone for everyone."""


def restore_notices(ids: Sequence[int], *, at: dt.datetime) -> None:
    """These reminders are open again."""
