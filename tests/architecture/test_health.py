"""What a load balancer asks: anyone may, and it learns which part is down, never why."""

from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client


def test_a_living_process_says_so_without_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_when_database_and_cache_answer(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "cache": "ok"})


@pytest.mark.django_db
def test_not_ready_without_database(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("password of root is wrong")):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "down", "cache": "ok"})


@pytest.mark.django_db
def test_not_ready_without_cache(client: Client) -> None:
    with patch.object(type(caches["default"]), "set", side_effect=ConnectionError("no route")):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "cache": "down"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
