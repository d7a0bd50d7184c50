"""Holidays and free days of regions, schools and sites: one by one, and from a file (import_calendar)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.services import record
from common.calendar import school_year_days, school_year_of
from common.errors import DomainError, Invalid, NotAllowed
from common.tabular import (
    EXTRA,
    Cell,
    Fault,
    Report,
    Unreadable,
    as_text,
    parse_choice,
    parse_date,
    read_rows,
)
from schools import numbers
from schools.access import may_change_calendar
from schools.models import FreePeriod, FreePeriodKind, Organisation, OrganisationKind, Region

COLUMNS = ("region_or_school", "kind", "name", "first_day", "last_day")

MOST_ROWS = 100_000
BATCH = 500
LONGEST_NAME = 100
LONGEST_PERIOD = dt.timedelta(days=120)
# A holiday of the same name in the same school year, so near, is the same holiday on other days.
MOVED_AT_MOST = dt.timedelta(days=31)
FEWEST_HOLIDAYS = 4
A_WEEK = dt.timedelta(days=6)

Row = dict[str, Cell]
Place = tuple[str, int | None]  # a region, or the id of a school or site


@dataclass(frozen=True)
class Given:
    """A period as the file gives it."""

    line: int
    place: Place
    kind: str
    name: str
    first_day: dt.date
    last_day: dt.date

    @property
    def key(self) -> tuple[Place, str, dt.date, dt.date]:
        return self.place, self.kind, self.first_day, self.last_day


def import_calendar(*, source: Any, by: Any, progress: Callable[[int], None] | None = None) -> Report:
    """Adds the periods of a file and corrects those that it has under the same name on other days.

    What cannot be used is refused row by row. Raises Unreadable for a file that is no use at all.
    """
    report = Report()
    with read_rows(source, columns=COLUMNS, required=COLUMNS) as table:
        for header in table.unknown:
            report.warn(1, header, _("This column is not known and is left out."))
        given = _given(table, report, progress)
    try:
        with transaction.atomic():
            stored = _stored({period.place for period in given})
            _write(given, stored, report)
            _warn_incomplete(given, report)
            if report.created or report.updated:
                counts = {"created": report.created, "changed": report.updated}
                record("calendar.imported", by=by, target="calendar", details=counts)
    except IntegrityError as error:  # somebody else added one of these in the meantime
        raise DomainError(_("The calendar was changed by somebody else just now. Try again.")) from error
    return report.in_order()


def add_free_period(
    *, place: Organisation, kind: str, name: str, first_day: dt.date, last_day: dt.date, by: Any
) -> FreePeriod:
    """Adds one holiday or free day to a school or site."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=place.pk)
        _authorise(place, by)
        if last_day < first_day:
            raise Invalid(_("The last day lies before the first day."), field="last_day")
        if last_day - first_day > LONGEST_PERIOD:
            raise Invalid(_("No holiday is longer than 120 days."), field="last_day")
        if place.free_periods.filter(kind=kind, first_day=first_day, last_day=last_day).exists():
            raise Invalid(_("This period is there already."), field="first_day")
        period = place.free_periods.create(kind=kind, name=name, first_day=first_day, last_day=last_day)
        _record("calendar.period_added", period, place, by)
    return period


def remove_free_period(*, period: FreePeriod, place: Organisation, by: Any) -> None:
    with transaction.atomic():
        _authorise(place, by)
        deleted, _by_table = FreePeriod.objects.filter(pk=period.pk, organisation=place).delete()
        if deleted:
            _record("calendar.period_removed", period, place, by)


def _authorise(place: Organisation, by: Any) -> None:
    if not may_change_calendar(by, place.pk):
        raise NotAllowed(_("Only an administrator of the partnership changes this calendar."))


def _record(action: str, period: FreePeriod, place: Organisation, by: Any) -> None:
    details = {"kind": period.kind, "first_day": period.first_day, "last_day": period.last_day}
    record(action, by=by, target=f"organisation {place.kind} {place.number}", details=details)


# --- Reading


def _given(
    table: Iterable[tuple[int, Row]], report: Report, progress: Callable[[int], None] | None
) -> list[Given]:
    schools = _schools()
    found: dict[Any, Given] = {}
    for line, row in table:
        report.rows += 1
        if report.rows > MOST_ROWS:
            raise Unreadable(_("The file has more than 100,000 rows."))
        if progress:
            progress(report.rows)
        try:
            period = _period(line, row, schools)
            if period.key in found:
                first = found[period.key].line
                raise Fault("first_day", row["first_day"], _("Line %(line)s has it too.") % {"line": first})
        except Fault as fault:
            report.refuse(line, fault)
        else:
            found[period.key] = period
    return list(found.values())


def _schools() -> dict[tuple[str, str], int]:
    kinds = (OrganisationKind.SCHOOL, OrganisationKind.SITE)
    rows = Organisation.objects.filter(kind__in=kinds).order_by().values_list("kind", "number", "pk")
    return {(kind, number): pk for kind, number, pk in rows.iterator(BATCH)}


def _period(line: int, row: Row, schools: dict[tuple[str, str], int]) -> Given:
    if row.get(EXTRA):
        raise Fault("", row[EXTRA], _("This row has more values than there are columns."))
    place = _place(row, schools)
    kind = _checked(row, "kind", lambda cell: parse_choice(cell, FreePeriodKind.values))
    name = " ".join(as_text(row["name"]).split())
    if not name:
        raise Fault("name", "", _("Fill this in."))
    if len(name) > LONGEST_NAME:
        raise Fault("name", name, _("This name is longer than 100 characters."))
    first_day = _checked(row, "first_day", parse_date)
    one_day = kind == FreePeriodKind.FREE and not row["last_day"]
    last_day = first_day if one_day else _checked(row, "last_day", parse_date)
    if last_day < first_day:
        raise Fault("last_day", row["last_day"], _("The last day lies before the first day."))
    if last_day - first_day > LONGEST_PERIOD:
        raise Fault("last_day", row["last_day"], _("No holiday is longer than 120 days."))
    return Given(line, place, kind, name, first_day, last_day)


def _place(row: Row, schools: dict[tuple[str, str], int]) -> Place:
    value = row["region_or_school"]
    text = as_text(value)
    if text.casefold() in Region.values:
        return text.casefold(), None
    for kind in (OrganisationKind.SCHOOL, OrganisationKind.SITE):
        try:
            number = numbers.normalise(kind, text)
        except ValueError:
            continue
        if (kind, number) in schools:
            return "", schools[kind, number]
        raise Fault("region_or_school", value, _("There is no school or site with this number."))
    sentence = _("Fill in noord, midden or zuid, a BRIN such as 05AB, or a site number such as 05AB01.")
    raise Fault("region_or_school", value, sentence)


def _checked(row: Row, column: str, parse: Callable[[Cell], Any]) -> Any:
    try:
        value = parse(row[column])
    except ValueError as error:
        raise Fault(column, row[column], error.args[0]) from error
    if not value:
        raise Fault(column, "", _("Fill this in."))
    return value


# --- Writing


def _stored(places: Iterable[Place]) -> dict[Place, list[FreePeriod]]:
    organisations = sorted(pk for _region, pk in places if pk)
    found: defaultdict[Place, list[FreePeriod]] = defaultdict(list)
    for period in FreePeriod.objects.filter(organisation=None):
        found[period.region, None].append(period)
    for start in range(0, len(organisations), BATCH):
        for period in FreePeriod.objects.filter(organisation__in=organisations[start : start + BATCH]):
            found["", period.organisation_id].append(period)
    return found


def _write(given: list[Given], stored: dict[Place, list[FreePeriod]], report: Report) -> None:
    by_key = {_key(place, period): period for place, periods in stored.items() for period in periods}
    in_file = {period.key for period in given}
    free_to_move = {
        place: [period for period in periods if _key(place, period) not in in_file]
        for place, periods in stored.items()
    }
    new: list[FreePeriod] = []
    changed: list[FreePeriod] = []
    for period in given:
        same = by_key.get(period.key)
        if same and same.name == period.name:
            report.unchanged += 1
        elif same:
            same.name = period.name
            changed.append(same)
        elif moved := _moved(period, free_to_move.get(period.place, [])):
            was = {"first_day": moved.first_day, "last_day": moved.last_day}
            report.warn(period.line, "first_day", _("This was %(first_day)s to %(last_day)s before.") % was)
            moved.name, moved.first_day, moved.last_day = period.name, period.first_day, period.last_day
            changed.append(moved)
        else:
            region, organisation_id = period.place
            new.append(
                FreePeriod(
                    region=region,
                    organisation_id=organisation_id,
                    kind=period.kind,
                    name=period.name,
                    first_day=period.first_day,
                    last_day=period.last_day,
                )
            )
    FreePeriod.objects.bulk_create(new, batch_size=BATCH)
    FreePeriod.objects.bulk_update(changed, ["name", "first_day", "last_day"], batch_size=BATCH)
    report.created, report.updated = len(new), len(changed)


def _key(place: Place, period: FreePeriod) -> tuple[Place, str, dt.date, dt.date]:
    return place, period.kind, period.first_day, period.last_day


def _moved(period: Given, candidates: list[FreePeriod]) -> FreePeriod | None:
    """The stored holiday that this one is, on other days; each is taken once."""
    for candidate in candidates:
        if (
            period.kind == candidate.kind == FreePeriodKind.HOLIDAY
            and period.name.casefold() == candidate.name.casefold()
            and school_year_of(period.first_day) == school_year_of(candidate.first_day)
            and abs(period.first_day - candidate.first_day) <= MOVED_AT_MOST
        ):
            candidates.remove(candidate)
            return candidate
    return None


def _warn_incomplete(given: list[Given], report: Report) -> None:
    """Own holidays replace those of the region from 1 August on: half a calendar counts too many days."""
    first_rows: dict[tuple[Place, int], Given] = {}
    for period in given:
        if period.kind == FreePeriodKind.HOLIDAY:
            first_rows.setdefault((period.place, school_year_of(period.first_day)), period)
    stored = _stored({place for place, _year in first_rows})
    for (place, year), period in first_rows.items():
        holidays = [own for own in stored[place] if own.kind == FreePeriodKind.HOLIDAY]
        in_year = [own for own in holidays if school_year_of(own.first_day) == year]
        start = school_year_days(year)[0]
        names = {"count": len(in_year), "year": f"{year}-{year + 1}"}
        if len(in_year) < FEWEST_HOLIDAYS:
            sentence = ngettext(
                "School year %(year)s has %(count)s holiday now; those of the region no longer count.",
                "School year %(year)s has %(count)s holidays now; those of the region no longer count.",
                len(in_year),
            )
            report.warn(period.line, "first_day", sentence % names)
        elif not any(own.first_day <= start + A_WEEK and start <= own.last_day for own in holidays):
            sentence = _("School year %(year)s has no summer holiday in its first week, from 1 August.")
            report.warn(period.line, "first_day", sentence % names)
