"""Cases as a file: what stands in it, for whom, and that it can be read back."""

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from accounts.models import User
from accounts.roles import Role
from cases import access, exports
from cases.enums import ParticipationState
from cases.models import Case, Participation
from cases.queries.visibility import cases_visible_to
from cases.services.register import import_register
from schools.models import CareKind
from tests.factories.accounts import member
from tests.factories.cases import make_case
from tests.factories.register import COLUMNS, NOW, TODAY, Import, Places, row
from tests.factories.schools import CarePartnerFactory

pytestmark = pytest.mark.django_db

CLOSED = row(
    ziek="ja",
    kan_deels="nee",
    vrijstelling="5a",
    vrijstelling_van="2026-06-05",
    vrijstelling_tot="2027-07-31",
    aanbod="opbouw",
    aanbod_sinds="2026-07-01",
    reden="KIND-INT GEZIN",
    arrangement_op="2026-07-01",
    afstand_op="2026-08-01",
    terugkeer_op="2026-09-01",
    afgesloten_op="2026-10-30",
    bestemming="eigen-school",
    teruggekeerd_op="2026-10-20",
)


@pytest.fixture
def manager(places: Places) -> User:
    return member(None, Role.CASE_MANAGER, places.po.organisation)


def csv_of(user: User) -> list[dict[str, str]]:
    content = b"".join(exports.csv_response(cases_visible_to(user).order_by("pk"), user))  # type: ignore[arg-type]
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def xlsx_of(user: User) -> bytes:
    response = exports.xlsx_response(cases_visible_to(user).order_by("pk"), user)
    with response.file_to_stream:
        return response.getvalue()


def test_csv_has_the_columns_and_rows_of_the_register(bring_in: Import, manager: User) -> None:
    other = row(dossier="A-2", voornaam="Sem", ingeschreven="nee", vestiging="")
    bring_in(CLOSED, other)
    response = exports.csv_response(cases_visible_to(manager), manager)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="register-')
    found = csv_of(manager)
    assert list(found[0]) == COLUMNS
    assert found == [CLOSED, other]


def test_xlsx_has_real_dates_and_numbers(bring_in: Import, manager: User) -> None:
    bring_in(CLOSED)
    sheet: Any = openpyxl.load_workbook(io.BytesIO(xlsx_of(manager))).active
    header, values = sheet.iter_rows(values_only=True)
    assert list(header) == COLUMNS
    cells = dict(zip(header, values, strict=True))
    assert cells["geboortedatum"] == dt.datetime(2015, 3, 14)
    assert cells["teruggekeerd_op"] == dt.datetime(2026, 10, 20)
    assert (cells["leerjaar"], cells["woongemeente"], cells["ziek"]) == (6, "0599", "ja")


def test_a_case_of_the_application_has_its_number(places: Places, manager: User) -> None:
    case = make_case(partnership=places.po, site=places.site, on=TODAY)
    assert [found["dossier"] for found in csv_of(manager)] == [case.number]


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_an_export_read_back_changes_nothing(
    bring_in: Import, places: Places, manager: User, tmp_path: Path, file_type: str
) -> None:
    bring_in(CLOSED, row(dossier="=1+1", voornaam="'Noor", achternaam="-van Dijk", terugkeer_op="2026-09-01"))
    make_case(partnership=places.po, site=places.other_school_site, on=TODAY)
    make_case(
        partnership=places.po,
        site=places.site,
        on=TODAY,
        closed_on=TODAY,
        destination="eigen-school",
        first_day_absent=TODAY,
        signalled_on=TODAY,
    )
    cases = cases_visible_to(manager)
    path = tmp_path / f"export.{file_type}"
    if file_type == "csv":
        path.write_bytes(b"".join(exports.csv_response(cases, manager)))  # type: ignore[arg-type]
    else:
        path.write_bytes(xlsx_of(manager))
    report = import_register(path, by=None, at=NOW, on=TODAY)
    assert report.refused == []
    assert (report.rows, report.unchanged) == (4, 4)


def test_formulas_are_kept_harmless(bring_in: Import, manager: User) -> None:
    bring_in(row(dossier="=1+1", achternaam="@SUM(A1)"))
    (found,) = csv_of(manager)
    assert (found["dossier"], found["achternaam"]) == ("'=1+1", "'@SUM(A1)")


@pytest.mark.parametrize(
    ("role", "kind", "reasons", "exemption"),
    [
        (Role.COORDINATOR, None, "KIND-INT GEZIN", "5a"),
        (Role.CARE_WORKER, CareKind.YOUTH_CARE, "KIND-INT GEZIN", ""),
        (Role.ATTENDANCE_OFFICER, CareKind.ATTENDANCE, "", "5a"),
    ],
)
def test_what_a_role_may_not_read_is_empty(
    bring_in: Import, places: Places, role: Role, kind: CareKind | None, reasons: str, exemption: str
) -> None:
    bring_in(CLOSED)
    partner = CarePartnerFactory(kind=kind, partnerships=[places.po]) if kind else None
    user = member(None, role, partner.organisation if partner else places.site.organisation)
    if partner:
        case = Case.objects.get()
        Participation.objects.create(
            case=case,
            partner=partner,
            purpose="x",
            ends_on=TODAY + dt.timedelta(days=3650),
            state=ParticipationState.ACCEPTED,
            invited_at=NOW,
            invited_on=TODAY,
            invited_by=user,
        )
        access.sync(case)
    (found,) = csv_of(user)
    days = ("2026-06-05", "2027-07-31") if exemption else ("", "")
    assert (found["reden"], found["vrijstelling"]) == (reasons, exemption)
    assert (found["vrijstelling_van"], found["vrijstelling_tot"]) == days
    hidden = dict.fromkeys(("reden", "vrijstelling", "vrijstelling_van", "vrijstelling_tot"), "")
    assert {**found, **hidden} == {**CLOSED, **hidden}


def test_any_number_of_cases_in_the_same_queries(
    bring_in: Import, manager: User, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    bring_in(CLOSED)
    cases_visible_to(manager).count()  # memberships and groups are known from here on
    with django_assert_num_queries(4):
        assert len(list(exports.rows(cases_visible_to(manager), manager))) == 1
    bring_in(*(row(dossier=f"B-{n}", voornaam=f"Noor {n}") for n in range(30)))
    with django_assert_num_queries(4):
        assert len(list(exports.rows(cases_visible_to(manager), manager))) == 31
    monkeypatch.setattr(exports, "CHUNK", 10)
    assert len(list(exports.rows(cases_visible_to(manager), manager))) == 31


def test_nothing_visible_is_only_a_header(places: Places) -> None:
    outsider = member(None, Role.CASE_MANAGER, places.vo.organisation)
    make_case(partnership=places.po, site=places.site, on=TODAY)
    assert csv_of(outsider) == []
