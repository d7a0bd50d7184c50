"""A register file that comes again: the same, changed, and after people worked in the application."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps

from accounts.roles import Role
from audit.models import Event
from cases import access
from cases.enums import ActionState, ParticipationState, State
from cases.models import (
    AbsencePeriod,
    Action,
    Case,
    CaseGrant,
    Exemption,
    ImportedRow,
    NameWord,
    Participation,
    Particulars,
    SpellDates,
    StateChange,
)
from cases.queries.register import with_register_facts
from cases.queries.visibility import cases_visible_to
from cases.services import facts, lifecycle
from cases.services.intake import ExemptionGiven
from cases.services.register.canonical import row_of
from common.dates import end_of, start_of
from tests.factories.accounts import UserFactory, member
from tests.factories.cases import make_case
from tests.factories.register import TODAY, Import, Places, refused_in, row
from tests.factories.schools import CarePartnerFactory

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - dt.timedelta(days=1)
MORNING = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)

FULL = row(
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
)
CLOSED = {**FULL, "afgesloten_op": "2026-10-30", "bestemming": "eigen-school"}


def everything() -> dict[str, list[dict[str, Any]]]:
    """All that the database holds of cases."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("cases").get_models()
    }


def as_row() -> dict[str, str]:
    return row_of(with_register_facts(Case.objects.all()).get())


@pytest.mark.parametrize(
    "brought",
    [
        row(),
        FULL,
        CLOSED,
        row(ingeschreven="nee", vestiging=""),
        row(vrijstelling_tot="2027-01-01"),
        row(aanbod_sinds="2026-07-01"),
        row(gemeld_op="2026-06-01", afgesloten_op="2026-06-01", bestemming="eigen-school"),
        row(afgesloten_op="2026-07-01", bestemming="oza", teruggekeerd_op="2026-06-30"),
        row(afgesloten_op="2026-07-01", bestemming="onterecht"),
        row(terugkeer_op="2026-07-01", arrangement_op="2026-08-01"),
        row(arrangement_op="2026-07-01", afstand_op="2026-07-01"),
    ],
)
def test_the_same_file_twice_changes_nothing(bring_in: Import, brought: dict[str, str]) -> None:
    assert bring_in(brought, on=YESTERDAY).created == 1
    before = everything()
    report = bring_in(brought)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert refused_in(report) == []
    assert everything() == before
    assert ImportedRow.objects.get().values == as_row()


def test_the_same_in_another_spelling_changes_nothing(bring_in: Import) -> None:
    bring_in(FULL, on=YESTERDAY)
    before = everything()
    typed = {
        **FULL,
        "swv": "3006 PO",
        "woongemeente": "599",
        "geboortedatum": "14-3-2015",
        "reden": "kind-int,gezin",
    }
    assert bring_in(typed).unchanged == 1
    assert everything() == before


def test_columns_that_a_later_file_does_not_have_stay(bring_in: Import) -> None:
    bring_in(CLOSED, on=YESTERDAY)
    before = everything()
    few = [
        "dossier", "swv", "vestiging", "voornaam", "achternaam", "geboortedatum", "woongemeente", "sector",
        "ingeschreven", "eerste_verzuimdag", "omvang", "geoorloofd", "gemeld_op",
    ]  # fmt: skip
    assert bring_in(CLOSED, columns=few).unchanged == 1
    assert everything() == before
    assert bring_in({**CLOSED, "geoorloofd": "ja"}, columns=few).updated == 1
    assert as_row() == {**CLOSED, "geoorloofd": "ja", "teruggekeerd_op": "2026-10-30"}


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        (["vestiging"], ["06CD01"]),
        (["vestiging"], ["05AB02"]),
        (["voornaam"], ["Nora"]),
        (["achternaam"], ["Van Dam"]),
        (["geboortedatum"], ["2015-03-15"]),
        (["woongemeente"], ["0363"]),
        (["sector"], ["sbo"]),
        (["leerjaar"], [""]),
        (["leerjaar"], ["7"]),
        (["ingeschreven"], ["nee"]),
        (["ingeschreven", "vestiging"], ["nee", ""]),
        (["eerste_verzuimdag"], ["2026-05-20"]),
        (["eerste_verzuimdag"], ["2026-06-03"]),
        (["omvang"], ["gedeeltelijk"]),
        (["geoorloofd"], ["ja"]),
        (["ziek"], [""]),
        (["kan_deels"], ["ja"]),
        (["vrijstelling"], ["5b"]),
        (["vrijstelling", "vrijstelling_van", "vrijstelling_tot"], ["", "", ""]),
        (["vrijstelling_van"], [""]),
        (["vrijstelling_tot"], ["2026-12-31"]),
        (["aanbod"], ["oza"]),
        (["aanbod", "aanbod_sinds"], ["", ""]),
        (["aanbod_sinds"], ["2026-08-01"]),
        (["reden"], [""]),
        (["reden"], ["GEZIN KIND-INT"]),
        (["gemeld_op"], ["2026-06-12"]),
        (["arrangement_op"], [""]),
        (["arrangement_op"], ["2026-07-03"]),
        (["afstand_op"], [""]),
        (["terugkeer_op"], [""]),
        (["terugkeer_op"], ["2026-06-20"]),
        (["afgesloten_op", "bestemming"], ["2026-11-01", "oza"]),
        (["afgesloten_op", "bestemming", "teruggekeerd_op"], ["2026-11-01", "vso", "2026-10-30"]),
        (["teruggekeerd_op"], ["2026-11-01"]),
    ],
)
def test_only_what_changed_is_changed_and_known_from_today(
    bring_in: Import, columns: list[str], values: list[str]
) -> None:
    bring_in(FULL, on=YESTERDAY)
    last_ids = {model: _last_id(model) for model in FACTS}
    changed = {**FULL, **dict(zip(columns, values, strict=True))}
    report = bring_in(changed)
    assert (report.updated, refused_in(report)) == (1, [])
    assert as_row() == changed
    assert ImportedRow.objects.get().values == changed
    new = [fact for model in FACTS for fact in model.objects.filter(pk__gt=last_ids[model])]
    assert all(fact.known_from == start_of(TODAY) and fact.source == "import" for fact in new)
    before = everything()
    assert bring_in(changed).unchanged == 1
    assert everything() == before


FACTS: list[Any] = [
    model for model in apps.get_app_config("cases").get_models() if hasattr(model, "known_from")
]


def _last_id(model: Any) -> int:
    return model.objects.order_by("pk").values_list("pk", flat=True).last() or 0


@pytest.mark.parametrize(
    ("days", "state", "since"),
    [
        ({}, "return", "2026-09-01"),
        ({"terugkeer_op": ""}, "remote_education", "2026-08-01"),
        ({"terugkeer_op": "", "afstand_op": ""}, "arrangement", "2026-07-01"),
        ({"terugkeer_op": "", "afstand_op": "", "arrangement_op": ""}, "signalled", "2026-06-10"),
        ({"arrangement_op": "2026-10-01"}, "arrangement", "2026-10-01"),
        ({"afgesloten_op": "2026-10-01", "bestemming": "oza"}, "closed", "2026-10-01"),
    ],
)
def test_states_follow_the_days(bring_in: Import, days: dict[str, str], state: str, since: str) -> None:
    bring_in(FULL, on=YESTERDAY)
    bring_in({**FULL, **days})
    case = Case.objects.get()
    assert (case.state, case.state_since) == (state, dt.date.fromisoformat(since))
    assert set(CaseGrant.objects.values_list("case_open", flat=True)) == {state != "closed"}


def test_the_signal_moves_with_its_day(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    bring_in(row(gemeld_op="2026-06-15"))
    assert Case.objects.get().state_since == dt.date(2026, 6, 15)


def test_what_was_known_before_stays_known(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    bring_in(row(geoorloofd="ja"))
    known = AbsencePeriod.objects.order_by("known_from", "id")
    assert [(fact.authorised, fact.known_from, fact.holds_from) for fact in known] == [
        ("nee", start_of(dt.date(2026, 6, 10)), dt.date(2026, 6, 1)),
        ("ja", start_of(TODAY), dt.date(2026, 6, 1)),
    ]


def test_a_name_is_found_by_its_new_words(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    bring_in(row(achternaam="Blok"))
    assert set(NameWord.objects.values_list("word", flat=True)) == {"noor", "blok", "nb"}
    assert Case.objects.get().pupil_identity == "blok|noor|2015-03-14"


def test_a_pupil_of_another_school_is_seen_there(bring_in: Import, places: Places) -> None:
    there, here = UserFactory(), UserFactory()
    member(here, Role.COORDINATOR, places.school.organisation)
    member(there, Role.COORDINATOR, places.other_school_site.organisation)
    bring_in(row(), on=YESTERDAY)
    assert cases_visible_to(here).count() == 1
    bring_in(row(vestiging="06CD01"))
    assert cases_visible_to(here).count() == 0
    assert cases_visible_to(there).count() == 1


def test_closing_ends_what_runs(bring_in: Import, places: Places) -> None:
    bring_in(row(), on=YESTERDAY)
    case, manager, carer = Case.objects.get(), UserFactory(), UserFactory()
    partner = CarePartnerFactory(partnerships=[places.po])
    member(carer, Role.CARE_WORKER, partner.organisation)
    Participation.objects.create(
        case=case,
        partner=partner,
        purpose="x",
        ends_on=dt.date(2027, 6, 1),
        state=ParticipationState.ACCEPTED,
        invited_at=MORNING,
        invited_on=TODAY,
        invited_by=manager,
    )
    access.sync(case)
    Action.objects.create(
        case=case, what="x", owner=carer, deadline=TODAY, created_at=MORNING, created_by=manager
    )
    assert cases_visible_to(carer, on=TODAY).count() == 1
    bring_in(row(afgesloten_op="2026-11-20", bestemming="vso"))
    assert cases_visible_to(carer, on=TODAY).count() == 0
    assert Participation.objects.get().state == ParticipationState.ENDED
    assert Action.objects.get().state == ActionState.DROPPED


def test_a_closing_taken_back(bring_in: Import) -> None:
    bring_in(CLOSED, on=YESTERDAY)
    bring_in(FULL)
    case = Case.objects.get()
    assert (case.state, case.state_since, case.spell) == (State.RETURN, dt.date(2026, 9, 1), 1)
    assert (case.closed_on, case.back_on, case.destination) == (None, None, "")
    last = StateChange.objects.order_by("-id")[0]
    assert (last.from_state, last.to_state, last.known_from) == ("closed", "return", start_of(TODAY))


def test_a_next_time_at_home_is_a_new_spell(bring_in: Import) -> None:
    bring_in(CLOSED, on=YESTERDAY)
    again = {
        **row(dossier="A-1", eerste_verzuimdag="2026-11-02", gemeld_op="2026-11-09", geoorloofd="ja"),
        "arrangement_op": "2026-11-15",
    }
    report = bring_in(again)
    assert (report.updated, refused_in(report)) == (1, [])
    case = Case.objects.get()
    assert (case.spell, case.state, case.state_since) == (2, "arrangement", dt.date(2026, 11, 15))
    assert (case.first_day_absent, case.signalled_on) == (dt.date(2026, 11, 2), dt.date(2026, 11, 9))
    assert as_row() == again
    first, second = case.spells.order_by("number")
    assert first.spelldates_rows.order_by("id").last().closed_on == dt.date(2026, 10, 30)
    assert second.spelldates_rows.order_by("id").last().closed_on is None
    moves = second.statechange_rows.order_by("id").values_list("transition", "to_state", "on")
    assert list(moves) == [
        ("reopen", "signalled", dt.date(2026, 11, 9)),
        ("agree_arrangement", "arrangement", dt.date(2026, 11, 15)),
    ]
    assert {absence.authorised for absence in first.absenceperiod_rows.all()} == {"nee"}
    assert second.absenceperiod_rows.order_by("known_from", "id").last().authorised == "ja"
    before = everything()
    assert bring_in(again).unchanged == 1
    assert everything() == before


# --- After people worked in the application


def _in_the_application(**changes: Any) -> None:
    case = Case.objects.select_related("pupil", "site__school").get()
    facts.correct(case, changes, by=UserFactory(), at=MORNING)


@pytest.mark.parametrize(
    ("here", "there", "column"),
    [
        ({"authorised": "ja"}, {"geoorloofd": "deels"}, "geoorloofd"),
        ({"first_name": "Nora"}, {"voornaam": "Noortje"}, "voornaam"),
        ({"reasons": "ZORG"}, {"reden": "PLEK"}, "reden"),
        ({"exemption": ExemptionGiven("5b")}, {"vrijstelling": "5c"}, "vrijstelling"),
        ({"exemption": None}, {"vrijstelling_tot": "2027-01-01"}, "vrijstelling_tot"),
        ({"offer": "zorg", "authorised": "ja"}, {"geoorloofd": "deels", "aanbod": "oza"}, "geoorloofd"),
    ],
)
def test_what_was_changed_here_is_not_overwritten(
    bring_in: Import, here: dict[str, Any], there: dict[str, str], column: str
) -> None:
    bring_in(FULL, on=YESTERDAY)
    _in_the_application(**here)
    before = everything()
    report = bring_in({**FULL, **there, "omvang": "gedeeltelijk"})
    assert refused_in(report) == [(2, column)]
    assert report.refused[0].value == there[column]
    assert everything() == before


def test_other_columns_can_still_change(bring_in: Import) -> None:
    bring_in(FULL, on=YESTERDAY)
    _in_the_application(authorised="ja")
    report = bring_in({**FULL, "omvang": "gedeeltelijk"})
    assert (report.updated, refused_in(report)) == (1, [])
    assert as_row() == {**FULL, "omvang": "gedeeltelijk", "geoorloofd": "ja"}
    newest = AbsencePeriod.objects.order_by("known_from", "id").last()
    assert newest is not None
    assert (newest.extent, newest.authorised) == ("gedeeltelijk", "ja")


def test_the_same_file_after_work_here_changes_nothing(bring_in: Import) -> None:
    bring_in(FULL, on=YESTERDAY)
    _in_the_application(authorised="ja", reasons="ZORG")
    before = everything()
    assert bring_in(FULL).unchanged == 1
    assert everything() == before


def test_who_says_the_same_in_both_places_is_not_refused(bring_in: Import) -> None:
    bring_in(FULL, on=YESTERDAY)
    _in_the_application(authorised="ja")
    before = everything()
    told = {**FULL, "geoorloofd": "ja"}
    report = bring_in(told)
    assert (report.unchanged, refused_in(report)) == (1, [])
    after = everything()
    assert {**after, "ImportedRow": None} == {**before, "ImportedRow": None}
    assert ImportedRow.objects.get().values == told


def _move_here(to: State) -> None:
    case = Case.objects.get()
    manager = UserFactory()
    member(manager, Role.CASE_MANAGER, case.partnership.organisation)
    closing = lifecycle.Closing(destination="oza", reason="x")
    if to == State.CLOSED:
        lifecycle.close(case=case, closing=closing, by=manager, at=MORNING, on=TODAY)
    else:
        lifecycle.reopen(
            case=case, reason="x", first_day_absent=dt.date(2026, 11, 10), by=manager, at=MORNING, on=TODAY
        )


@pytest.mark.parametrize(
    ("first", "here", "then", "column"),
    [
        (row(), State.CLOSED, row(arrangement_op="2026-11-01"), "arrangement_op"),
        (row(), State.CLOSED, row(afgesloten_op="2026-11-01", bestemming="oza"), "afgesloten_op"),
        (CLOSED, State.SIGNALLED, {**CLOSED, "afgesloten_op": "2026-11-01"}, "afgesloten_op"),
        (CLOSED, State.SIGNALLED, {**CLOSED, "eerste_verzuimdag": "2026-05-01"}, "eerste_verzuimdag"),
    ],
)
def test_a_state_changed_here_is_not_overwritten(
    bring_in: Import, first: dict[str, str], here: State, then: dict[str, str], column: str
) -> None:
    bring_in(first, on=YESTERDAY)
    _move_here(here)
    before = everything()
    assert refused_in(bring_in(then)) == [(2, column)]
    assert everything() == before


def test_facts_of_a_case_that_was_closed_here_can_change(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    _move_here(State.CLOSED)
    assert bring_in(row(reden="ZORG")).updated == 1
    case = Case.objects.get()
    assert (case.state, case.reasons) == ("closed", "ZORG")


def test_days_that_do_not_fit_what_was_changed_here(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    _in_the_application(signalled_on=dt.date(2026, 6, 5))
    report = bring_in(row(eerste_verzuimdag="2026-06-08"))
    assert refused_in(report) == [(2, "gemeld_op")]


def test_what_was_entered_here_later_today_counts_before_the_import(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    _in_the_application(ill=True)
    bring_in(row(geoorloofd="ja"))
    newest = AbsencePeriod.objects.filter(known_from__lte=end_of(TODAY)).order_by("known_from", "id").last()
    assert newest is not None
    assert (newest.authorised, newest.ill) == ("ja", True)


# --- Cases that were entered in the application


def test_a_case_of_the_application_is_known_by_its_number(bring_in: Import, places: Places) -> None:
    case = make_case(partnership=places.po, site=places.site, municipality_id=places.town.pk, on=TODAY)
    exported = as_row()
    assert exported["dossier"] == case.number
    before = everything()
    report = bring_in(exported)
    assert (report.unchanged, refused_in(report)) == (1, [])
    assert everything() == before
    for changes, column in [
        ({"reden": "ZORG"}, "reden"),
        ({"achternaam": "Anders", "voornaam": "Iemand", "reden": "ZORG"}, "voornaam"),
    ]:
        assert refused_in(bring_in({**exported, **changes})) == [(2, column)]
    assert everything() == before


def test_the_number_of_a_case_elsewhere_is_a_reference_like_any(bring_in: Import, places: Places) -> None:
    case = make_case(partnership=places.vo, site=places.vo_site, on=TODAY)
    report = bring_in(row(dossier=case.number))
    assert (report.created, refused_in(report)) == (1, [])


def test_an_open_case_of_the_application_keeps_the_pupil_out(bring_in: Import, places: Places) -> None:
    make_case(
        partnership=places.po,
        site=places.other_site,
        first_name="noor",
        last_name="Van Dijk",
        birth_date=dt.date(2015, 3, 14),
        on=TODAY,
    )
    assert refused_in(bring_in(row())) == [(2, "dossier")]


def test_a_change_that_would_make_a_second_open_case(bring_in: Import) -> None:
    bring_in(row(), row(dossier="A-2", voornaam="Sem"), on=YESTERDAY)
    before = everything()
    report = bring_in(row(), row(dossier="A-2"))
    assert (report.unchanged, refused_in(report)) == (1, [(3, "dossier")])
    assert everything() == before


def test_two_pupils_can_change_places(bring_in: Import) -> None:
    bring_in(row(), row(dossier="A-2", voornaam="Sem"), on=YESTERDAY)
    report = bring_in(row(afgesloten_op="2026-11-01", bestemming="oza"), row(dossier="A-2"))
    assert (report.updated, refused_in(report)) == (2, [])


def test_the_log_names_what_changed(bring_in: Import) -> None:
    bring_in(row(), on=YESTERDAY)
    bring_in(row(geoorloofd="ja", reden="ZORG"))
    event = Event.objects.get(action="case.import_changed")
    assert event.details == {"columns": ["geoorloofd", "reden"]}


def test_a_place_of_the_pupil_is_known_with_all_particulars(bring_in: Import, places: Places) -> None:
    bring_in(row(), on=YESTERDAY)
    bring_in(row(vestiging="06CD01", leerjaar="7"))
    newest = Particulars.objects.order_by("known_from", "id").last()
    assert newest is not None
    assert (newest.site_id, newest.school_id, newest.year_group, newest.first_name) == (
        places.other_school_site.pk,
        places.other_school_site.school_id,
        7,
        "Noor",
    )
    assert SpellDates.objects.count() == 1


def test_a_replaced_exemption_counted_until_today(bring_in: Import) -> None:
    bring_in(FULL, on=YESTERDAY)
    bring_in({**FULL, "vrijstelling": "5b"})
    old, new = Exemption.objects.order_by("id")
    assert (old.article, old.known_until) == ("5a", start_of(TODAY))
    assert (new.article, new.known_from, new.known_until) == ("5b", start_of(TODAY), None)
