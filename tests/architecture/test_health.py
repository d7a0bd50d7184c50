"""What a load balancer and who watches over it ask: which part is down or silent, never why, and figures."""

import datetime as dt
import math
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from common import dates, pulse, registry
from common.metrics import Gauge

#: What is told of those that were never heard from.
SILENT = {"beat": "silent", "worker": "silent"}


def test_a_living_process_says_so_without_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_when_database_and_cache_answer(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "cache": "ok"} | SILENT)


@pytest.mark.django_db
def test_not_ready_without_database(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("password of root is wrong")):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "down", "cache": "ok"} | SILENT)


@pytest.mark.django_db
def test_not_ready_without_cache(client: Client) -> None:
    with patch.object(type(caches["default"]), "set", side_effect=ConnectionError("no route")):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "cache": "down"} | SILENT)


@pytest.mark.django_db
def test_a_cache_that_cannot_be_read_tells_of_nobody(client: Client) -> None:
    with patch.object(type(caches["default"]), "get", side_effect=ConnectionError("no route")):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "cache": "down"} | SILENT)


@pytest.mark.django_db
def test_who_was_heard_from_is_told_and_who_is_silent_takes_nothing_out_of_service(client: Client) -> None:
    pulse.beat(pulse.BEAT, dates.now())
    pulse.beat(pulse.WORKER, dates.now() - dt.timedelta(minutes=4))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "cache": "ok", "beat": "ok", "worker": "silent"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.django_db
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


# --- Figures


def figures(answer: Any) -> dict[str, float]:
    """The value of each figure, as Prometheus reads it."""
    families = text_string_to_metric_families(answer.content.decode())
    return {sample.name + str(sample.labels or ""): sample.value for it in families for sample in it.samples}


@pytest.mark.django_db
def test_the_age_of_beat_and_worker(client: Client) -> None:
    pulse.beat(pulse.BEAT, dates.now() - dt.timedelta(minutes=4))

    answer = client.get("/metrics")

    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = figures(answer)
    assert {name for name in found if "heard" in name} == {
        "terugkeer_beat_heard_seconds",
        "terugkeer_worker_heard_seconds",
    }
    assert 240 <= found["terugkeer_beat_heard_seconds"] < 300
    assert math.isnan(found["terugkeer_worker_heard_seconds"])


def test_each_app_adds_its_own_and_those_of_one_name_stand_together(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tea(*, at: dt.datetime) -> list[Gauge]:
        return [Gauge("terugkeer_cups", "Cups.", 1, {"of": "tea"}), Gauge("terugkeer_pots", "Pots.", 2.5)]

    def quoted(*, at: dt.datetime) -> list[Gauge]:
        return [Gauge("terugkeer_cups", "Cups.", 3, {"of": 'a"b'})]

    monkeypatch.setitem(registry._slots, "metrics", [(0, tea), (1, quoted)])

    for _ in range(2):  # nothing is kept from one question to the next
        assert client.get("/metrics").content.decode().splitlines() == [
            "# HELP terugkeer_cups Cups.",
            "# TYPE terugkeer_cups gauge",
            'terugkeer_cups{of="tea"} 1.0',
            'terugkeer_cups{of="a\\"b"} 3.0',
            "# HELP terugkeer_pots Pots.",
            "# TYPE terugkeer_pots gauge",
            "terugkeer_pots 2.5",
        ]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "s3cret"}, 401),
        ({"Authorization": "Bearer é"}, 401),
        ({"Authorization": "Bearer s3cret"}, 200),
    ],
)
@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.django_db
def test_figures_are_for_who_shows_the_token(
    client: Client, settings: Any, demo: bool, given: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN, settings.DEMO = "s3cret", demo

    answer = client.get("/metrics", headers=given)

    assert (answer.status_code, b"terugkeer_" in answer.content) == (status, status == 200)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.django_db
def test_without_a_token_production_has_no_figures(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN, settings.DEMO = "", False

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
