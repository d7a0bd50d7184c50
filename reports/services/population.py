"""The numbers of pupils of school age, from a file (import_population)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from common.tabular import EXTRA, Cell, Fault, Report, Unreadable, as_text, read_rows
from reports.models import SchoolAgePopulation
from reports.rules.naming import FIRST_YEAR, LAST_YEAR
from schools import numbers
from schools.models import Organisation, OrganisationKind

COLUMNS = ("gemeente", "jaar", "leerplichtigen")

MOST_ROWS = 100_000
#: More than live in the whole country: a number that was typed wrong.
MOST_PUPILS = 4_000_000
BATCH = 500

Row = dict[str, Cell]
Key = tuple[int, int]


@dataclass(frozen=True)
class Given:
    """A number as the file gives it."""

    line: int
    municipality: int
    year: int
    pupils: int

    @property
    def key(self) -> Key:
        return self.municipality, self.year


def import_population(
    *,
    source: Any,
    by: Any,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Adds the numbers of the file and corrects those that were another.

    What cannot be used is refused row by row. Raises Unreadable for a file that is no use at all.
    """
    report = Report()
    with read_rows(source, columns=COLUMNS, required=COLUMNS) as table:
        for header in table.unknown:
            report.warn(1, header, _("This column is not known and is left out."))
        given = _given(table, report, progress)
    with transaction.atomic():
        new, changed = _compared(given, report)
        if not dry_run:
            _write(new, changed)
        if (report.created or report.updated) and not dry_run:
            counts = {"created": report.created, "changed": report.updated}
            record("population.imported", by=by, target="population", details=counts)
    return report.in_order()


def _given(
    table: Iterable[tuple[int, Row]], report: Report, progress: Callable[[int], None] | None
) -> list[Given]:
    known = _municipalities()
    found: dict[Key, Given] = {}
    for line, row in table:
        report.rows += 1
        if report.rows > MOST_ROWS:
            raise Unreadable(_("The file has more than 100,000 rows."))
        if progress:
            progress(report.rows)
        try:
            one = _population(line, row, known)
            if one.key in found:
                first = found[one.key].line
                raise Fault("gemeente", row["gemeente"], _("Line %(line)s has it too.") % {"line": first})
        except Fault as fault:
            report.refuse(line, fault)
        else:
            found[one.key] = one
    return list(found.values())


def _municipalities() -> dict[str, int]:
    rows = Organisation.objects.filter(kind=OrganisationKind.MUNICIPALITY).order_by()
    return dict(rows.values_list("number", "pk"))


def _population(line: int, row: Row, known: dict[str, int]) -> Given:
    if row.get(EXTRA):
        raise Fault("", row[EXTRA], _("This row has more values than there are columns."))
    pupils = _number(row, "leerplichtigen", 1, MOST_PUPILS)
    return Given(line, _municipality(row, known), _number(row, "jaar", FIRST_YEAR, LAST_YEAR), pupils)


def _municipality(row: Row, known: dict[str, int]) -> int:
    try:
        code = numbers.normalise(OrganisationKind.MUNICIPALITY, as_text(row["gemeente"]))
    except ValueError as error:
        raise Fault("gemeente", row["gemeente"], error.args[0]) from error
    if code not in known:
        raise Fault("gemeente", row["gemeente"], _("There is no municipality with this code."))
    return known[code]


def _number(row: Row, column: str, least: int, most: int) -> int:
    text = as_text(row[column])
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        sentence = _("This is no whole number from %(least)s to %(most)s, without dots or spaces.")
        raise Fault(column, row[column], sentence % {"least": least, "most": most})
    return int(text)


def _compared(
    given: list[Given], report: Report
) -> tuple[list[SchoolAgePopulation], list[SchoolAgePopulation]]:
    """What is new and what changes, by what is stored; counts both in the report."""
    years = {one.year for one in given}
    rows = SchoolAgePopulation.objects.select_for_update().filter(year__in=years).order_by("pk")
    stored = {(row.municipality_id, row.year): row for row in rows}
    new, changed = [], []
    for one in given:
        row = stored.get(one.key)
        if row is None:
            new.append(
                SchoolAgePopulation(municipality_id=one.municipality, year=one.year, pupils=one.pupils)
            )
        elif row.pupils == one.pupils:
            report.unchanged += 1
        else:
            report.warn(one.line, "leerplichtigen", _("This was %(pupils)s before.") % {"pupils": row.pupils})
            row.pupils = one.pupils
            changed.append(row)
    report.created, report.updated = len(new), len(changed)
    return new, changed


def _write(new: list[SchoolAgePopulation], changed: list[SchoolAgePopulation]) -> None:
    """Two imports at once end with the numbers of the last."""
    SchoolAgePopulation.objects.bulk_create(
        new,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["municipality", "year"],
        update_fields=["pupils"],
    )
    SchoolAgePopulation.objects.bulk_update(changed, ["pupils"], batch_size=BATCH)
