"""THE gate: which cases a user may see. Every door goes through here: list, page, search, export, count,
task."""

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User
from cases.access import group_ids_of, valid_on, view_permission
from cases.models import Case, CaseGrant
from cases.models.case import CaseQuerySet
from common.dates import today
from common.errors import NotFound

#: Numbers on screen are counted up to here and then shown as "1,000+".
COUNT_CAP = 1000


def cases_visible_to(user: User, *, on: dt.date | None = None) -> CaseQuerySet:
    """The cases that a user may see on a day (today), through any of his memberships."""
    grants = _grants(user, on or today())
    return Case.objects.filter(Exists(grants))


def open_cases_visible_to(user: User, *, on: dt.date | None = None) -> CaseQuerySet:
    """The open ones, by the partial index on grants of open cases."""
    grants = _grants(user, on or today()).filter(case_open=True)
    return Case.objects.open().filter(Exists(grants))


def visible_case(user: User, number: str, *, on: dt.date | None = None) -> Case:
    """One visible case with all that a page shows of it; unknown and invisible are the same `NotFound`."""
    case = (
        cases_visible_to(user, on=on)
        .with_list_facts()
        .select_related("school__organisation")
        .filter(number=number.upper())
        .first()
    )
    if case is None:
        raise NotFound("")
    return case


def count_up_to_cap(cases: CaseQuerySet) -> tuple[int, bool]:
    """The number of cases up to the cap, and whether there are more."""
    found = cases.order_by()[: COUNT_CAP + 1].count()
    return min(found, COUNT_CAP), found > COUNT_CAP


def _grants(user: User, day: dt.date) -> QuerySet[CaseGrant]:
    return CaseGrant.objects.filter(
        valid_on(day),
        content_object=OuterRef("pk"),
        group_id__in=group_ids_of(user),
        permission=Subquery(view_permission().values("pk")),
    )
