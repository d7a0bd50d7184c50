"""Many keys in one parameter."""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL


def among(keys: Collection[int]) -> Any:
    """For `filter(pk__in=among(keys))` with thousands of keys: PostgreSQL gets them as one array, instead of
    a parameter for each. SQLite gets the list."""
    if connection.vendor != "postgresql":
        return keys
    array = "{" + ",".join(map(str, keys)) + "}"
    return RawSQL("SELECT unnest(%s::bigint[])", [array])
