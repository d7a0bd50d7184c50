"""The makers of the lists: for the Inspectorate, for an attendance office, for a school.

`asked` has codes and days only. Who may have a file is asked again of the roles that somebody has then.
"""

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from common.tabular import write_csv, write_xlsx
from reports import access
from reports.access import OwnSchool
from reports.exports import render
from reports.exports.report_file import file_name, period_of
from reports.models import ReportFile
from reports.queries.counting import cases_of_partnership, cases_of_residents
from reports.queries.inspectorate import listed_cases, template_of
from reports.queries.own import of_residents, of_school
from reports.rules.columns import Column, Numbered, Value
from reports.services import files
from reports.services.files import Asked, Maker, Progress
from reports.services.pseudonyms import pseudonyms_of
from schools.models import Municipality, Partnership

#: Lists about more cases than this are left to a worker.
QUICK = 1000

Kind = ReportFile.Kind


def register_makers() -> None:
    files.register(Kind.INSPECTORATE, Maker(may_have_list, make_inspectorate, title_of_list, is_quick_list))
    files.register(
        Kind.MUNICIPALITY, Maker(may_have_residents, make_municipality, title_of_own, is_quick_municipality)
    )
    files.register(Kind.SCHOOL, Maker(may_have_school, make_school, title_of_own, _at_once))


# --- For the Inspectorate


def may_have_list(user: User, asked: Asked) -> bool:
    found = access.partnerships_read_by(user)
    return found.filter(organisation__number=asked["partnership"]).exists()


def title_of_list(asked: Asked) -> str:
    day = date_format(dt.date.fromisoformat(asked["last"]), "j F Y")
    return _("List for the Inspectorate up to %(day)s") % {"day": day}


def is_quick_list(asked: Asked, outside: bool) -> bool:
    return cases_of_partnership(_partnership(asked).pk).order_by()[: QUICK + 1].count() <= QUICK


def make_inspectorate(
    asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
) -> tuple[bytes, str]:
    """One row for each thuiszitter, in the columns of the template. Real rows without names: nothing in it
    is hidden, and nothing of it names a pupil (reports/rules/columns.py)."""
    partnership = _partnership(asked)
    columns = template_of(partnership.pk).columns
    headers, rows = [column.header for column in columns], rows_of(partnership, columns, asked)
    file, write = io.BytesIO(), {"csv": write_csv, "xlsx": write_xlsx}[format]
    write(file, headers, rows)
    return file.getvalue(), f"thuiszitters-{partnership.number}-{asked['last']}.{format}"


def rows_of(partnership: Partnership, columns: Sequence[Column], asked: Asked) -> Iterator[list[Value]]:
    rows = listed_cases(
        partnership,
        dt.date.fromisoformat(asked["last"]),
        with_5a=asked["with_5a"],
        known_at=_known_at(asked),
    )
    names = pseudonyms_of([row.case_id for row in rows], partnership_id=partnership.pk)
    for number, row in enumerate(rows, 1):
        numbered = Numbered(number, names[row.case_id], partnership.number, row)
        yield [column.value(numbered) for column in columns]


# --- For who sees his own


def may_have_residents(user: User, asked: Asked) -> bool:
    found = access.municipalities_of(user)
    return found.filter(organisation__number=asked["municipality"]).exists()


def is_quick_municipality(asked: Asked, outside: bool) -> bool:
    """Hiding small numbers asks for four definitions in each month, so fewer cases are quick."""
    found = Municipality.objects.get(organisation__number=asked["municipality"])
    return cases_of_residents(found.pk).order_by()[: QUICK + 1].count() <= QUICK


def may_have_school(user: User, asked: Asked) -> bool:
    """Only with the sites that were asked for: who coordinates fewer by now gets another file."""
    own = own_school(user, asked["school"])
    return own is not None and sorted(own.sites) == asked["sites"]


def own_school(user: User, number: str) -> OwnSchool | None:
    return next((own for own in access.schools_of(user) if own.school.number == number), None)


def title_of_own(asked: Asked) -> str:
    number = asked.get("municipality") or asked["school"]
    return _("Figures of %(number)s, %(period)s") % {"number": number, "period": period_of(asked)}


def make_municipality(
    asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
) -> tuple[bytes, str]:
    """The figures with small numbers hidden."""
    found = Municipality.objects.select_related("organisation")
    municipality = found.get(organisation__number=asked["municipality"])
    own = of_residents(municipality, period_of(asked), asked["definition"], known_at=_known_at(asked))
    return render(own.document, format), file_name(own.document, format)


def make_school(
    asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
) -> tuple[bytes, str]:
    """The exact figures of the sites that somebody coordinates."""
    own = own_school(user, asked["school"])
    if own is None:
        raise ValueError("Who may not have the figures of a school does not come here.")
    found = of_school(own, period_of(asked), asked["definition"], known_at=_known_at(asked))
    return render(found.document, format), file_name(found.document, format)


def _partnership(asked: Asked) -> Partnership:
    found = Partnership.objects.select_related("organisation")
    return found.get(organisation__number=asked["partnership"])


def _known_at(asked: Asked) -> dt.datetime:
    return dt.datetime.fromisoformat(asked["known_at"])


def _at_once(asked: Asked, outside: bool) -> bool:
    return True
