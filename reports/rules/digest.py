"""The digest of a version: SHA-256 over everything that was issued, written in one way only."""

import hashlib
import json
from typing import Any


def digest_of(content: Any) -> str:
    """64 hexadecimal digits. The same for the same content, whichever order its names stand in."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
