"""Log lines carry no key with which the reader could do something."""

import pytest

from config.logs import mask_tokens

TOKEN = "3-d1fb0a-4e1b9be1c2ad52f1f0d7b5d3ac60a9c8"


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (f"GET /account/password/reset/key/{TOKEN}/", "GET /account/password/reset/key/***/"),
        (f"GET /agenda/{TOKEN}.ics", "GET /agenda/***.ics"),
        (f"GET /x?token={TOKEN}", "GET /x?token=***"),
        ("GET /cases/TZ-2026-00001/", "GET /cases/TZ-2026-00001/"),
    ],
)
def test_tokens_in_addresses_are_masked(line: str, masked: str) -> None:
    assert mask_tokens(None, "info", {"request": line}) == {"request": masked}
    assert mask_tokens(None, "info", {"event": line}) == {"event": masked}
