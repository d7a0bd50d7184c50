"""What the quarterly list for the Inspectorate can show, and how a partnership may want it.

The list of fields is closed: none of them names a pupil, whatever a template says. There is no name, no date
of birth or year of it, no case number. The words in the file are Dutch in any language of the screen: the
list is read by the Inspectorate.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from cases.enums import Category, Destination, Offer, Reason
from common.tabular.cells import guard
from reports.enums import Duration, Ending
from reports.rules.listed import Listed
from schools.models import Sector

Value = str | int | dt.date | None

#: So many columns and so long a header are enough for any form.
MOST_COLUMNS, LONGEST_HEADER = 40, 80


@dataclass(frozen=True)
class Numbered:
    """A row with what stands in front of it in every list."""

    number: int
    pseudonym: str
    partnership: str
    row: Listed


#: By name: the words for a form, and what makes a value of a row in it.
Forms = Mapping[str, tuple[Any, Callable[[Numbered], Value]]]


@dataclass(frozen=True)
class Field:
    """What a column can show. The first of its forms is the usual one; `header` the usual one, in Dutch."""

    label: Any
    header: str
    forms: Forms

    @property
    def usual(self) -> str:
        return next(iter(self.forms))


@dataclass(frozen=True)
class Column:
    """A column of a template: which field, in which form, under which header."""

    field: str
    form: str
    header: str

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "form": self.form, "header": self.header}

    def value(self, numbered: Numbered) -> Value:
        return FIELDS[self.field].forms[self.form][1](numbered)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a column: its place (from 0; None: the template as a whole), which part of it, and a
    sentence."""

    place: int | None
    part: str
    sentence: str


# --- Forms of values

CATEGORY_CODES = {Category.ABSOLUTE: "absoluut", Category.EXEMPT_5A: "5a"}
CATEGORY_WORDS = {
    "absoluut": "absoluut verzuim",
    "lrv-4w-3m": "langdurig relatief verzuim, 4 weken tot 3 maanden",
    "lrv-3m": "langdurig relatief verzuim, langer dan 3 maanden",
    "5a": "vrijstelling artikel 5 onder a",
}
#: The durations that the Inspectorate takes together as "up to 3 months".
UP_TO_3_MONTHS = frozenset({Duration.WEEKS_4, Duration.MONTHS_3})
ENDING_WORDS = {
    Ending.EXEMPTION: "vrijgesteld",
    Ending.EIGHTEEN: "achttien geworden",
    Ending.AUTHORISED: "verzuim is geoorloofd",
    Ending.RETURNED: "terug op school",
    Ending.CORRECTION: "andere wijziging of correctie",
}
DURATION_WORDS = {
    Duration.WEEKS_4: "tot en met 4 weken",
    Duration.MONTHS_3: "4 weken tot 3 maanden",
    Duration.MONTHS_6: "3 tot 6 maanden",
    Duration.MONTHS_12: "6 tot 12 maanden",
    Duration.LONGER: "langer dan een jaar",
}
AGE_BANDS = ((5, 11), (12, 15), (16, 17))


def category_code(row: Listed) -> str:
    """The Inspectorate's category: `lrv` by how long it lasts."""
    if row.category == Category.LONG:
        return "lrv-4w-3m" if row.duration in UP_TO_3_MONTHS else "lrv-3m"
    return CATEGORY_CODES[Category(row.category)]


@cache
def _in_dutch(choices: Any, code: str) -> str:
    with override("nl"):
        return str(choices(code).label) if code else ""


def _ending_in_words(code: str) -> str:
    if code in Ending.values:
        return ENDING_WORDS[Ending(code)]
    return _in_dutch(Destination, code)


def _age_band(age: int) -> str:
    return next((f"{low}-{high}" for low, high in AGE_BANDS if low <= age <= high), "")


def _as_is(read: Callable[[Numbered], Value]) -> Forms:
    return {"as-is": (gettext_lazy("as it is"), read)}


def _day(read: Callable[[Listed], dt.date | None]) -> Forms:
    def written(pattern: str) -> Callable[[Numbered], Value]:
        return lambda it: day.strftime(pattern) if (day := read(it.row)) else None

    return {
        "iso": (gettext_lazy("date, 2026-08-27"), lambda it: read(it.row)),
        "dmy": (gettext_lazy("date, 27-08-2026"), written("%d-%m-%Y")),
        "month": (gettext_lazy("month only, 2026-08"), written("%Y-%m")),
    }


def _coded(read: Callable[[Listed], str], words: Callable[[str], str]) -> Forms:
    return {
        "words": (gettext_lazy("in words"), lambda it: words(read(it.row))),
        "code": (gettext_lazy("code"), lambda it: read(it.row)),
    }


def _yes_no(read: Callable[[Listed], bool]) -> Forms:
    return {
        "ja-nee": (gettext_lazy("ja or nee"), lambda it: "ja" if read(it.row) else "nee"),
        "j-n": (gettext_lazy("J or N"), lambda it: "J" if read(it.row) else "N"),
        "1-0": (gettext_lazy("1 or 0"), lambda it: int(read(it.row))),
    }


# --- The closed list

FIELDS: dict[str, Field] = {
    "number": Field(gettext_lazy("Sequence number"), "volgnummer", _as_is(lambda it: it.number)),
    "pseudonym": Field(
        gettext_lazy("Pseudonym, the same in every quarter"), "pseudoniem", _as_is(lambda it: it.pseudonym)
    ),
    "partnership": Field(
        gettext_lazy("Number of the partnership"), "samenwerkingsverband", _as_is(lambda it: it.partnership)
    ),
    "brin": Field(gettext_lazy("BRIN of the school"), "brin", _as_is(lambda it: it.row.school)),
    "site": Field(
        gettext_lazy("School site"),
        "vestiging",
        {
            "full": (gettext_lazy("BRIN and number, 12AB01"), lambda it: it.row.site),
            "number": (gettext_lazy("number only, 01"), lambda it: it.row.site[len(it.row.school) :]),
        },
    ),
    "sector": Field(
        gettext_lazy("Sector"),
        "sector",
        _coded(lambda row: row.sector, lambda code: _in_dutch(Sector, code)),
    ),
    "age": Field(
        gettext_lazy("Age on the last day of the row"),
        "leeftijd",
        {
            "years": (gettext_lazy("in years"), lambda it: it.row.age),
            "band": (gettext_lazy("5-11, 12-15 or 16-17"), lambda it: _age_band(it.row.age)),
        },
    ),
    "municipality": Field(
        gettext_lazy("Municipality of residence (CBS code)"),
        "woongemeente",
        _as_is(lambda it: it.row.municipality),
    ),
    "category": Field(
        gettext_lazy("Category of the Inspectorate"),
        "categorie",
        _coded(category_code, CATEGORY_WORDS.__getitem__),
    ),
    "first_day": Field(
        gettext_lazy("First day absent"), "eerste verzuimdag", _day(lambda row: row.first_day)
    ),
    "start": Field(
        gettext_lazy("Start: thuiszitter since (first time in the school year)"),
        "thuiszitter sinds",
        _day(lambda row: row.entered),
    ),
    "start_last": Field(
        gettext_lazy("Start of the last time as thuiszitter"),
        "laatste keer sinds",
        _day(lambda row: row.last),
    ),
    "times": Field(
        gettext_lazy("Number of times thuiszitter in the school year"),
        "aantal keren",
        _as_is(lambda it: it.row.memberships),
    ),
    "offered": Field(
        gettext_lazy("Fitting offer has started"), "passend aanbod", _yes_no(lambda row: row.offered)
    ),
    "offer": Field(
        gettext_lazy("Which offer"),
        "welk aanbod",
        _coded(lambda row: row.offer, lambda code: _in_dutch(Offer, code)),
    ),
    "offer_since": Field(gettext_lazy("Offer since"), "aanbod sinds", _day(lambda row: row.offer_since)),
    "reason": Field(
        gettext_lazy("Main reason"),
        "reden",
        _coded(lambda row: row.reason, lambda code: _in_dutch(Reason, code)),
    ),
    "end": Field(gettext_lazy("End: no thuiszitter from"), "einde", _day(lambda row: row.left)),
    "destination": Field(
        gettext_lazy("Destination, or why it ended"),
        "bestemming",
        _coded(lambda row: row.ending, _ending_in_words),
    ),
    "duration": Field(
        gettext_lazy("Duration of the absence"),
        "duur",
        {
            "days": (gettext_lazy("in days"), lambda it: it.row.days),
            "weeks": (gettext_lazy("in whole weeks"), lambda it: it.row.days // 7),
            "words": (gettext_lazy("in words"), lambda it: DURATION_WORDS[Duration(it.row.duration)]),
            "code": (gettext_lazy("code"), lambda it: it.row.duration),
        },
    ),
    "empty": Field(gettext_lazy("Empty column, to fill in by hand"), "toelichting", _as_is(lambda it: None)),
}

#: The columns of a partnership that chose none.
DEFAULT: Sequence[Column] = tuple(
    Column(name, FIELDS[name].usual, FIELDS[name].header)
    for name in (
        "number",
        "pseudonym",
        "partnership",
        "brin",
        "site",
        "sector",
        "age",
        "category",
        "first_day",
        "start",
        "offered",
        "offer",
        "reason",
        "end",
        "destination",
    )
)


def wrong_with(columns: Sequence[Column]) -> list[Fault]:
    """All that is wrong with the columns of a template."""
    if not columns:
        return [Fault(None, "", _("A list has at least one column."))]
    if len(columns) > MOST_COLUMNS:
        return [Fault(None, "", _("A list has at most %(most)s columns.") % {"most": MOST_COLUMNS})]
    return [fault for place, column in enumerate(columns) for fault in _wrong_with(place, column, columns)]


def _wrong_with(place: int, column: Column, columns: Sequence[Column]) -> Iterable[Fault]:
    header = column.header
    if column.field not in FIELDS:
        yield Fault(place, "field", _("Choose one of the fields of the list."))
    elif column.form not in FIELDS[column.field].forms:
        yield Fault(place, "form", _("This field cannot be shown like that."))
    if not header.strip():
        yield Fault(place, "header", _("Give the column a header."))
    elif len(header) > LONGEST_HEADER:
        yield Fault(
            place, "header", _("A header has at most %(most)s characters.") % {"most": LONGEST_HEADER}
        )
    elif not header.isprintable():
        yield Fault(place, "header", _("A header stands on one line, without special characters."))
    elif guard(header) != header:
        yield Fault(place, "header", _("A header does not begin with =, +, - or @: it could be a formula."))
    elif header.casefold() in (before.header.casefold() for before in columns[:place]):
        yield Fault(place, "header", _("Another column has this header already."))


def columns_from_json(values: Any) -> Sequence[Column]:
    """The columns as they were saved; the default where they can be used no more."""
    try:
        columns = [Column(one["field"], one["form"], one["header"]) for one in values]
    except (KeyError, TypeError):
        return DEFAULT
    return DEFAULT if wrong_with(columns) else columns
