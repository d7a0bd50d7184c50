"""Facts in two times: what held on a day, and what was known of it at a moment."""

import datetime as dt
from typing import Any

import pytest

from cases.enums import Article, Authorised, Extent, Source
from cases.models import AbsencePeriod, Case, NameWord, Particulars
from cases.models.facts import Fact
from cases.rules import effective
from cases.services import facts
from cases.services.intake import ExemptionGiven
from common.dates import start_of
from common.errors import DomainError
from tests.cast import NOW, TODAY, Cast

LATER = NOW + dt.timedelta(days=1)
LATEST = NOW + dt.timedelta(days=2)


def held(model: type[Fact], case: Case, day: dt.date, known_at: dt.datetime) -> Any:
    """The contract in one line: of what was recorded by then and holds on the day, the latest recorded."""
    rows = model.objects.filter(case=case, known_from__lte=known_at, holds_from__lte=day)  # type: ignore[attr-defined]
    return rows.order_by("known_from", "id").last()


def correct(cast: Cast, case: Case, changes: dict[str, Any], **given: Any) -> set[str]:
    now = Case.objects.select_related("pupil", "site", "school").get(pk=case.pk)
    return facts.correct(now, changes, by=cast.people["coordinator"], **{"at": NOW, **given})


def test_nothing_is_written_where_nothing_differs(cast: Cast) -> None:
    case = cast.cases["own"]
    before = AbsencePeriod.objects.filter(case=case).count()
    assert correct(cast, case, {"authorised": Authorised.NO, "extent": Extent.FULL}) == set()
    assert AbsencePeriod.objects.filter(case=case).count() == before


def test_a_change_holds_from_its_day_and_the_past_stays(cast: Cast) -> None:
    case = cast.cases["own"]
    october = dt.date(2026, 10, 5)
    assert correct(cast, case, {"extent": Extent.PARTIAL}, holds_from=october) == {"extent"}
    assert held(AbsencePeriod, case, dt.date(2026, 10, 4), NOW).extent == Extent.FULL
    assert held(AbsencePeriod, case, october, NOW).extent == Extent.PARTIAL
    assert held(AbsencePeriod, case, october, NOW - dt.timedelta(seconds=1)).extent == Extent.FULL
    assert Case.objects.get(pk=case.pk).extent == Extent.PARTIAL


def test_a_correction_tells_the_past_anew_and_keeps_what_was_known(cast: Cast) -> None:
    case = cast.cases["own"]
    correct(cast, case, {"authorised": Authorised.YES})
    assert held(AbsencePeriod, case, dt.date(2026, 9, 1), NOW).authorised == Authorised.YES
    assert (
        held(AbsencePeriod, case, dt.date(2026, 9, 1), NOW - dt.timedelta(days=1)).authorised == Authorised.NO
    )


def test_an_earlier_first_day_takes_the_first_period_along_and_keeps_later_changes(cast: Cast) -> None:
    case = cast.cases["own"]
    october, august = dt.date(2026, 10, 5), dt.date(2026, 8, 24)
    correct(cast, case, {"extent": Extent.PARTIAL}, holds_from=october)
    correct(cast, case, {"first_day_absent": august}, at=LATER)
    days = [august, dt.date(2026, 9, 15), october]
    assert [held(AbsencePeriod, case, day, LATER).extent for day in days] == [
        "volledig",
        "volledig",
        "gedeeltelijk",
    ]
    assert held(AbsencePeriod, case, august, NOW) is None
    assert held(Particulars, case, august, LATER).first_name == "Own"


def test_a_later_first_day_drops_what_held_before_it(cast: Cast) -> None:
    case = cast.cases["own"]
    october, november = dt.date(2026, 10, 5), dt.date(2026, 9, 10)
    correct(cast, case, {"extent": Extent.PARTIAL}, holds_from=october)
    correct(cast, case, {"first_day_absent": november}, at=LATER)
    rows = effective(AbsencePeriod.objects.filter(case=case).order_by("known_from", "id"))
    assert [(row.holds_from, row.extent) for row in rows][-2:] == [
        (november, Extent.FULL),
        (october, Extent.PARTIAL),
    ]


def test_another_name_is_found_and_the_old_one_is_not(cast: Cast) -> None:
    case = cast.cases["own"]
    correct(cast, case, {"first_name": "Zoë", "last_name": "de Nieuwe"})
    words = set(NameWord.objects.filter(pupil=case.pupil).values_list("word", flat=True))
    assert words == {"zoe", "de", "nieuwe", "zdn", "zn"}
    again = Case.objects.get(pk=case.pk)
    assert again.pupil_identity == "de nieuwe|zoe|2012-05-04"
    assert list(Case.objects.named("nieuwe z")) == [again]
    assert list(Case.objects.named("Z. N.")) == [again]
    assert not Case.objects.named("Own").filter(pk=case.pk).exists()


def test_moving_to_a_school_where_the_pupil_has_an_open_case_is_refused_and_nothing_changes(
    cast: Cast,
) -> None:
    case = cast.cases["own"]
    cast.case(cast.other_site, first_name="Own")
    with pytest.raises(DomainError):
        correct(cast, case, {"site": cast.other_site})
    again = Case.objects.get(pk=case.pk)
    assert again.site_id == cast.site.pk
    assert Particulars.objects.filter(case=case).count() == 1


def test_a_replaced_exemption_keeps_what_was_known_before(cast: Cast) -> None:
    case = cast.case(cast.site, first_name="Vrij", exemption=ExemptionGiven(Article.A5A))
    shorter = ExemptionGiven(Article.A5A, None, dt.date(2026, 10, 31))
    assert correct(cast, case, {"exemption": shorter}, at=LATER) == {"exemption"}
    assert correct(cast, case, {"exemption": shorter}, at=LATEST) == set()
    rows = list(case.exemption_rows.order_by("id").values_list("valid_to", "known_until"))
    assert rows == [(None, LATER), (dt.date(2026, 10, 31), None)]


def test_what_an_import_brings_is_known_from_the_days_of_its_file(cast: Cast) -> None:
    from cases.services.intake import insert

    intake = cast.intake(
        cast.site,
        first_name="Historie",
        closed_on=dt.date(2026, 10, 20),
        back_on=dt.date(2026, 10, 12),
        destination="eigen-school",
    )
    (case,) = insert([intake], by=None, at=NOW, source=Source.IMPORT)
    dates = case.spelldates_rows.order_by("known_from", "id").values_list(
        "known_from", "back_on", "closed_on"
    )
    assert list(dates) == [
        (start_of(dt.date(2026, 9, 14)), None, None),
        (start_of(dt.date(2026, 10, 12)), dt.date(2026, 10, 12), None),
        (start_of(dt.date(2026, 10, 20)), dt.date(2026, 10, 12), dt.date(2026, 10, 20)),
    ]
    moves = case.statechange_rows.order_by("known_from", "id").values_list(
        "from_state", "to_state", "known_from"
    )
    assert list(moves) == [
        ("", "signalled", start_of(dt.date(2026, 9, 14))),
        ("signalled", "closed", start_of(dt.date(2026, 10, 20))),
    ]
    assert held(AbsencePeriod, case, TODAY, start_of(dt.date(2026, 9, 13))) is None
