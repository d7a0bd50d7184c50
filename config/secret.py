"""The secret key of an installation that was given none: made once, kept in a file for its owner only."""

import os
import secrets
import time
from pathlib import Path


def secret_from_file(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret := secrets.token_urlsafe(50))
    return secret


def _read(path: Path) -> str:
    """Another process may have made the file just now and not have written it yet."""
    for _ in range(50):
        if secret := path.read_text(encoding="ascii").strip():
            return secret
        time.sleep(0.1)
    raise RuntimeError(f"{path} is empty: remove it, and a new secret is made.")
