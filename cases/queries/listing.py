"""The list of cases: what can be asked of it, and what a row of it shows.

A filter on a part of the file that somebody does not read would tell what it hides: such a filter looks only
at cases that he sees through a role that reads that part (contracts/sections.csv).
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Case as Choose,
)
from django.db.models import (
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Least, Length, Substr

from accounts.models import Membership, RoleGroup, User
from accounts.queries import active_memberships
from cases import permissions
from cases.access import group_ids_of, valid_on
from cases.enums import Category, Reason, State
from cases.models import Case, CaseGrant
from cases.models.case import CaseQuerySet
from cases.permissions import Section
from cases.queries.categories import categories_on, in_category, thresholds
from cases.queries.places import sites_to_signal_for
from cases.queries.visibility import cases_visible_to, open_cases_visible_to
from schools.models import SchoolSite

PAGE_SIZE = 25
#: Whoever wants to see more than 10,000 cases needs a filter; the database never skips more rows than this.
LAST_PAGE = 400

OPEN, ALL = "", "all"
MINE, NOBODY = "me", "none"
NO_SCHOOL = "none"

#: Days at home: from and up to and including; None has no end.
DAYS: dict[str, tuple[int, int | None]] = {
    "0-28": (0, 28),
    "29-91": (29, 91),
    "92-182": (92, 182),
    "183-365": (183, 365),
    "366-": (366, None),
}

SORTS = ("number", "days", "school", "state", "lead")
#: Longest at home first.
DEFAULT_SORT = "-days"


@dataclass(frozen=True)
class Wanted:
    """What is asked of the list; empty narrows nothing. `school` is the key of a school or of a site."""

    state: str = OPEN
    school: str = ""
    lead: str = ""
    category: str = ""
    days: str = ""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True)
class Row:
    """A case in a list. `category` is None where it counts nowhere; it is not for who reads no exemptions."""

    case: Case
    on: dt.date
    through: list[Membership] = field(default_factory=list)
    shows_category: bool = False
    category: Category | None = None

    @property
    def pupil(self) -> str:
        """Initials and age: lists show no names."""
        return f"{self.case.pupil.initials} ({self.case.pupil.age_on(self.on)})"

    @property
    def days(self) -> int:
        return self.case.days_absent(self.on)

    @property
    def organisations(self) -> list[str]:
        """Through which organisations the user sees the case."""
        return list(dict.fromkeys(str(membership.organisation) for membership in self.through))


# --- What is asked


def find(user: User, wanted: Wanted, *, on: dt.date) -> CaseQuerySet:
    """The visible cases that answer to what is asked, in no order."""
    cases = _in_state(user, wanted.state, on)
    if wanted.school:
        place = Q(site__isnull=True) if wanted.school == NO_SCHOOL else _at(int(wanted.school))
        cases = cases.filter(place)
    if wanted.lead:
        leads = {MINE: Q(lead=user), NOBODY: Q(lead__isnull=True)}
        cases = cases.filter(leads.get(wanted.lead) or Q(lead=wanted.lead))
    if wanted.days:
        cases = _at_home(cases, *DAYS[wanted.days], on=on)
    if wanted.category:
        cases = seen_with(cases, user, Section.EXEMPTION, on).filter(
            in_category(Category(wanted.category), on, thresholds())
        )
    if wanted.reason:
        cases = _with_reason(seen_with(cases, user, Section.REASONS, on), wanted.reason)
    if wanted.text:
        cases = search(cases, wanted.text, on=on)
    return cases


def search(cases: CaseQuerySet, text: str, *, on: dt.date) -> CaseQuerySet:
    """By case number ("TZ-2026-00012", "2026-12", "12") or by the beginning of names, or by initials."""
    numbers = case_numbers(text, until=on.year)
    return cases.filter(number__in=numbers) if numbers else cases.named(text)


NUMBER = re.compile(r"(?:(?:TZ\s*-?\s*)?(?P<year>\d{4})\s*-\s*)?(?P<count>\d{1,9})", re.IGNORECASE)
#: A count without its year is looked for in so many years.
YEARS_BACK = 20


def case_numbers(text: str, *, until: int) -> list[str]:
    """The case numbers that somebody can mean by a text; none where it is no number."""
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        return []
    years = [int(found["year"])] if found["year"] else range(until, until - YEARS_BACK, -1)
    return [f"TZ-{year:04}-{int(found['count']):05}" for year in years]


def _in_state(user: User, state: str, on: dt.date) -> CaseQuerySet:
    if state == ALL:
        return cases_visible_to(user, on=on)
    if state == OPEN:
        return open_cases_visible_to(user, on=on)
    if state == State.CLOSED:
        return cases_visible_to(user, on=on).filter(state=state)
    return open_cases_visible_to(user, on=on).filter(state=state)


def _at(place: int) -> Q:
    """Schools and sites share the keys of organisations, so one number means one of them."""
    return Q(site=place) | Q(school=place)


def _at_home(cases: CaseQuerySet, least: int, most: int | None, *, on: dt.date) -> CaseQuerySet:
    counted = cases.alias(at_home=time_at_home(on)).filter(at_home__gte=dt.timedelta(days=least))
    return counted if most is None else counted.filter(at_home__lte=dt.timedelta(days=most))


def _with_reason(cases: CaseQuerySet, code: str) -> CaseQuerySet:
    """Main reason or not; unknown is also what has no reason at all."""
    named = Q(codes__contains=f" {code} ")
    if code == Reason.UNKNOWN:
        named |= Q(reasons="")
    return cases.alias(codes=Concat(Value(" "), "reasons", Value(" "))).filter(named)


def time_at_home(on: dt.date) -> ExpressionWrapper:
    """`Case.days_absent` in the database.

    Sorting by it reads the visible cases only. By the first day, the database would follow the index on that
    and try case after case until it has a page of visible ones: slow for who sees few.
    """
    day = Value(on, output_field=DateField())
    end = Least(day, Coalesce("back_on", day), Coalesce("closed_on", day))
    return ExpressionWrapper(end - F("first_day_absent"), output_field=DurationField())


# --- Which parts of cases somebody reads


def has_cases(user: User) -> bool:
    """Whether somebody has a role that can see cases at all."""
    return any(membership.role in permissions.RIGHTS for membership in active_memberships(user))


def has_more_roles(user: User) -> bool:
    """Whether somebody has more than one role that sees cases: then each case says through which one."""
    return sum(membership.role in permissions.RIGHTS for membership in active_memberships(user)) > 1


def reads(user: User, section: Section) -> bool:
    """Whether somebody reads a part of at least some cases."""
    return bool(_roles_reading(user, section))


def _roles_reading(user: User, section: Section) -> set[str]:
    roles = {membership.role for membership in active_memberships(user)}
    return {role for role in roles if section in permissions.readable_sections(frozenset({role}))}


def seen_with(cases: CaseQuerySet, user: User, section: Section, on: dt.date) -> CaseQuerySet:
    """Of these cases the ones that the user sees through a role that reads a part of them."""
    reading = _roles_reading(user, section)
    if reading >= {m.role for m in active_memberships(user) if m.role in permissions.RIGHTS}:
        return cases
    groups = RoleGroup.objects.filter(group__in=group_ids_of(user), role__in=reading)
    grants = CaseGrant.objects.filter(
        valid_on(on),
        content_object=OuterRef("pk"),
        group__in=groups.values("group"),
        permission__codename=permissions.VIEW,
    )
    return cases.filter(Exists(grants))


# --- What can be chosen


def places_to_choose(user: User, *, on: dt.date) -> list[SchoolSite]:
    """The sites that somebody works for, and for partners those of the cases in which they take part."""
    sites = sites_to_signal_for(user)
    if any(membership.role in permissions.PARTNER_ROLES for membership in active_memberships(user)):
        shared = cases_visible_to(user, on=on).order_by().values("site")
        others = SchoolSite.objects.filter(pk__in=shared).select_related(
            "organisation", "school__organisation"
        )
        found = {site.pk: site for site in [*sites, *others]}
        return sorted(found.values(), key=lambda site: (site.name, site.pk))
    return list(sites)


def leads_to_choose(user: User, *, on: dt.date) -> list[User]:
    """Who leads an open case that somebody sees, by name."""
    led = open_cases_visible_to(user, on=on).filter(lead__isnull=False).order_by().values("lead")
    return list(User.objects.filter(pk__in=led).order_by("name", "pk"))


# --- Order, pages, rows


def sort_in_use(asked: str) -> str:
    """The order asked for, or the usual one; a minus sign in front is from high to low."""
    return asked if asked.removeprefix("-") in SORTS else DEFAULT_SORT


def in_order(cases: CaseQuerySet, asked: str, *, on: dt.date) -> CaseQuerySet:
    """Sorted as asked; cases that are equal in that always stand in the same order, the newest first."""
    sort = sort_in_use(asked)
    keys: dict[str, Sequence[Any]] = {
        "number": (Substr("number", 1, 7), Length("number"), F("number")),
        "days": (time_at_home(on),),
        "school": (F("site__organisation__name"),),
        "state": (_STATE_ORDER,),
        "lead": (F("lead__name"),),
    }
    descending = sort.startswith("-")
    order = [
        key.desc(nulls_last=True) if descending else key.asc(nulls_last=True)
        for key in keys[sort.removeprefix("-")]
    ]
    return cases.order_by(*order, "-pk")


_STATE_ORDER = Choose(
    *(When(state=state, then=Value(place)) for place, state in enumerate(State.values)),
    default=Value(len(State.values)),
)


def page_of(cases: CaseQuerySet, number: int) -> tuple[list[int], bool]:
    """The keys of the cases on a page, and whether there are more. Sorts keys, not whole rows."""
    first = (number - 1) * PAGE_SIZE
    keys = list(cases.values_list("pk", flat=True)[first : first + PAGE_SIZE + 1])
    return keys[:PAGE_SIZE], len(keys) > PAGE_SIZE


def rows(user: User, keys: Sequence[int], *, on: dt.date) -> list[Row]:
    """The rows of a page, in the order of the keys; three queries for any number."""
    cases = cases_visible_to(user, on=on).with_list_facts().in_bulk(keys)
    through = seen_through(user, cases, on=on)
    open_to = {
        key
        for key, memberships in through.items()
        if Section.EXEMPTION in permissions.readable_sections(frozenset(m.role for m in memberships))
    }
    categories = categories_on([case for key, case in cases.items() if key in open_to], on)
    return [
        Row(cases[key], on, through.get(key, []), key in open_to, categories.get(key))
        for key in keys
        if key in cases
    ]


def seen_through(user: User, keys: Iterable[int], *, on: dt.date) -> dict[int, list[Membership]]:
    """The memberships by which somebody sees each of these cases (`access.through` for many at once)."""
    granted = CaseGrant.objects.filter(
        valid_on(on),
        content_object__in=list(keys),
        group__in=group_ids_of(user),
        permission__codename=permissions.VIEW,
    ).values_list("content_object", "group__role_group__organisation", "group__role_group__role")
    of_case: dict[int, set[tuple[int | None, str]]] = {}
    for case_id, organisation_id, role in granted:
        of_case.setdefault(case_id, set()).add((organisation_id, role))
    memberships = active_memberships(user)
    return {
        case_id: [m for m in memberships if (m.organisation_id, m.role) in held]
        for case_id, held in of_case.items()
    }
