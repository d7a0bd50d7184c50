"""Whatever a register tells of a pupil, file after file: the case says what the last one says."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.enums import Article, Destination, Offer, Reason
from cases.models import Case, CaseGrant, StateChange
from cases.queries.register import with_register_facts
from cases.services.register import import_register
from cases.services.register.canonical import row_of
from cases.services.register.columns import default_back_on
from tests.factories.register import TODAY, Places, row, write_register

pytestmark = pytest.mark.django_db

FIRST = dt.date(2026, 3, 2)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, str]:
    """A row of one pupil that no rule refuses."""

    def later(day: dt.date, most: int = 20) -> dt.date:
        return day + dt.timedelta(days=draw(st.integers(0, most)))

    first = later(FIRST, 120)
    signalled = later(first)
    told = {"eerste_verzuimdag": first, "gemeld_op": signalled}
    for column in draw(st.sets(st.sampled_from(["arrangement_op", "afstand_op", "terugkeer_op"]))):
        told[column] = later(signalled)
    given = {column: day.isoformat() for column, day in told.items()}
    if draw(st.booleans()):
        closed = later(max(told.values()))
        given |= {
            "afgesloten_op": closed.isoformat(),
            "bestemming": draw(st.sampled_from(Destination.values)),
        }
        if closed > first and draw(st.booleans()):
            given["teruggekeerd_op"] = draw(st.dates(first + dt.timedelta(days=1), closed)).isoformat()
    if draw(st.booleans()):
        given |= {"vrijstelling": draw(st.sampled_from(Article.values)), "vrijstelling_van": "2026-05-01"}
    if draw(st.booleans()):
        given |= {"aanbod": draw(st.sampled_from(Offer.values)), "aanbod_sinds": later(first).isoformat()}
    given["reden"] = " ".join(draw(st.lists(st.sampled_from(Reason.values), unique=True, max_size=3)))
    given["voornaam"] = draw(st.sampled_from(["Noor", "Noortje", "Éva"]))
    given["woongemeente"] = draw(st.sampled_from(["0599", "0363"]))
    given["geoorloofd"] = draw(st.sampled_from(["ja", "nee", "deels", "onbekend"]))
    given["ziek"] = draw(st.sampled_from(["", "ja", "nee"]))
    given["vestiging"] = draw(st.sampled_from(["05AB01", "05AB02", "06CD01", ""]))
    given["ingeschreven"] = draw(st.sampled_from(["ja", "nee"])) if given["vestiging"] else "nee"
    return row(**given)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(rows(), min_size=1, max_size=4))
def test_the_case_says_what_the_last_file_says(
    places: Places, tmp_path: Path, told: list[dict[str, str]]
) -> None:
    with transaction.atomic():
        for number, values in enumerate(told):
            on = TODAY - dt.timedelta(days=len(told) - number)
            path = write_register(tmp_path / "register.csv", [values])
            at = dt.datetime.combine(on, dt.time(14), tzinfo=dt.UTC)
            report = import_register(path, by=None, at=at, on=on)
            assert report.refused == []
            _check(values)
        transaction.set_rollback(True)


def _check(values: dict[str, str]) -> None:
    expected = {**values, "teruggekeerd_op": values["teruggekeerd_op"] or default_back_on(values)}
    case = with_register_facts(Case.objects.all()).get()
    assert row_of(case) == expected
    days = {
        "arrangement": values["arrangement_op"],
        "remote_education": values["afstand_op"],
        "return": values["terugkeer_op"],
    }
    entered = [("signalled", values["gemeld_op"]), *sorted(days.items(), key=lambda it: it[1])]
    state, since = [(state, day) for state, day in entered if day][-1]
    if values["afgesloten_op"]:
        state, since = "closed", values["afgesloten_op"]
    assert (case.state, case.state_since.isoformat()) == (state, since)
    assert set(CaseGrant.objects.values_list("case_open", flat=True)) == {case.is_open}
    spells = list(case.spells.order_by("number").values_list("number", flat=True))
    assert spells == list(range(1, case.spell + 1))
    assert StateChange.objects.filter(spell__number=case.spell).exists()
    dates = case.spelldates_rows.order_by("known_from", "id").last()
    assert dates is not None
    assert (dates.first_day_absent, dates.closed_on) == (case.first_day_absent, case.closed_on)
