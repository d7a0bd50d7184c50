"""The files of the lists: what stands in them, and what never does."""

import csv
import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl
import pytest

from accounts.models import User
from cases.enums import Authorised, Destination
from cases.models import Case
from cases.services.intake import ExemptionGiven
from common.dates import end_of
from reports.exports import lists
from reports.models import ListTemplate, Pseudonym, ReportFile
from reports.rules.columns import DEFAULT, FIELDS, MOST_COLUMNS, Column
from reports.services.files import KINDS
from reports.services.templates import save_template
from schools.models import Partnership
from tests.cast import Cast, fresh
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

NAMES = [("Xanthippe", "Quispelaar"), ("Ygritte", "van den Wolkenkrabber"), ("Zebedeus", "O'Hooligan")]
BORN = [dt.date(2011, 2, 23), dt.date(2013, 6, 17), dt.date(2015, 11, 29)]
FIRST = dt.date(2026, 8, 10)
MARCH, JUNE = "2027-03-31", "2027-06-30"
#: Day 0 of the days of a spreadsheet.
DAY_0 = dt.date(1899, 12, 30)


@pytest.fixture
def swv() -> Partnership:
    return PartnershipFactory(number="VO9901")


@pytest.fixture
def pupils(swv: Partnership) -> list[Case]:
    """A member, one who went to another school in November, and one who is exempt under 5a."""
    facts: list[dict[str, Any]] = [
        {"reasons": ("PLEK",)},
        {"closed_on": dt.date(2026, 11, 9), "destination": Destination.SBO},
        {"authorised": Authorised.YES, "exemption": ExemptionGiven("5a", FIRST, None)},
    ]
    school = SchoolFactory(number="05AB")
    site = SchoolSiteFactory(school=school, partnerships=[swv], number="05AB01")
    return [
        make_case(
            partnership=swv,
            site=site,
            first_name=first,
            last_name=last,
            birth_date=born,
            first_day_absent=FIRST,
            signalled_on=FIRST,
            **given,
        )
        for (first, last), born, given in zip(NAMES, BORN, facts, strict=True)
    ]


def make(swv: Partnership, format: str = "csv", *, last: str = MARCH, with_5a: bool = False) -> bytes:
    asked = {
        "partnership": swv.number,
        "last": last,
        "with_5a": with_5a,
        "known_at": end_of(dt.date(2027, 7, 20)).isoformat(),
    }
    content, name = lists.make_inspectorate(
        asked, User(), format=format, outside=False, progress=lambda done, total: None
    )
    assert name == f"thuiszitters-VO9901-{last}.{format}"
    return content


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def unpacked(content: bytes) -> str:
    """Every byte of a workbook as text, its properties too."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def choose(swv: Partnership, columns: list[Column], *, with_5a: bool = False) -> None:
    values = {"columns": [column.as_json() for column in columns], "with_5a": with_5a}
    ListTemplate.objects.update_or_create(partnership=swv, defaults=values)


def test_the_list_as_it_is_by_default(swv: Partnership, pupils: list[Case]) -> None:
    rows = table(make(swv))
    names = dict(Pseudonym.objects.values_list("case_id", "code"))
    assert rows == [
        {
            "volgnummer": "1",
            "pseudoniem": names[pupils[0].pk],
            "samenwerkingsverband": "VO9901",
            "brin": "05AB",
            "vestiging": "05AB01",
            "sector": rows[0]["sector"],
            "leeftijd": "16",
            "categorie": "langdurig relatief verzuim, langer dan 3 maanden",
            "eerste verzuimdag": "2026-08-10",
            "thuiszitter sinds": "2026-09-08",
            "passend aanbod": "nee",
            "welk aanbod": "",
            "reden": rows[0]["reden"],
            "einde": "",
            "bestemming": "",
        },
        {
            "volgnummer": "2",
            "pseudoniem": names[pupils[1].pk],
            "samenwerkingsverband": "VO9901",
            "brin": "05AB",
            "vestiging": "05AB01",
            "sector": rows[1]["sector"],
            "leeftijd": "13",
            "categorie": "langdurig relatief verzuim, 4 weken tot 3 maanden",
            "eerste verzuimdag": "2026-08-10",
            "thuiszitter sinds": "2026-09-08",
            "passend aanbod": "nee",
            "welk aanbod": "",
            "reden": rows[1]["reden"],
            "einde": "2026-11-09",
            "bestemming": rows[1]["bestemming"],
        },
    ]
    assert rows[0]["reden"] != rows[1]["reden"] != ""
    assert rows[1]["bestemming"] != ""


def test_the_workbook_says_the_same_with_real_dates(swv: Partnership, pupils: list[Case]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(make(swv, "xlsx")))
    header, *rows = book.active.iter_rows(values_only=True)
    assert list(header) == [column.header for column in DEFAULT]
    as_text = [
        ["" if cell is None else str(cell.date() if isinstance(cell, dt.datetime) else cell) for cell in row]
        for row in rows
    ]
    assert as_text == [list(row.values()) for row in table(make(swv))]
    assert isinstance(rows[0][8], dt.datetime)


def test_with_5a_the_exempt_are_in_it(swv: Partnership, pupils: list[Case]) -> None:
    assert len(table(make(swv))) == 2
    with_5a = table(make(swv, with_5a=True))
    assert len(with_5a) == 3
    assert [row["categorie"] for row in with_5a].count("vrijstelling artikel 5 onder a") == 1


def test_over_the_quarters_pseudonyms_stay_and_closed_rows_stay_in(
    swv: Partnership, pupils: list[Case]
) -> None:
    quarters = [table(make(swv, last=last)) for last in ("2026-09-30", "2026-12-31", MARCH, JUNE)]
    names = [[row["pseudoniem"] for row in rows] for rows in quarters]
    assert names == [names[0]] * 4
    closed = [next(row for row in rows if row["pseudoniem"] == names[0][1]) for rows in quarters]
    assert [row["einde"] for row in closed] == ["", "2026-11-09", "2026-11-09", "2026-11-09"]
    assert closed[1] == closed[2] == closed[3]
    later = make_case(
        partnership=swv,
        site=SchoolSiteFactory(partnerships=[swv]),
        first_day_absent=dt.date(2026, 8, 3),
        signalled_on=dt.date(2026, 8, 3),
    )
    rows = table(make(swv))
    assert [row["pseudoniem"] for row in rows][1:] == names[0]
    assert rows[0]["pseudoniem"] == Pseudonym.objects.get(case=later).code


def test_another_template_gives_another_file(swv: Partnership, pupils: list[Case]) -> None:
    choose(
        swv,
        [
            Column("age", "band", "Leeftijdsgroep"),
            Column("end", "dmy", "Uit"),
            Column("first_day", "month", "Maand"),
            Column("empty", "as-is", "Opmerking"),
            Column("number", "as-is", "Nr"),
        ],
    )
    assert make(swv).decode("utf-8-sig").splitlines() == [
        "Leeftijdsgroep;Uit;Maand;Opmerking;Nr",
        "16-17;;2026-08;;1",
        "12-15;09-11-2026;2026-08;;2",
    ]


def test_a_template_that_asks_for_a_name_gives_the_default(swv: Partnership, pupils: list[Case]) -> None:
    ListTemplate.objects.create(
        partnership=swv, columns=[{"field": "last_name", "form": "as-is", "header": "naam"}], with_5a=True
    )
    assert [*table(make(swv))[0]] == [column.header for column in DEFAULT]


def test_no_file_names_a_pupil_whatever_the_template(swv: Partnership, pupils: list[Case]) -> None:
    """Every field in every form, in both formats, also in what a workbook says of itself."""
    everything = [
        Column(name, form, f"{name} {form}") for name, field in FIELDS.items() for form in field.forms
    ]
    tell_tales = {case.number.casefold() for case in pupils} | {"tz-"}
    tell_tales |= {
        word.casefold() for names in NAMES for name in names for word in name.split() if len(word) > 3
    }
    for born in BORN:
        tell_tales |= {born.isoformat(), f"{born:%d-%m-%Y}", f"{born:%Y%m%d}", f"{born:%d%m%Y}"}
        tell_tales |= {f"<v>{(born - DAY_0).days}</v>", f"{born:%Y-%m}", f"{born:%m-%Y}"}
        tell_tales |= {f"<v>{born.year}</v>", f";{born.year};"}
    found = set()
    for begin in range(0, len(everything), MOST_COLUMNS):
        choose(swv, everything[begin : begin + MOST_COLUMNS])
        for text in (make(swv, "csv", with_5a=True).decode(), unpacked(make(swv, "xlsx", with_5a=True))):
            assert "05AB01" in text or begin
            found |= {it for it in tell_tales if it in text.casefold()}
    assert found == set()


def test_a_header_is_no_formula(swv: Partnership, pupils: list[Case]) -> None:
    """Also one that came past the form: the default holds then."""
    choose(swv, [Column("number", "as-is", "=HYPERLINK(1)")])
    assert b"HYPERLINK" not in make(swv)


def test_an_empty_list_has_its_headers(swv: Partnership) -> None:
    assert make(swv).decode("utf-8-sig").splitlines() == [";".join(column.header for column in DEFAULT)]


# --- Who may have which file

ASKED: dict[str, dict[str, Any]] = {
    "inspectorate": {"partnership": "VO9901", "last": MARCH, "with_5a": False, "known_at": ""},
    "municipality": {"municipality": "9901", "from": "2026-10-01", "to": "2026-10-31"},
    "school": {"school": "90AA", "sites": [], "from": "2026-10-01", "to": "2026-10-31"},
}

MAY = {
    "coordinator": {"school"},
    "site_coordinator": set(),
    "other_coordinator": set(),
    "case_manager": {"inspectorate"},
    "far_case_manager": set(),
    "reporter": {"inspectorate"},
    "administrator": set(),
    "privacy_officer": set(),
    "care_worker": set(),
    "other_care_worker": set(),
    "attendance_officer": {"municipality"},
    "platform_operator": set(),
    "former": set(),
    "two_hats": set(),
    "superuser": set(),
    "nobody": set(),
}


def test_who_may_have_which_file(cast: Cast) -> None:
    assert set(MAY) == set(cast.people)
    found = {
        name: {kind for kind, asked in ASKED.items() if KINDS[kind].may(fresh(user), asked)}
        for name, user in cast.people.items()
    }
    assert found == MAY


def test_a_coordinator_of_a_site_has_the_file_of_that_site_only(cast: Cast) -> None:
    user = fresh(cast.people["site_coordinator"])
    may = KINDS[ReportFile.Kind.SCHOOL].may
    assert may(user, {**ASKED["school"], "sites": [cast.site.pk]})
    assert not may(user, {**ASKED["school"], "sites": [cast.second_site.pk]})
    assert not may(user, {**ASKED["school"], "sites": [cast.site.pk, cast.second_site.pk]})


def test_every_kind_has_a_title(cast: Cast) -> None:
    for kind, asked in ASKED.items():
        assert KINDS[kind].title(asked)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_files_of_a_municipality_and_a_school_name_nobody(cast: Cast, format: str) -> None:
    for (first, last), born in zip(NAMES, BORN, strict=True):
        cast.case(cast.site, first_name=first, last_name=last, birth_date=born, reasons=("ZORG",))
    makers = {"municipality": "attendance_officer", "school": "coordinator"}
    for kind, person in makers.items():
        asked = {**ASKED[kind], "definition": "D2", "known_at": "2027-01-01T00:00:00+00:00"}
        outside = kind == "municipality"
        content, name = KINDS[kind].make(
            asked, fresh(cast.people[person]), format=format, outside=outside, progress=lambda *steps: None
        )
        text = unpacked(content) if format == "xlsx" else content.decode()
        assert name.endswith(f".{format}")
        assert "TZ-" not in text
        assert [word for names in NAMES for word in names if word in text] == []
        assert [born for born in BORN if born.isoformat() in text or f"{born:%d-%m-%Y}" in text] == []


def test_a_saved_template_counts(cast: Cast) -> None:
    columns = [Column("pseudonym", "as-is", "Wie")]
    by = fresh(cast.people["administrator"])
    assert save_template(partnership=cast.swv, columns=columns, with_5a=False, by=by)
    header, *rows = make(cast.swv).decode("utf-8-sig").splitlines()
    assert (header, len(rows), len(set(rows))) == ("Wie", 7, 7)
