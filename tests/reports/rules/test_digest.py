"""The digest: one way of writing, and everything in it counts."""

import datetime as dt
import hashlib

import pytest

from reports.rules.digest import digest_of

CONTENT = {"b": [1, {"d": 40.0, "c": "é"}], "a": dt.date(2026, 10, 1)}


def test_it_is_sha_256_over_canonical_json() -> None:
    written = b'{"a":"2026-10-01","b":[1,{"c":"\\u00e9","d":40.0}]}'
    assert digest_of(CONTENT) == hashlib.sha256(written).hexdigest()


def test_the_order_of_names_makes_no_difference() -> None:
    assert digest_of({"b": 1, "a": {"d": 2, "c": 3}}) == digest_of({"a": {"c": 3, "d": 2}, "b": 1})


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"a": [1]}, {"b": 1}, {"a": 1, "b": 2}, {"a": 1.0}])
def test_any_other_content_has_another_digest(other: object) -> None:
    assert digest_of(other) != digest_of({"a": 1})
