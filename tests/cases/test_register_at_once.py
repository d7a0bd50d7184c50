"""Imports and people at the same moment, on real connections."""

from pathlib import Path
from typing import Any

import pytest

from accounts.roles import Role
from cases.models import Case, ImportedRow, RegisterUpload
from cases.services import lifecycle
from cases.services.register import Report, import_register, importing, uploads
from common.errors import DomainError
from tests.at_once import at_once
from tests.factories.accounts import UserFactory, member
from tests.factories.cases import make_intake
from tests.factories.register import NOW, TODAY, Places, row, write_register

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def db(transactional_db: None) -> None:
    """The places in a database that commits."""


def bring_in(path: Path) -> Report:
    return import_register(path, by=None, at=NOW, on=TODAY)


def test_the_same_file_twice_at_once(places: Places, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 7)
    rows = [row(dossier=f"A-{n}", voornaam=f"Noor {n}") for n in range(40)]
    path = write_register(tmp_path / "register.csv", rows)
    one, other = at_once(lambda: bring_in(path), lambda: bring_in(path))
    assert one.refused == other.refused == []
    assert one.created + other.created == 40
    assert one.unchanged + other.unchanged == 40
    assert Case.objects.count() == ImportedRow.objects.count() == 40


def test_files_in_opposite_order_at_once(places: Places, tmp_path: Path) -> None:
    rows = [row(dossier=f"A-{n}", voornaam=f"Noor {n}") for n in range(100)]
    there = write_register(tmp_path / "a.csv", rows)
    back = write_register(tmp_path / "b.csv", rows[::-1])
    reports = at_once(lambda: bring_in(there), lambda: bring_in(back))
    assert sorted((report.created, report.unchanged) for report in reports) == [(0, 100), (100, 0)]
    changed = [{**values, "geoorloofd": "ja"} for values in rows]
    write_register(there, changed)
    write_register(back, changed[::-1])
    reports = at_once(lambda: bring_in(there), lambda: bring_in(back))
    assert sorted((report.updated, report.unchanged) for report in reports) == [(0, 100), (100, 0)]


def test_two_files_about_one_pupil_at_once(places: Places, tmp_path: Path) -> None:
    first = write_register(tmp_path / "a.csv", [row(dossier="A")])
    second = write_register(tmp_path / "b.csv", [row(dossier="B")])
    reports = at_once(lambda: bring_in(first), lambda: bring_in(second))
    assert sorted((report.created, report.refused_count) for report in reports) == [(0, 1), (1, 0)]
    assert [refusal.column for report in reports for refusal in report.refused] == ["dossier"]
    assert Case.objects.count() == 1


def test_a_pupil_signalled_while_the_file_goes_in(places: Places, tmp_path: Path) -> None:
    manager = member(UserFactory(), Role.CASE_MANAGER, places.po.organisation)
    told = row(voornaam="Sem")
    intake = make_intake(
        partnership=places.po,
        site=places.site,
        municipality_id=places.town.pk,
        first_name="Sem",
        last_name=told["achternaam"],
        birth_date=TODAY.replace(year=2015, month=3, day=14),
        on=TODAY,
    )
    others = [row(dossier=f"A-{n}", voornaam=f"N {n}") for n in range(20)]
    path = write_register(tmp_path / "register.csv", [*others, {**told, "dossier": "S"}])
    report, signalled = at_once(
        lambda: bring_in(path), lambda: lifecycle.signal(intake=intake, by=manager, at=NOW)
    )
    assert (report.created, isinstance(signalled, DomainError)) in [(21, True), (20, False)]
    assert Case.objects.filter(pupil__first_name="Sem").count() == 1
    assert Case.objects.count() == 21


def test_two_workers_want_one_upload(places: Places, tmp_path: Path) -> None:
    manager = member(UserFactory(), Role.CASE_MANAGER, places.po.organisation)
    path = write_register(tmp_path / "register.csv", [row()])
    with path.open("rb") as file:
        found = uploads.put(file=file, file_name="register.csv", by=manager, at=NOW)
    assert sorted(at_once(*[lambda: uploads.work(clock=lambda: NOW)] * 2)) == [0, 1]
    uploads.confirm(upload=found, by=manager)
    assert sorted(at_once(*[lambda: uploads.work(clock=lambda: NOW)] * 2)) == [0, 1]
    found.refresh_from_db()
    assert (found.state, found.report["created"]) == (RegisterUpload.State.IMPORTED, 1)
    assert Case.objects.count() == 1
