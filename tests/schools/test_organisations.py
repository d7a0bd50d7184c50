"""The organisations file: what goes in, what is refused with which column, and that twice changes nothing."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.utils import translation

from audit.models import Event
from common.tabular import Report, Unreadable
from schools.models import CarePartner, Organisation, Partnership, School, SchoolSite
from schools.services.organisations import import_organisations
from tests.factories.schools import (
    CarePartnerFactory,
    MunicipalityFactory,
    PartnershipFactory,
    SchoolFactory,
    SchoolSiteFactory,
)

pytestmark = pytest.mark.django_db

HEADER = "soort;nummer;naam;hoort_bij;swv;sector;regio;gemeente;aard;email"

# Everything refers to something further down.
WHOLE = [
    "zorgpartner;zp-1;Leerplicht Voorbeeldstad;;;;;0999;leerplicht;leerplicht@example.org",
    "vestiging;99ab01;De Klimop, hoofdgebouw;99AB;PO 99 06 9907 VO;bo;Noord;GM999;;",
    "school;99AB;De Klimop;100b001;;;;;;info@example.org",
    "swv;PO-99-06;SWV Voorbeeld po;;;;;;;",
    "swv;VO 99.07;SWV Voorbeeld vo;;;;;;;",
    "bestuur;100B001;Stichting Voorbeeld;;;;;;;",
    "gemeente;999;Voorbeeldstad;;;;;;;",
    "zorgpartner;zp-2;Jeugdhulp Voorbeeld;;PO9906;;;;JEUGDHULP;",
]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def load(*lines: str, header: str = HEADER, **options: Any) -> Report:
    text = "\n".join([header, *lines])
    return import_organisations(source=io.BytesIO(text.encode()), by=None, **options)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, len(report.refused)


def faults(report: Report) -> list[tuple[int, str, str]]:
    return [(refused.line, refused.column, refused.value) for refused in report.refused]


def test_rows_in_any_order_become_organisations_that_know_each_other() -> None:
    report = load(*WHOLE)
    assert (report.rows, counts(report), report.warnings) == (8, (8, 0, 0, 0), [])
    assert sorted(Organisation.objects.values_list("kind", "number", "name", "email")) == [
        ("bestuur", "100B001", "Stichting Voorbeeld", ""),
        ("gemeente", "0999", "Voorbeeldstad", ""),
        ("school", "99AB", "De Klimop", "info@example.org"),
        ("swv", "PO9906", "SWV Voorbeeld po", ""),
        ("swv", "VO9907", "SWV Voorbeeld vo", ""),
        ("vestiging", "99AB01", "De Klimop, hoofdgebouw", ""),
        ("zorgpartner", "ZP-1", "Leerplicht Voorbeeldstad", "leerplicht@example.org"),
        ("zorgpartner", "ZP-2", "Jeugdhulp Voorbeeld", ""),
    ]
    site = SchoolSite.objects.get()
    assert (site.school.number, site.sector, site.region, site.municipality.number) == (
        "99AB",
        "bo",
        "noord",
        "0999",
    )
    assert sorted(partnership.number for partnership in site.partnerships.all()) == ["PO9906", "VO9907"]
    assert School.objects.get().board.number == "100B001"
    office, care = CarePartner.objects.order_by("organisation__number")
    assert (office.kind, office.municipality.number, list(office.partnerships.all())) == (
        "leerplicht",
        "0999",
        [],
    )
    assert (care.kind, care.municipality) == ("jeugdhulp", None)
    assert [partnership.number for partnership in care.partnerships.all()] == ["PO9906"]


def test_the_same_file_twice_changes_nothing() -> None:
    load(*WHOLE)
    before = list(SchoolSite.objects.values()), list(Organisation.objects.values()), Event.objects.count()
    assert counts(load(*WHOLE)) == (0, 0, 8, 0)
    assert (
        list(SchoolSite.objects.values()),
        list(Organisation.objects.values()),
        Event.objects.count(),
    ) == before


def test_what_differs_is_updated_and_an_empty_cell_changes_nothing() -> None:
    load(*WHOLE)
    report = load(
        "vestiging;99AB01;De Klimop;99AB;VO9907;so;zuid;;;site@example.org",
        "school;99AB;De Klimop;;;;;;;",
        "swv;PO9906;SWV Nieuw;;;;midden;;;",
        "zorgpartner;ZP-2;Jeugdhulp Voorbeeld;;VO9907;;;0999;ggz;",
    )
    assert counts(report) == (0, 3, 1, 0)
    site = SchoolSite.objects.get()
    assert (site.name, site.sector, site.region, site.municipality.number) == (
        "De Klimop",
        "so",
        "zuid",
        "0999",
    )
    assert (site.organisation.email, [p.number for p in site.partnerships.all()]) == (
        "site@example.org",
        ["VO9907"],
    )
    assert School.objects.get().organisation.email == "info@example.org"
    swv = Partnership.objects.get(organisation__number="PO9906")
    assert (swv.name, swv.region) == ("SWV Nieuw", "midden")
    care = CarePartner.objects.get(organisation__number="ZP-2")
    assert (care.kind, care.municipality.number, care.partnerships.get().number) == ("ggz", "0999", "VO9907")


def test_references_may_be_in_the_database_already() -> None:
    swv, town, school = PartnershipFactory(), MunicipalityFactory(), SchoolFactory()
    row = f"vestiging;{school.number}07;Nieuw;{school.number};{swv.number};vo;zuid;{town.number};;"
    assert counts(load(row)) == (1, 0, 0, 0)
    site = SchoolSite.objects.get()
    assert (site.school, site.municipality, site.partnerships.get()) == (school, town, swv)


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (";99AB;x;;;;;;;", "soort", ""),
        ("kerk;99AB;x;;;;;;;", "soort", "kerk"),
        ("school;;x;;;;;;;", "nummer", ""),
        ("school;99A;x;;;;;;;", "nummer", "99A"),
        ("swv;3006;x;;;;;;;", "nummer", "3006"),
        ("gemeente;GM;x;;;;;;;", "nummer", "GM"),
        ("school;99ZZ;;;;;;;;", "naam", ""),
        (f"school;99ZZ;{'x' * 201};;;;;;;", "naam", "x" * 200),
        ("school;99ZZ;x;999B999;;;;;;", "hoort_bij", "999B999"),
        ("vestiging;99AB02;x;;PO9906;bo;;;;", "hoort_bij", ""),
        ("vestiging;99AB02;x;99ZZ;PO9906;bo;;;;", "hoort_bij", "99ZZ"),
        ("vestiging;99ZZ02;x;99ZZ;PO9906;bo;;;;", "hoort_bij", "99ZZ"),
        ("vestiging;99AB02;x;99AB;;bo;;;;", "swv", ""),
        ("vestiging;99AB02;x;99AB;PO9906 3006;bo;;;;", "swv", "PO9906 3006"),
        ("vestiging;99AB02;x;99AB;PO9906 PO 99 99;bo;;;;", "swv", "PO 99 99"),
        ("vestiging;99AB02;x;99AB;PO9906;;;;;", "sector", ""),
        ("vestiging;99AB02;x;99AB;PO9906;havo;;;;", "sector", "havo"),
        ("vestiging;99AB02;x;99AB;PO9906;bo;oost;;;", "regio", "oost"),
        ("vestiging;99AB02;x;99AB;PO9906;bo;;0998;;", "gemeente", "0998"),
        ("zorgpartner;N;x;;;;;;;", "aard", ""),
        ("zorgpartner;N;x;;;;;;tandarts;", "aard", "tandarts"),
        ("zorgpartner;N;x;;;;;;leerplicht;", "gemeente", ""),
        ("zorgpartner;N;x;;PO0000;;;;ggz;", "swv", "PO0000"),
        ("zorgpartner;ZP-2;x;;;;;0999;leerplicht;", "aard", "leerplicht"),
        ("zorgpartner;ZP-1;x;;;;;;overig;", "aard", "overig"),
        ("school;99ZZ;x;;;;;;;geen adres", "email", "geen adres"),
        ("school;99ZZ;x;;;;;;;a@b.nl;te veel", "", "te veel"),
        # Two faults: the first column counts.
        ("vestiging;99AB02;;99ZZ;x;x;x;x;x;x", "naam", ""),
        ("vestiging;99AB02;x;99AB;PO9906;bo;noord;0998;;x", "gemeente", "0998"),
    ],
)
def test_a_row_is_refused_for_its_first_fault_and_the_others_go_in(row: str, column: str, value: str) -> None:
    load(*WHOLE)
    report = load("gemeente;0123;Ander dorp;;;;;;;", row, "gemeente;0124;Derde dorp;;;;;;;")
    assert (faults(report), counts(report)) == ([(3, column, value)], (2, 0, 0, 1))
    assert report.refused[0].reason.endswith(".")


def test_what_refers_to_a_refused_row_is_refused_too() -> None:
    report = load(
        "vestiging;99AB01;Vestiging;99AB;PO9906;bo;noord;;;",
        "school;99AB;School;999B999;;;;;;",
        "swv;PO9906;Samenwerkingsverband;;;;;;;",
    )
    assert faults(report) == [(2, "hoort_bij", "99AB"), (3, "hoort_bij", "999B999")]
    assert list(Organisation.objects.values_list("number", flat=True)) == ["PO9906"]


def test_an_organisation_is_once_in_the_file_but_kinds_have_their_own_numbers() -> None:
    report = load(
        "gemeente;0999;Voorbeeldstad;;;;;;;",
        "gemeente;GM999;Nog een keer;;;;;;;",
        "bestuur;0999;Bestuur met hetzelfde nummer;;;;;;;",
    )
    assert (faults(report), counts(report)) == ([(3, "nummer", "GM999")], (2, 0, 0, 1))
    assert Organisation.objects.get(kind="gemeente").name == "Voorbeeldstad"


def test_columns_in_any_order_unknown_ones_are_told_and_absent_ones_change_nothing() -> None:
    load(*WHOLE)
    report = load("Anders;x;99AB;school", header="Naam;Kleur;NUMMER;Soort")
    assert counts(report) == (0, 1, 0, 0)
    assert [(warned.line, warned.column) for warned in report.warnings] == [(1, "Kleur")]
    school = School.objects.get()
    assert (school.name, school.board.number, school.organisation.email) == (
        "Anders",
        "100B001",
        "info@example.org",
    )


def test_values_that_say_nothing_about_the_kind_are_told() -> None:
    report = load("gemeente;0999;Voorbeeldstad;99AB;PO9906;bo;noord;0999;ggz;")
    assert (counts(report), [(warned.line, warned.column) for warned in report.warnings]) == (
        (1, 0, 0, 0),
        [(2, column) for column in ("hoort_bij", "swv", "sector", "regio", "gemeente", "aard")],
    )


def test_a_site_without_a_region_is_told() -> None:
    report = load(*WHOLE, "vestiging;99AB02;x;99AB;PO9906;bo;;;;")
    assert [(warned.line, warned.column) for warned in report.warnings] == [(10, "regio")]


def test_a_dry_run_says_the_same_and_writes_nothing() -> None:
    dry = load(*WHOLE, "school;9;x;;;;;;;", dry_run=True)
    assert (Organisation.objects.count(), Event.objects.count()) == (0, 0)
    assert dry.as_dict() == load(*WHOLE, "school;9;x;;;;;;;").as_dict()


def test_each_change_is_in_the_log_without_names() -> None:
    load(*WHOLE[3:4])
    load("swv;PO9906;SWV Nieuw;;;;midden;;;")
    assert list(Event.objects.order_by("pk").values_list("action", "target", "details")) == [
        ("organisation.created", "organisation swv PO9906", {}),
        ("organisation.changed", "organisation swv PO9906", {"fields": ["name", "region"]}),
    ]


def test_a_file_without_a_required_column_is_no_use() -> None:
    with pytest.raises(Unreadable, match="nummer"):
        load("swv;x", header="soort;naam")


def test_a_thousand_rows_take_no_more_queries_than_a_few_batches(django_assert_max_num_queries: Any) -> None:
    PartnershipFactory(number="PO9906")
    SchoolFactory(number="99AB")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rows = [f"vestiging;99AB{a}{b};Vestiging;99AB;PO9906;bo;noord;;;" for a in alphabet for b in alphabet]
    with django_assert_max_num_queries(40):
        assert counts(load(*rows)) == (676, 0, 0, 0)
    with django_assert_max_num_queries(15):
        assert counts(load(*rows)) == (0, 0, 676, 0)


# --- The command


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    try:
        call_command("import_organisations", *args)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    except CommandError as error:
        code = error.returncode
    else:
        code = 0
    return code, *capsys.readouterr()


def test_the_command_prints_one_document_and_its_exit_code_says_how_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "organisaties.csv"
    path.write_text("\n".join([HEADER, *WHOLE]))
    code, out, _err = run(capsys, str(path), "--json")
    assert (code, json.loads(out)) == (
        0,
        {"rows": 8, "created": 8, "updated": 0, "unchanged": 0, "refused": [], "warnings": []},
    )
    with path.open("a") as file:
        file.write("\nschool;9;x;;;;;;;")
    code, out, _err = run(capsys, str(path), "--json")
    document = json.loads(out)
    assert (code, document["unchanged"], len(document["refused"])) == (1, 8, 1)
    assert {key: document["refused"][0][key] for key in ("line", "column", "value")} == {
        "line": 10, "column": "nummer", "value": "9",
    }  # fmt: skip
    code, out, err = run(capsys, str(path))
    assert (code, "unchanged: 8" in out, "10: nummer “9”" in err) == (1, True, True)


def test_the_command_writes_nothing_in_a_dry_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "organisaties.csv"
    path.write_text("\n".join([HEADER, *WHOLE]))
    code, out, _err = run(capsys, str(path), "--dry-run", "--json")
    assert (code, json.loads(out)["created"], Organisation.objects.count()) == (0, 8, 0)


def test_an_unusable_file_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _err = run(capsys, str(tmp_path / "niets.csv"), "--json")
    assert (code, list(json.loads(out))) == (2, ["error"])
    path = tmp_path / "leeg.csv"
    path.write_text("soort;naam\n")
    assert run(capsys, str(path))[0] == 2


def test_names_in_the_file_stay_as_they_are_apart_from_spaces() -> None:
    load("swv;PO9906;  's-Gravenhage   &  Ömürlü ;;;;;;;")
    assert Organisation.objects.get().name == "'s-Gravenhage & Ömürlü"


def test_a_site_that_moves_between_partnerships_leaves_others_alone() -> None:
    first, second = PartnershipFactory(number="PO9906"), PartnershipFactory(number="PO9907")
    site = SchoolSiteFactory(partnerships=[first])
    other = SchoolSiteFactory(partnerships=[first])
    care = CarePartnerFactory(partnerships=[first])
    load(f"vestiging;{site.number};x;{site.school.number};PO9907;bo;;;;")
    assert (site.partnerships.get(), other.partnerships.get(), care.partnerships.get()) == (
        second,
        first,
        first,
    )


def test_a_workbook_with_real_numbers_is_read_the_same() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        lines = [HEADER, "gemeente;599;Voorbeeldstad;;;;;;;", "zorgpartner;12;Leerplicht;;;;;599;leerplicht;"]
        for number, line in enumerate(lines):
            for place, text in enumerate(line.split(";")):
                sheet.write(number, place, int(text) if text.isdigit() else text)
    assert counts(import_organisations(source=buffer, by=None)) == (2, 0, 0, 0)
    office = CarePartner.objects.get()
    assert (office.number, office.municipality.number) == ("12", "0599")


def test_the_demo_has_what_it_promises() -> None:
    report = import_organisations(source=Path(__file__).parents[2] / "demo" / "organisations.csv", by=None)
    assert (report.rows, counts(report), report.warnings) == (37, (37, 0, 0, 0), [])
    assert sorted(Partnership.objects.values_list("organisation__number", flat=True)) == ["PO9901", "VO9901"]
    assert sorted(SchoolSite.objects.values_list("sector", flat=True)) == (
        ["bo"] * 6 + ["pro", "sbo", "so"] + ["vo"] * 4 + ["vso"]
    )
    assert set(SchoolSite.objects.values_list("region", flat=True)) == {"noord", "midden", "zuid"}
    assert sorted(CarePartner.objects.values_list("kind", flat=True)) == [
        "ggz", "jeugdarts", "jeugdhulp", "leerplicht", "leerplicht",
    ]  # fmt: skip
    assert Organisation.objects.filter(kind="gemeente").count() == 3
