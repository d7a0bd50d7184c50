"""Cases, written as the application and the register import write them.

make_case(site=site)                                      # signalled, enrolled, 40 days at home
make_case(partnership=swv, site=None)                     # enrolled nowhere: the partnership alone sees it
make_case(site=site, states=((State.ARRANGEMENT, day),))  # as an import brings it
make_case(site=site, closed_on=day, destination=Destination.OWN_SCHOOL)
"""

import datetime as dt
import itertools
from typing import Any

from cases.enums import Authorised, Extent
from cases.models import Case, LeadPeriod
from cases.services.intake import Intake, insert
from common.dates import start_of, today
from schools.models import Partnership, SchoolSite, Sector
from tests.factories.schools import MunicipalityFactory, PartnershipFactory, SchoolSiteFactory

#: Leave `site` out for a site of its own; None is a pupil without one.
OWN_SITE: Any = object()

_count = itertools.count(1)


def make_intake(
    *, partnership: Partnership | None = None, site: SchoolSite | None = OWN_SITE, **facts: Any
) -> Intake:
    """What is asked for, and else a pupil of twelve, at home for 40 days without permission, just signalled.

    `on` is the day from which these are counted back (today).
    """
    on: dt.date = facts.pop("on", None) or today()
    if partnership is None:
        partnership = _partnership_of(site)
    if site is OWN_SITE:
        site = SchoolSiteFactory(partnerships=[partnership])
    if "municipality_id" not in facts:
        facts["municipality_id"] = (site and site.municipality_id) or MunicipalityFactory().pk
    usual: dict[str, Any] = {
        "sector": site.sector if site else Sector.VO,
        "first_name": "Noor",
        "last_name": f"Voorbeeld {_letters(next(_count))}",
        "birth_date": on.replace(year=on.year - 12, month=3, day=14),
        "enrolled": site is not None,
        "first_day_absent": on - dt.timedelta(days=40),
        "extent": Extent.FULL,
        "authorised": Authorised.NO,
        "signalled_on": on - dt.timedelta(days=5),
    }
    return Intake(partnership=partnership, site=site, **{**usual, **facts})


def make_case(*, lead: Any = None, by: Any = None, at: dt.datetime | None = None, **asked: Any) -> Case:
    """One case with its facts and grants; see `make_intake`. `lead` leads it from the day of the signal."""
    intake = make_intake(**asked)
    at = at or start_of(intake.signalled_on)
    (case,) = insert([intake], by=by, at=at)
    if lead is not None:
        case.lead = lead
        case.save(update_fields=["lead"])
        LeadPeriod.objects.create(
            case=case,
            spell=case.spells.get(),
            lead=lead,
            holds_from=intake.signalled_on,
            known_from=at,
            recorded_at=at,
            recorded_by=by,
        )
    return case


def _partnership_of(site: SchoolSite | None) -> Partnership:
    known = None if site is OWN_SITE or site is None else site.partnerships.first()
    found: Partnership = known or PartnershipFactory()
    return found


def _letters(number: int) -> str:
    """1 is "A", 27 is "AA": names have no figures."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
