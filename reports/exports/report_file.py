"""The file of a report: of figures counted now as known at a moment, or of a version as it was issued."""

import datetime as dt
from dataclasses import replace

from django.utils.translation import gettext as _

from accounts.models import User
from reports import access
from reports.exports import render
from reports.queries.counting import cases_of_partnership
from reports.queries.labels import selection_words
from reports.queries.reports import count, document_of
from reports.rules.document import Document
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.services.files import Asked, Maker, Progress
from schools.models import Partnership

#: So many cases of a partnership are counted within a second (bench/).
QUICK = 2000
STEPS = 2


def may(user: User, asked: Asked) -> bool:
    return access.partnerships_read_by(user).filter(pk=_partnership(asked).pk).exists()


def make(asked: Asked, user: User, *, format: str, outside: bool, progress: Progress) -> tuple[bytes, str]:
    progress(0, STEPS)
    document = document_asked(asked, outside=outside)
    progress(1, STEPS)
    return render(document, format), file_name(document, format)


def title(asked: Asked) -> str:
    return _("Report of %(partnership)s, %(period)s, %(definition)s") % {
        "partnership": asked["partnership"],
        "period": period_of(asked),
        "definition": asked["definition"],
    }


def is_quick(asked: Asked) -> bool:
    cases = cases_of_partnership(_partnership(asked).pk).order_by()[: QUICK + 1]
    return cases.count() <= QUICK


MAKER = Maker(may=may, make=make, title=title, is_quick=is_quick)


def document_asked(asked: Asked, *, outside: bool) -> Document:
    selection = selection_of(asked)
    known_at = dt.datetime.fromisoformat(asked["known_at"])
    result = count(_partnership(asked), period_of(asked), selection, known_at=known_at)
    return replace(document_of(result, outside=outside), part=selection_words(selection))


def file_name(document: Document, format: str) -> str:
    """As thuiszitters-PO3006-2026-10-D2.xlsx; a version with its number, exact numbers as "intern"."""
    period = document.period
    when = f"{period.first:%Y-%m}" if len(period.months) == 1 else f"{period.first}-{period.last}"
    parts = ["thuiszitters", document.organisation, when, str(document.definition)]
    if document.number:
        parts.append(f"v{document.number}")
    if not document.outside:
        parts.append("intern")
    return f"{'-'.join(parts)}.{format}"


def period_of(asked: Asked) -> Period:
    return Period(dt.date.fromisoformat(asked["from"]), dt.date.fromisoformat(asked["to"]))


def selection_of(asked: Asked) -> Selection:
    return Selection(
        asked["definition"],
        categories=frozenset(asked.get("categories", ())),
        sectors=frozenset(asked.get("sectors", ())),
        schools=frozenset(asked.get("schools", ())),
        municipalities=frozenset(asked.get("municipalities", ())),
    )


def _partnership(asked: Asked) -> Partnership:
    found = Partnership.objects.select_related("organisation")
    return found.get(organisation__number=asked["partnership"])
