"""The file of a report: of figures counted now as known at a moment, or of a version as it was issued."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import NotFound
from reports import access
from reports.enums import Definition
from reports.exports import render
from reports.exports.content import moment
from reports.models import Version
from reports.queries.counting import cases_of_partnership
from reports.queries.labels import selection_words
from reports.queries.reports import TREND, count, document_of, document_of_version
from reports.rules.document import Document
from reports.rules.periods import Period, months_up_to
from reports.rules.selection import Selection
from reports.services.files import Asked, Maker, Progress
from schools.models import Partnership

#: So many cases that run in the months of the trend take a second, by whether small cells are hidden.
#: Measured on two busy cores: 1,100 exactly in 0.4 s; with small cells hidden 120 in 0.6 s, 600 in 3.3 s.
QUICK = {False: 1500, True: 150}
#: Counted, hidden what has to be, written.
STEPS = 3
#: By which a report can be narrowed to a part of the pupils.
FILTERS = ("categories", "sectors", "schools", "municipalities")


def may(user: User, asked: Asked) -> bool:
    return access.partnerships_read_by(user).filter(organisation__number=asked["partnership"]).exists()


def make(asked: Asked, user: User, *, format: str, outside: bool, progress: Progress) -> tuple[bytes, str]:
    progress(0, STEPS)
    document = document_asked(asked, outside=outside, counted=lambda: progress(1, STEPS))
    progress(2, STEPS)
    return render(document, format), file_name(document, format)


def title(asked: Asked) -> str:
    return _("Report of %(partnership)s, %(period)s, %(definition)s") % {
        "partnership": asked["partnership"],
        "period": period_of(asked),
        "definition": asked["definition"],
    }


def facts(asked: Asked) -> list[tuple[str, str]]:
    """What the file will be about, for who is about to ask for it."""
    part = selection_words(selection_of(asked))
    return [
        (_("Partnership"), _partnership(asked).name),
        (_("Period"), str(period_of(asked))),
        (_("Definition"), str(Definition(asked["definition"]).label)),
        *([(_("Only"), part)] if part else []),
        *([(_("Version"), str(_version(asked).number))] if asked.get("version") else []),
        (_("As known at"), moment(dt.datetime.fromisoformat(asked["known_at"]))),
    ]


def is_quick(asked: Asked, outside: bool) -> bool:
    if asked.get("version"):
        return True
    since = months_up_to(period_of(asked), TREND)[0].first
    cases = cases_of_partnership(_partnership(asked).pk).order_by()
    running = cases.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=since))
    return running[: QUICK[outside] + 1].count() <= QUICK[outside]


MAKER = Maker(may=may, make=make, title=title, is_quick=is_quick)


def document_asked(asked: Asked, *, outside: bool, counted: Callable[[], None]) -> Document:
    """The figures counted now, or as they were kept with the version that is asked for."""
    if asked.get("version"):
        return document_of_version(_version(asked), outside=outside)
    selection = selection_of(asked)
    known_at = dt.datetime.fromisoformat(asked["known_at"])
    result = count(_partnership(asked), period_of(asked), selection, known_at=known_at)
    counted()
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
    return Selection(asked["definition"], **{name: frozenset(asked.get(name, ())) for name in FILTERS})


def of_figures(
    partnership: str, period: Period, selection: Selection, *, known_at: dt.datetime
) -> dict[str, Any]:
    """What is asked for figures that are counted when the file is made."""
    return {
        "partnership": partnership,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "definition": str(selection.definition),
        "known_at": known_at.isoformat(),
        **{name: sorted(getattr(selection, name)) for name in FILTERS if getattr(selection, name)},
    }


def of_version(version: Version) -> dict[str, Any]:
    """What is asked for a version of the figures."""
    return {
        "partnership": version.partnership.number,
        "from": version.first_day.isoformat(),
        "to": version.last_day.isoformat(),
        "definition": version.definition,
        "known_at": version.known_at.isoformat(),
        "version": version.pk,
    }


def _version(asked: Asked) -> Version:
    """A draft may be gone by now."""
    found = Version.objects.select_related("partnership__organisation", "issued_by")
    version = found.filter(pk=asked["version"]).first()
    if version is None:
        raise NotFound(_("This version is not there any more."))
    return version


def _partnership(asked: Asked) -> Partnership:
    found = Partnership.objects.select_related("organisation")
    return found.get(organisation__number=asked["partnership"])
