"""The world to measure in: it is complete enough for every rule, and only touches what it made itself."""

import datetime as dt
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from bench import world
from cases.models import Case
from escalations.models import Reminder
from escalations.rules import RULES
from escalations.rules.table import WAITING
from escalations.services.sweeps import sweep_all
from schools.models import Partnership, SchoolSite

pytestmark = pytest.mark.services

AT = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_every_rule_finds_something_and_a_second_sweep_makes_nothing() -> None:
    with connection.cursor() as cursor:
        world.fill(cursor, cases=2000)

    assert (Partnership.objects.count(), SchoolSite.objects.count()) == (152, 9000)
    assert (Case.objects.count(), Case.objects.open().count()) == (2000, 160)

    first = sweep_all(on=world.ON, at=AT)
    second = sweep_all(on=world.ON, at=AT)

    assert set(first.by_rule) == RULES.keys() - WAITING
    assert first.created == Reminder.objects.count()
    assert (second.created, second.cancelled) == (0, 0)


def url() -> str:
    given: dict[str, Any] = settings.DATABASES["default"]
    who = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT'] or 5432}"
    return f"postgres://{who}/{given['NAME']}"


def test_a_database_of_another_name_is_refused() -> None:
    with pytest.raises(world.NotOurs):
        world.make(url(), "terugkeer", cases=1)


def test_a_database_that_somebody_else_made_is_refused() -> None:
    name = "terugkeer_bench_of_somebody_else"
    with psycopg.connect(url(), autocommit=True) as somebody:
        somebody.execute(f"CREATE DATABASE {name}")
        try:
            with pytest.raises(world.NotOurs):
                world.make(url(), name, cases=1)
            with pytest.raises(world.NotOurs):
                world.drop(url(), name)
            assert somebody.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() == (1,)
        finally:
            somebody.execute(f"DROP DATABASE IF EXISTS {name}")
