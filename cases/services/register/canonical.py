"""A case as a row of the register: what an export writes, and what a later import compares with."""

import datetime as dt

from cases.models import Case
from cases.queries.register import state_days
from cases.services.register.columns import STATE_DAYS, Row, default_back_on


def row_of(case: Case) -> Row:
    """The row of a case out of `cases.queries.register.with_register_facts`."""
    days = state_days(case.register_moves)  # type: ignore[attr-defined]
    exemption = next(iter(case.register_exemptions), None)  # type: ignore[attr-defined]
    row = {
        "dossier": case.source_reference or case.number,
        "swv": case.partnership.number,
        "vestiging": case.site.number if case.site else "",
        "voornaam": " ".join(case.pupil.first_name.split()),
        "achternaam": " ".join(case.pupil.last_name.split()),
        "geboortedatum": _day(case.pupil.birth_date),
        "woongemeente": case.pupil.municipality.number,
        "sector": case.sector,
        "leerjaar": str(case.pupil.year_group or ""),
        "ingeschreven": _yes_no(case.enrolled),
        "eerste_verzuimdag": _day(case.first_day_absent),
        "omvang": case.extent,
        "geoorloofd": case.authorised,
        "ziek": _yes_no(case.ill),
        "kan_deels": _yes_no(case.can_attend_partly),
        "vrijstelling": exemption.article if exemption else "",
        "vrijstelling_van": _day(exemption.valid_from) if exemption else "",
        "vrijstelling_tot": _day(exemption.valid_to) if exemption else "",
        "aanbod": case.offer,
        "aanbod_sinds": _day(case.offer_since),
        "reden": case.reasons,
        "gemeld_op": _day(case.signalled_on),
        **{column: _day(days.get(state)) for column, state in STATE_DAYS.items()},
        "afgesloten_op": _day(case.closed_on),
        "bestemming": case.destination,
    }
    row["teruggekeerd_op"] = _back_on(case, row)
    return row


def _back_on(case: Case, row: Row) -> str:
    if case.back_on is not None and case.back_on > case.first_day_absent:
        return _day(case.back_on)
    return default_back_on(row)


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _yes_no(value: bool | None) -> str:
    return {None: "", True: "ja", False: "nee"}[value]
