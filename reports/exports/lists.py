"""The makers of the lists: for the Inspectorate, for an attendance office, for a school.

`asked` has codes and days only. Who may have a file is asked again of the roles that somebody has then.
"""

import datetime as dt
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import User
from common.tabular import write_csv, write_xlsx
from reports import access
from reports.access import OwnSchool
from reports.exports import render
from reports.models import ReportFile
from reports.queries.counting import cases_of_partnership
from reports.queries.inspectorate import listed_cases, template_of
from reports.queries.own import of_residents, of_school
from reports.rules.columns import Column, Numbered, Value
from reports.rules.periods import Period
from reports.services import files
from reports.services.files import Asked, Maker, Progress
from reports.services.pseudonyms import pseudonyms_of
from schools.models import Municipality, Partnership

#: Lists of partnerships with more cases than this are left to a worker.
QUICK = 1000

Kind = ReportFile.Kind


def register_makers() -> None:
    files.register(Kind.INSPECTORATE, Maker(may_have_list, make_inspectorate, title_of_list, is_quick_list))
    files.register(Kind.MUNICIPALITY, Maker(may_have_residents, make_municipality, title_of_own, _at_once))
    files.register(Kind.SCHOOL, Maker(may_have_school, make_school, title_of_own, _at_once))


# --- For the Inspectorate


def may_have_list(user: User, asked: Asked) -> bool:
    return access.partnerships_read_by(user).filter(pk=asked["partnership"]).exists()


def title_of_list(asked: Asked) -> str:
    return _("Quarterly list up to %(day)s") % {"day": asked["last"]}


def is_quick_list(asked: Asked) -> bool:
    return cases_of_partnership(asked["partnership"]).order_by()[: QUICK + 1].count() <= QUICK


def make_inspectorate(
    asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
) -> tuple[bytes, str]:
    """One row for each thuiszitter, in the columns of the template. Real rows without names: nothing in it
    is hidden, and nothing of it names a pupil (reports/rules/columns.py)."""
    partnership = Partnership.objects.select_related("organisation").get(pk=asked["partnership"])
    columns = template_of(partnership.pk).columns
    headers, rows = [column.header for column in columns], rows_of(partnership, columns, asked)
    file, write = io.BytesIO(), {"csv": write_csv, "xlsx": write_xlsx}[format]
    write(file, headers, rows)
    return file.getvalue(), f"thuiszitters-{partnership.number}-{asked['last']}.{format}"


def rows_of(partnership: Partnership, columns: list[Column], asked: Asked) -> Iterator[list[Value]]:
    rows = listed_cases(
        partnership,
        dt.date.fromisoformat(asked["last"]),
        with_5a=asked["with_5a"],
        known_at=dt.datetime.fromisoformat(asked["known_at"]),
    )
    names = pseudonyms_of([row.case_id for row in rows], partnership_id=partnership.pk)
    for number, row in enumerate(rows, 1):
        numbered = Numbered(number, names[row.case_id], partnership.number, row)
        yield [column.value(numbered) for column in columns]


# --- For who sees his own


def may_have_residents(user: User, asked: Asked) -> bool:
    return access.municipalities_of(user).filter(pk=asked["municipality"]).exists()


def may_have_school(user: User, asked: Asked) -> bool:
    """Only with the sites that were asked for: who coordinates fewer by now gets another file."""
    own = own_school(user, asked["school"])
    return own is not None and sorted(own.sites) == asked["sites"]


def own_school(user: User, school_id: int) -> OwnSchool | None:
    return next((own for own in access.schools_of(user) if own.school.pk == school_id), None)


def title_of_own(asked: Asked) -> str:
    return _("Figures from %(first)s to %(last)s") % {"first": asked["first"], "last": asked["last"]}


def make_municipality(
    asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
) -> tuple[bytes, str]:
    """The figures with small numbers hidden."""
    municipality = Municipality.objects.select_related("organisation").get(pk=asked["municipality"])
    own = of_residents(
        municipality,
        _period(asked),
        asked["definition"],
        known_at=dt.datetime.fromisoformat(asked["known_at"]),
    )
    return render(own.document, format), _file_name(municipality.number, asked, format)


def make_school(
    asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
) -> tuple[bytes, str]:
    """The exact figures of the sites that somebody coordinates."""
    own = own_school(user, asked["school"])
    if own is None:
        raise ValueError("Who may not have the figures of a school does not come here.")
    found = of_school(
        own, _period(asked), asked["definition"], known_at=dt.datetime.fromisoformat(asked["known_at"])
    )
    return render(found.document, format), _file_name(own.school.number, asked, format)


def _period(asked: Asked) -> Period:
    return Period(dt.date.fromisoformat(asked["first"]), dt.date.fromisoformat(asked["last"]))


def _file_name(number: str, asked: Asked, format: str) -> str:
    return f"thuiszitters-{number}-{asked['first']}-{asked['last']}.{format}"


def _at_once(asked: Asked) -> bool:
    return True
