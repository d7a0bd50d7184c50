"""The keyed hashes that make the log tamper-evident: nobody without `AUDIT_KEY` can make one that fits.

Each kind of row is hashed under its own word, so that the hash of one can never pass for that of another.
"""

import datetime as dt
import hashlib
import hmac
import json
from typing import Any

from django.conf import settings

from audit.models import Event

GENESIS = "0" * 64


def event_mac(event: Event) -> str:
    """Of everything in the event but its id, which the database gives."""
    return _keyed(
        "event",
        str(event.uid),
        event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        event.action,
        event.result,
        event.actor,
        event.actor_id,
        event.target,
        event.ip,
        event.channel,
        event.request_id,
        event.details,
    )


def link_hash(*, number: int, event_id: int, event_mac: str, previous: str) -> str:
    return _keyed("link", number, event_id, event_mac, previous)


def head_mac(*, number: int, hash: str) -> str:
    return _keyed("head", number, hash)


def address_code(email: str) -> str:
    """Stands for an e-mail address that somebody typed: always the same, and not to be turned back."""
    return _keyed("address", email.strip().lower())[:16]


def _keyed(*values: Any) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
