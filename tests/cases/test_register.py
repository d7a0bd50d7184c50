"""What a register file brings in, and what is refused (contracts/register.md)."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit.models import Event
from cases.models import (
    AbsencePeriod,
    Case,
    CaseGrant,
    Exemption,
    FittingOffer,
    ImportedRow,
    Particulars,
    ReasonCodes,
    SpellDates,
    StateChange,
)
from cases.services.register import Report, importing
from cases.services.register.importing import import_register
from common.dates import start_of
from common.tabular import Unreadable
from tests.factories.register import (
    COLUMNS,
    NOW,
    TODAY,
    Import,
    Places,
    refused_in,
    row,
    warned_in,
    write_register,
)

pytestmark = pytest.mark.django_db

# --- What goes in


def test_a_row_becomes_a_case_with_its_facts(bring_in: Import, places: Places) -> None:
    report = bring_in(
        row(
            ziek="ja",
            kan_deels="nee",
            vrijstelling="5a",
            vrijstelling_van="2026-06-05",
            vrijstelling_tot="2027-07-31",
            aanbod="opbouw",
            aanbod_sinds="2026-07-01",
            reden="KIND-INT GEZIN",
        )
    )
    assert report.as_json() == {
        "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "refused": [], "warnings": []
    }  # fmt: skip
    case = Case.objects.select_related("pupil").get()
    assert (case.pupil.first_name, case.pupil.last_name) == ("Noor", "van Dijk")
    assert (case.pupil.birth_date, case.pupil.municipality_id) == (dt.date(2015, 3, 14), places.town.pk)
    assert (case.pupil.year_group, case.sector) == (6, "bo")
    assert (case.partnership_id, case.school_id, case.site_id) == (
        places.po.pk, places.school.pk, places.site.pk
    )  # fmt: skip
    assert (case.state, case.state_since) == ("signalled", dt.date(2026, 6, 10))
    assert (case.first_day_absent, case.signalled_on) == (dt.date(2026, 6, 1), dt.date(2026, 6, 10))
    assert (case.enrolled, case.extent, case.authorised) == (True, "volledig", "nee")
    assert (case.ill, case.can_attend_partly) == (True, False)
    assert (case.offer, case.offer_since) == ("opbouw", dt.date(2026, 7, 1))
    assert case.reason_codes == ["KIND-INT", "GEZIN"]
    assert case.source_reference == "A-1"
    assert re.fullmatch(r"TZ-2026-\d{5}", case.number)
    exemption = Exemption.objects.get()
    assert (exemption.article, exemption.valid_from, exemption.valid_to) == (
        "5a", dt.date(2026, 6, 5), dt.date(2027, 7, 31)
    )  # fmt: skip


def test_history_becomes_dated_events(bring_in: Import) -> None:
    bring_in(
        row(
            arrangement_op="2026-07-01",
            afstand_op="2026-08-20",
            terugkeer_op="2026-09-15",
            afgesloten_op="2026-10-30",
            bestemming="eigen-school",
        )
    )
    moves = StateChange.objects.order_by("id").values_list("transition", "to_state", "on", "known_from")
    assert list(moves) == [
        (name, state, day, start_of(day))
        for name, state, day in [
            ("signal", "signalled", dt.date(2026, 6, 10)),
            ("agree_arrangement", "arrangement", dt.date(2026, 7, 1)),
            ("start_remote_education", "remote_education", dt.date(2026, 8, 20)),
            ("start_return", "return", dt.date(2026, 9, 15)),
            ("close", "closed", dt.date(2026, 10, 30)),
        ]
    ]
    case = Case.objects.get()
    assert (case.state, case.closed_on, case.destination, case.back_on) == (
        "closed", dt.date(2026, 10, 30), "eigen-school", dt.date(2026, 10, 30)
    )  # fmt: skip
    dates = SpellDates.objects.order_by("known_from", "id")
    assert [(d.known_from, d.closed_on) for d in dates] == [
        (start_of(dt.date(2026, 6, 10)), None),
        (start_of(dt.date(2026, 10, 30)), None),
        (start_of(dt.date(2026, 10, 30)), dt.date(2026, 10, 30)),
    ]
    for model in (AbsencePeriod, Particulars):
        fact = model.objects.get()
        assert (fact.holds_from, fact.known_from) == (dt.date(2026, 6, 1), start_of(dt.date(2026, 6, 10)))


@pytest.mark.parametrize(
    ("days", "state"),
    [
        ({}, "signalled"),
        ({"arrangement_op": "2026-07-01"}, "arrangement"),
        ({"terugkeer_op": "2026-07-01", "arrangement_op": "2026-08-01"}, "arrangement"),
        ({"arrangement_op": "2026-07-01", "afstand_op": "2026-07-01"}, "remote_education"),
        ({"arrangement_op": "2026-07-01", "terugkeer_op": "2026-07-01"}, "return"),
    ],
)
def test_the_last_day_decides_and_equal_days_go_by_column(
    bring_in: Import, days: dict[str, str], state: str
) -> None:
    bring_in(row(**days))
    assert Case.objects.get().state == state


@pytest.mark.parametrize(
    ("destination", "given", "back"),
    [
        ("eigen-school", "", dt.date(2026, 10, 30)),
        ("vso", "2026-10-01", dt.date(2026, 10, 1)),
        ("oza", "", None),
        ("verhuisd-nl", "", None),
        ("verhuisd-nl", "2026-10-01", dt.date(2026, 10, 1)),
    ],
)
def test_back_at_school_defaults_to_the_closing(
    bring_in: Import, destination: str, given: str, back: dt.date | None
) -> None:
    bring_in(row(afgesloten_op="2026-10-30", bestemming=destination, teruggekeerd_op=given))
    assert Case.objects.get().back_on == back


def test_an_open_case_can_be_back_already(bring_in: Import) -> None:
    bring_in(row(terugkeer_op="2026-09-01", teruggekeerd_op="2026-11-01"))
    case = Case.objects.get()
    assert (case.state, case.back_on) == ("return", dt.date(2026, 11, 1))


def test_a_signal_by_mistake_is_withdrawn(bring_in: Import) -> None:
    bring_in(row(afgesloten_op="2026-06-12", bestemming="onterecht"))
    assert Case.objects.get().destination == "onterecht"
    assert StateChange.objects.order_by("-id")[0].transition == "withdraw"


def test_a_pupil_enrolled_nowhere_needs_no_site_but_may_have_one(bring_in: Import, places: Places) -> None:
    report = bring_in(
        row(ingeschreven="nee", vestiging=""),
        row(dossier="A-2", voornaam="Sem", ingeschreven="nee"),
    )
    assert report.created == 2
    cases = Case.objects.order_by("source_reference").values_list("enrolled", "site", "school")
    assert list(cases) == [(False, None, None), (False, places.site.pk, places.school.pk)]


def test_the_people_of_the_place_see_it(bring_in: Import, places: Places) -> None:
    bring_in(row())
    groups = CaseGrant.objects.values_list("group__role_group__organisation", "group__role_group__role")
    assert set(groups) == {
        (places.po.pk, "case_manager"),
        (places.school.pk, "coordinator"),
        (places.site.pk, "coordinator"),
    }


@pytest.mark.parametrize(
    ("column", "typed", "field", "stored"),
    [
        ("swv", "PO 30 06", "partnership__organisation__number", "PO3006"),
        ("swv", "po-30-06", "partnership__organisation__number", "PO3006"),
        ("swv", "3006 PO", "partnership__organisation__number", "PO3006"),
        ("vestiging", "05ab01", "site__organisation__number", "05AB01"),
        ("woongemeente", "599", "pupil__municipality__organisation__number", "0599"),
        ("voornaam", "  Noor  ", "pupil__first_name", "Noor"),
        ("geboortedatum", "14-3-2015", "pupil__birth_date", dt.date(2015, 3, 14)),
        ("geboortedatum", "14-03-2015", "pupil__birth_date", dt.date(2015, 3, 14)),
        ("sector", "SBO", "sector", "sbo"),
        ("leerjaar", "", "pupil__year_group", None),
        ("ingeschreven", "JA", "enrolled", True),
        ("omvang", "Gedeeltelijk", "extent", "gedeeltelijk"),
        ("geoorloofd", "DEELS", "authorised", "deels"),
        ("ziek", "Nee", "ill", False),
        ("ziek", "", "ill", None),
        ("aanbod", "OZA", "offer", "oza"),
        ("reden", "kind-int", "reasons", "KIND-INT"),
        ("reden", "ZORG,PLEK", "reasons", "ZORG PLEK"),
        ("reden", "ZORG | plek; onb", "reasons", "ZORG PLEK ONB"),
        ("reden", "PLEK PLEK ZORG", "reasons", "PLEK ZORG"),
        ("dossier", "=1+1", "source_reference", "=1+1"),
    ],
)
def test_values_in_every_spelling(
    bring_in: Import, column: str, typed: str, field: str, stored: object
) -> None:
    assert refused_in(bring_in(row(**{column: typed}))) == []
    assert Case.objects.values_list(field, flat=True).get() == stored


def test_no_end_of_an_exemption_is_an_open_end(bring_in: Import) -> None:
    bring_in(row(vrijstelling="5B", vrijstelling_tot="31-12-9999"))
    exemption = Exemption.objects.get()
    assert (exemption.article, exemption.valid_from, exemption.valid_to) == ("5b", None, None)


def test_facts_that_the_file_does_not_have_are_not_written(bring_in: Import) -> None:
    bring_in(row())
    assert not Exemption.objects.exists()
    assert not FittingOffer.objects.exists()
    assert not ReasonCodes.objects.exists()


def test_xlsx_with_real_dates_and_numbers(places: Places, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    values: dict[str, Any] = row(sector="so", vrijstelling="15")
    for column in ("geboortedatum", "eerste_verzuimdag", "gemeld_op"):
        values[column] = dt.datetime.fromisoformat(values[column])
    values |= {"woongemeente": 599, "leerjaar": 6, "vrijstelling": 15, "dossier": 17}
    book.active.append(list(COLUMNS))
    book.active.append([values[column] or None for column in COLUMNS])
    book.save(tmp_path / "register.xlsx")
    report = import_register(tmp_path / "register.xlsx", by=None, at=NOW, on=TODAY)
    assert refused_in(report) == []
    case = Case.objects.select_related("pupil").get()
    assert (case.source_reference, case.pupil.year_group) == ("17", 6)
    assert (case.pupil.birth_date, case.signalled_on) == (dt.date(2015, 3, 14), dt.date(2026, 6, 10))
    assert Exemption.objects.get().article == "15"


def test_columns_in_any_order_and_unknown_ones_are_reported(bring_in: Import) -> None:
    columns = [*reversed(COLUMNS), "Opmerking"]
    report = bring_in({**row(), "Opmerking": "x"}, columns=columns)
    assert (report.created, warned_in(report)) == (1, [(1, "Opmerking")])


def test_optional_columns_may_be_missing(bring_in: Import) -> None:
    required = [
        "dossier", "swv", "vestiging", "voornaam", "achternaam", "geboortedatum", "woongemeente", "sector",
        "ingeschreven", "eerste_verzuimdag", "omvang", "geoorloofd", "gemeld_op",
    ]  # fmt: skip
    assert bring_in(row(), columns=required).created == 1


@pytest.mark.parametrize(
    "column",
    [
        "dossier", "swv", "vestiging", "voornaam", "achternaam", "geboortedatum", "woongemeente", "sector",
        "ingeschreven", "eerste_verzuimdag", "omvang", "geoorloofd", "gemeld_op",
    ],
)  # fmt: skip
def test_a_file_without_a_required_column_is_not_read(bring_in: Import, column: str) -> None:
    with pytest.raises(Unreadable, match=column):
        bring_in(row(), columns=[name for name in COLUMNS if name != column])
    assert not Case.objects.exists()


# --- What is refused


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *((column, "") for column in (
            "dossier", "swv", "vestiging", "voornaam", "achternaam", "geboortedatum", "woongemeente",
            "sector", "ingeschreven", "eerste_verzuimdag", "omvang", "geoorloofd", "gemeld_op",
        )),
        ("dossier", "x" * 101),
        ("swv", "3006"),
        ("swv", "PO9999"),
        ("vestiging", "05AB"),
        ("vestiging", "05AB99"),
        ("vestiging", "07EF01"),
        ("voornaam", "x" * 101),
        ("achternaam", "x" * 151),
        ("achternaam", "ﬃ" * 120),
        ("geboortedatum", "14/15/2015"),
        ("geboortedatum", "30-02-2015"),
        ("geboortedatum", "2026-11-23"),
        ("woongemeente", "Rotterdam"),
        ("woongemeente", "9998"),
        ("sector", "havo"),
        ("leerjaar", "0"),
        ("leerjaar", "9"),
        ("leerjaar", "groep 6"),
        ("ingeschreven", "x"),
        ("eerste_verzuimdag", "2026-11-23"),
        ("omvang", "half"),
        ("geoorloofd", "misschien"),
        ("ziek", "beetje"),
        ("kan_deels", "1"),
        ("vrijstelling", "5d"),
        ("vrijstelling_van", "morgen"),
        ("vrijstelling_tot", "2027-13-01"),
        ("aanbod", "thuis"),
        ("aanbod_sinds", "2026-11-23"),
        ("reden", "KIND"),
        ("reden", "ZORG KIND"),
        ("gemeld_op", "2026-11-23"),
        ("arrangement_op", "2026-11-23"),
        ("afstand_op", "x"),
        ("terugkeer_op", "2027-01-01"),
        ("bestemming", "thuis"),
        ("teruggekeerd_op", "2026-11-23"),
    ],
)  # fmt: skip
def test_a_wrong_value_refuses_the_row(bring_in: Import, column: str, value: str) -> None:
    report = bring_in(row(**{column: value}), row(dossier="B", voornaam="Sem"))
    assert [(r.line, r.column, r.value) for r in report.refused] == [(2, column, value)]
    assert report.refused[0].reason
    assert (report.rows, report.created) == (2, 1)
    assert Case.objects.get().source_reference == "B"


@pytest.mark.parametrize(
    ("days", "column"),
    [
        ({"gemeld_op": "2026-05-31"}, "gemeld_op"),
        ({"arrangement_op": "2026-06-09"}, "arrangement_op"),
        ({"afstand_op": "2026-06-09"}, "afstand_op"),
        ({"terugkeer_op": "2026-06-09"}, "terugkeer_op"),
        ({"terugkeer_op": "2026-06-09", "afstand_op": "2026-06-09"}, "afstand_op"),
        ({"afgesloten_op": "2026-06-09", "bestemming": "oza"}, "afgesloten_op"),
        (
            {"terugkeer_op": "2026-07-02", "afgesloten_op": "2026-07-01", "bestemming": "oza"},
            "afgesloten_op",
        ),
        ({"teruggekeerd_op": "2026-06-01"}, "teruggekeerd_op"),
        ({"teruggekeerd_op": "2026-05-01"}, "teruggekeerd_op"),
        (
            {"afgesloten_op": "2026-07-01", "bestemming": "oza", "teruggekeerd_op": "2026-07-02"},
            "teruggekeerd_op",
        ),
        ({"afgesloten_op": "2026-07-01"}, "bestemming"),
        ({"bestemming": "oza"}, "afgesloten_op"),
    ],
)
def test_days_out_of_order_refuse_the_row(bring_in: Import, days: dict[str, str], column: str) -> None:
    assert refused_in(bring_in(row(**days))) == [(2, column)]
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "days",
    [
        {"gemeld_op": "2026-06-01"},
        {"arrangement_op": "2026-06-10", "afstand_op": "2026-06-10", "terugkeer_op": "2026-06-10"},
        {"gemeld_op": "2026-06-01", "afgesloten_op": "2026-06-01", "bestemming": "eigen-school"},
        {"afgesloten_op": "2026-07-01", "bestemming": "oza", "teruggekeerd_op": "2026-07-01"},
        {"teruggekeerd_op": "2026-06-02"},
        {"gemeld_op": "2026-11-22", "afgesloten_op": "2026-11-22", "bestemming": "oza"},
        {"vrijstelling": "5a", "vrijstelling_van": "2027-01-01", "vrijstelling_tot": "2027-07-31"},
    ],
)
def test_days_at_the_edge_go_in(bring_in: Import, days: dict[str, str]) -> None:
    assert refused_in(bring_in(row(**days))) == []


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"swv": "x", "achternaam": "", "sector": "x"}, "swv"),
        ({"sector": "x", "achternaam": ""}, "achternaam"),
        ({"gemeld_op": "2026-05-01", "reden": "x"}, "reden"),
        ({"gemeld_op": "2026-05-01", "teruggekeerd_op": "2027-01-01"}, "teruggekeerd_op"),
        ({"gemeld_op": "2026-05-01", "bestemming": "oza"}, "afgesloten_op"),
        ({"vestiging": "", "ingeschreven": ""}, "vestiging"),
        ({"vestiging": "05AB99", "woongemeente": "9998"}, "vestiging"),
    ],
)
def test_the_first_fault_is_told(bring_in: Import, changes: dict[str, str], column: str) -> None:
    assert refused_in(bring_in(row(**changes))) == [(2, column)]


def test_a_repeated_reference_is_refused_also_after_a_refused_row(bring_in: Import) -> None:
    report = bring_in(row(sector="x"), row(voornaam="Sem"), row(dossier=" A-1 ", voornaam="Bo", swv="VO2801"))
    assert refused_in(report) == [(2, "sector"), (3, "dossier"), (4, "dossier")]
    assert not Case.objects.exists()


def test_the_same_reference_in_another_partnership_is_another_case(bring_in: Import) -> None:
    assert bring_in(row()).created == 1
    assert bring_in(row(swv="VO2801", vestiging="07EF01", sector="vo", leerjaar="")).created == 1
    assert list(Case.objects.values_list("source_reference", flat=True)) == ["A-1", "A-1"]


def test_a_second_open_case_of_a_pupil_at_a_school_is_refused_in(bring_in: Import) -> None:
    report = bring_in(
        row(),
        row(dossier="A-2", vestiging="05AB02", voornaam="NOÖR", achternaam="Van Dïjk"),
        row(dossier="A-3", vestiging="06CD01"),
        row(dossier="A-4", geboortedatum="2015-03-15"),
        row(dossier="A-5", afgesloten_op="2026-07-01", bestemming="oza"),
    )
    assert [(r.line, r.column, r.value) for r in report.refused] == [(3, "dossier", "A-2")]
    assert report.created == 4
    again = bring_in(row(dossier="A-6"), row(dossier="A-7", swv="VO2801", vestiging="05AB02"))
    assert refused_in(again) == [(2, "dossier"), (3, "dossier")]


def test_a_pupil_enrolled_nowhere_has_no_school_to_be_twice_at(bring_in: Import) -> None:
    nowhere = {"ingeschreven": "nee", "vestiging": ""}
    assert bring_in(row(**nowhere), row(dossier="A-2", **nowhere)).created == 2


def test_a_place_comes_free_when_a_row_closes_the_case(bring_in: Import) -> None:
    bring_in(row())
    closing = row(afgesloten_op="2026-07-01", bestemming="oza")
    for options in ({"dry_run": True}, {}):
        report = bring_in(closing, row(dossier="A-2"), **options)
        assert (refused_in(report), report.updated, report.created) == ([], 1, 1)
    reopening = bring_in(row())
    assert refused_in(reopening) == [(2, "dossier")]


def test_a_refused_row_does_not_take_the_place(bring_in: Import) -> None:
    report = bring_in(row(sector="x"), row(dossier="A-2"))
    assert (refused_in(report), report.created) == ([(2, "sector")], 1)


# --- What is only odd


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"geboortedatum": "2011-03-14"}, ["sector"]),
        ({"geboortedatum": "2005-03-14"}, ["geboortedatum"]),
        ({"geboortedatum": "2026-06-05"}, ["geboortedatum"]),
        ({"sector": "vo"}, ["sector"]),
        ({"vrijstelling": "3a"}, ["vrijstelling"]),
        ({"vrijstelling_tot": "2027-01-01"}, ["vrijstelling_tot"]),
        (
            {"vrijstelling": "5a", "vrijstelling_van": "2026-09-01", "vrijstelling_tot": "2026-08-01"},
            ["vrijstelling_tot"],
        ),
        ({"aanbod_sinds": "2026-07-01"}, ["aanbod_sinds"]),
        (
            {
                "aanbod": "oza",
                "aanbod_sinds": "2026-08-01",
                "afgesloten_op": "2026-07-01",
                "bestemming": "oza",
            },
            ["aanbod_sinds"],
        ),
        ({"ingeschreven": "nee", "omvang": "gedeeltelijk"}, ["omvang"]),
    ],
)
def test_odd_rows_go_in_with_a_warning(bring_in: Import, changes: dict[str, str], columns: list[str]) -> None:
    report = bring_in(row(**changes))
    assert (report.created, refused_in(report)) == (1, [])
    assert warned_in(report) == [(2, column) for column in columns]
    assert all(oddity.reason for oddity in report.warnings)


def test_a_municipality_that_is_no_more(bring_in: Import, places: Places) -> None:
    places.town.valid_to = dt.date(2025, 12, 31)
    places.town.save()
    assert warned_in(bring_in(row())) == [(2, "woongemeente")]


def test_values_beyond_the_last_column(bring_in: Import, tmp_path: Path) -> None:
    path = write_register(tmp_path / "f.csv", [row()])
    path.write_text(path.read_text().rstrip() + ";nog;iets\n")
    report = import_register(path, by=None, at=NOW, on=TODAY)
    assert (report.created, warned_in(report)) == (1, [(2, "")])


def test_a_refused_row_has_no_warnings(bring_in: Import) -> None:
    report = bring_in(row(vrijstelling="3a", gemeld_op="2026-05-01"))
    assert (refused_in(report), warned_in(report)) == ([(2, "gemeld_op")], [])


# --- All or nothing, trying out, breaking off


def test_all_or_nothing(bring_in: Import) -> None:
    rows = [row(), row(dossier="A-2", voornaam="Sem", sector="x")]
    report = bring_in(*rows, all_or_nothing=True)
    assert (report.rows, report.created, refused_in(report)) == (2, 0, [(3, "sector")])
    assert not Case.objects.exists()
    assert bring_in(rows[0], all_or_nothing=True).created == 1
    assert Case.objects.count() == 1


def test_a_dry_run_says_the_same_and_writes_nothing(bring_in: Import, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    rows = [row(), row(dossier="A-2"), row(dossier="A-3", voornaam="Sem")]
    tried = bring_in(*rows, dry_run=True)
    assert not Case.objects.exists()
    assert not Event.objects.exists()
    assert bring_in(*rows).as_json() == tried.as_json()
    assert (tried.created, refused_in(tried)) == (2, [(3, "dossier")])


def test_an_import_that_broke_off_goes_on(bring_in: Import, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    rows = [row(dossier=f"A-{n}", geboortedatum=f"2015-03-{n:02}") for n in range(1, 6)]

    def break_off(report: Report, total: int | None) -> None:
        assert total == 5
        if report.rows == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(*rows, progress=break_off)
    assert Case.objects.count() == 4
    report = bring_in(*rows)
    assert (report.created, report.unchanged, Case.objects.count()) == (1, 4, 5)


def test_lists_are_kept_short_and_counts_whole(bring_in: Import) -> None:
    rows = [row(dossier=f"A-{n}", sector="x") for n in range(5)]
    report = bring_in(*rows, most=2)
    assert (len(report.refused), report.refused_count) == (2, 5)


def test_rows_of_other_partnerships_are_refused_in(bring_in: Import, places: Places) -> None:
    report = bring_in(
        row(),
        row(dossier="V", swv="VO2801", vestiging="07EF01", sector="vo", leerjaar=""),
        partnerships={places.po.pk},
    )
    assert (report.created, refused_in(report)) == (1, [(3, "swv")])


def test_the_log_tells_numbers_and_no_names(bring_in: Import) -> None:
    bring_in(row(), row(dossier="A-2", voornaam=""))
    events = Event.objects.order_by("pk").values_list("action", "target", "details")
    assert list(events) == [
        ("case.imported", f"case {Case.objects.get().number}", {}),
        (
            "register.imported",
            "",
            {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "refused": 1, "warnings": 0},
        ),
    ]


def test_the_row_is_remembered_in_one_spelling(bring_in: Import) -> None:
    bring_in(row(swv="3006 PO", woongemeente="599", geboortedatum="14-3-2015", geoorloofd="NEE"))
    assert ImportedRow.objects.get().values == row()


def test_many_rows_in_few_statements(
    bring_in: Import, django_assert_max_num_queries: Any, places: Places
) -> None:
    rows = [row(dossier=f"A-{n}", voornaam=f"Noor {n}") for n in range(1, 300)]
    with django_assert_max_num_queries(120):
        assert bring_in(*rows).created == 299
    with django_assert_max_num_queries(20):
        assert bring_in(*rows).unchanged == 299
