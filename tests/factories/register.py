"""Register files: a row that goes in, changed where a test says so, written as a spreadsheet would.

write_register(tmp_path / "file.csv", [row(), row(dossier="B", achternaam="Anders")])
"""

import csv
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from cases.services.register import Report, import_register
from schools.models import Municipality, Partnership, School, SchoolSite
from tests.factories.schools import (
    MunicipalityFactory,
    PartnershipFactory,
    SchoolFactory,
    SchoolSiteFactory,
)

TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 14, 0, tzinfo=dt.UTC)

Import = Callable[..., Report]

#: The columns as the contract gives them: written out, not taken from the code.
COLUMNS = [
    "dossier", "swv", "vestiging", "voornaam", "achternaam", "geboortedatum", "woongemeente", "sector",
    "leerjaar", "ingeschreven", "eerste_verzuimdag", "omvang", "geoorloofd", "ziek", "kan_deels",
    "vrijstelling", "vrijstelling_van", "vrijstelling_tot", "aanbod", "aanbod_sinds", "reden", "gemeld_op",
    "arrangement_op", "afstand_op", "terugkeer_op", "afgesloten_op", "bestemming", "teruggekeerd_op",
]  # fmt: skip

GOOD = {
    "dossier": "A-1",
    "swv": "PO3006",
    "vestiging": "05AB01",
    "voornaam": "Noor",
    "achternaam": "van Dijk",
    "geboortedatum": "2015-03-14",
    "woongemeente": "0599",
    "sector": "bo",
    "leerjaar": "6",
    "ingeschreven": "ja",
    "eerste_verzuimdag": "2026-06-01",
    "omvang": "volledig",
    "geoorloofd": "nee",
    "gemeld_op": "2026-06-10",
}


@dataclass(frozen=True)
class Places:
    """PO3006 with two sites of school 05AB and one of 06CD; VO2801 with a site of its own and 05AB02."""

    po: Partnership
    vo: Partnership
    school: School
    site: SchoolSite
    other_site: SchoolSite
    other_school_site: SchoolSite
    vo_site: SchoolSite
    town: Municipality
    other_town: Municipality


def make_places() -> Places:
    po, vo = PartnershipFactory(number="PO3006"), PartnershipFactory(number="VO2801")
    school, other = SchoolFactory(number="05AB"), SchoolFactory(number="06CD")
    return Places(
        po=po,
        vo=vo,
        school=school,
        site=SchoolSiteFactory(school=school, number="05AB01", partnerships=[po]),
        other_site=SchoolSiteFactory(school=school, number="05AB02", partnerships=[po, vo]),
        other_school_site=SchoolSiteFactory(school=other, number="06CD01", partnerships=[po]),
        vo_site=SchoolSiteFactory(
            school=SchoolFactory(number="07EF"), number="07EF01", partnerships=[vo], sector="vo"
        ),
        town=MunicipalityFactory(number="0599"),
        other_town=MunicipalityFactory(number="0363"),
    )


def row(**changes: str) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), **GOOD, **changes}


def write_register(
    path: Path, rows: Sequence[dict[str, str]], *, columns: Sequence[str] = COLUMNS, separator: str = ";"
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, delimiter=separator, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def places(db: None) -> Places:
    return make_places()


@pytest.fixture
def bring_in(places: Places, tmp_path: Path) -> Import:
    """Imports rows as a file, on TODAY unless `on` is given; takes what `import_register` takes."""

    def bring_in(*rows: dict[str, str], on: dt.date = TODAY, **options: Any) -> Report:
        columns = options.pop("columns", COLUMNS)
        path = write_register(tmp_path / "register.csv", rows, columns=columns)
        at = dt.datetime.combine(on, dt.time(14), tzinfo=dt.UTC)
        with translation.override("en"):
            return import_register(path, **{"by": None, "at": at, "on": on, **options})

    return bring_in


def refused_in(report: Report) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.column) for refusal in report.refused]


def warned_in(report: Report) -> list[tuple[int, str]]:
    return [(oddity.line, oddity.column) for oddity in report.warnings]
