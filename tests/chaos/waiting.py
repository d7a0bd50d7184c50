"""Waiting for something to become so: asked again until a deadline, never a sleep of guessed length."""

import time
from collections.abc import Callable

PATIENCE = 45.0  # seconds; a machine that is busy with other tests starts a process in ten


def until(
    so: Callable[[], object],
    what: str,
    *,
    within: float = PATIENCE,
    meanwhile: Callable[[], object] | None = None,
) -> None:
    """Returns as soon as `so()` is true; after `within` seconds it is an error that says `what`.

    `meanwhile` is done twice a second.
    """
    began = done = time.monotonic()
    while not so():
        now = time.monotonic()
        if now > began + within:
            raise TimeoutError(f"Not so after {within:.0f} seconds: {what}")
        if meanwhile and now >= done:
            meanwhile()
            done = now + 0.5
        time.sleep(0.05)
