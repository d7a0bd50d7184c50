"""One row of the organisations file: what it says about one organisation, checked column by column.

The order of the checks is that of the columns in contracts/register.md: a row is refused for its first fault.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from common.tabular import EXTRA, Cell, Fault, as_text, parse_choice
from schools import numbers
from schools.models import CareKind, OrganisationKind, Region, Sector

COLUMNS = ("soort", "nummer", "naam", "hoort_bij", "swv", "sector", "regio", "gemeente", "aard", "email")
REQUIRED = ("soort", "nummer", "naam")

PARTNERSHIP, BOARD, SCHOOL, SITE, MUNICIPALITY, CARE_PARTNER = (
    OrganisationKind.PARTNERSHIP,
    OrganisationKind.BOARD,
    OrganisationKind.SCHOOL,
    OrganisationKind.SITE,
    OrganisationKind.MUNICIPALITY,
    OrganisationKind.CARE_PARTNER,
)

# Which columns say something about which kind; "soort", "nummer", "naam" and "email" do about all.
USED_BY: dict[str, Collection[str]] = {
    "hoort_bij": (SCHOOL, SITE),
    "swv": (SITE, CARE_PARTNER),
    "sector": (SITE,),
    "regio": (SITE, PARTNERSHIP),
    "gemeente": (SITE, CARE_PARTNER),
    "aard": (CARE_PARTNER,),
}
NEEDED_BY: dict[str, Collection[str]] = {
    "hoort_bij": (SITE,),
    "swv": (SITE,),
    "sector": (SITE,),
    "aard": (CARE_PARTNER,),
}

LONGEST_NAME = 200
LONGEST_EMAIL = 254

Key = tuple[str, str]
Row = dict[str, Cell]


@dataclass(frozen=True)
class Facts:
    """What is known of an organisation, other organisations by their numbers."""

    name: str = ""
    email: str = ""
    parent: str = ""  # board of a school, school of a site
    partnerships: frozenset[str] = field(default_factory=frozenset)
    sector: str = ""
    region: str = ""
    municipality: str = ""
    care_kind: str = ""


def key_of(row: Row) -> Key:
    """Kind and number: which organisation the row is about. Raises Fault."""
    if row.get(EXTRA):
        raise Fault("", row[EXTRA], _("This row has more values than there are columns."))
    kind = _choice(row, "soort", OrganisationKind.values)
    if not kind:
        raise Fault("soort", "", _("Fill in what it is."))
    if not row["nummer"]:
        raise Fault("nummer", "", _("Fill in the number."))
    return kind, _number("nummer", row["nummer"], kind)


def unused_columns(kind: str, row: Row) -> list[str]:
    """The columns that are filled in but say nothing about this kind."""
    return [column for column, kinds in USED_BY.items() if kind not in kinds and row.get(column)]


def facts_of(key: Key, row: Row, now: Facts, exists: Callable[[str, str], bool]) -> Facts:
    """What is known with this row, given what is known now: an empty cell changes nothing. Raises Fault.

    `exists` answers whether there is an organisation of that kind with that number.
    """
    kind = key[0]
    said: dict[str, Any] = {"name": _name(row)}
    for column, check in _CHECKS.items():
        if kind not in USED_BY.get(column, (kind,)):
            continue
        if row.get(column):
            said |= check(key, row, exists)
        elif kind in NEEDED_BY.get(column, ()):
            raise Fault(column, "", _("Fill this in."))
        elif column == "gemeente" and not now.municipality and _is_office(row):
            raise Fault(column, "", _("An attendance office has a municipality."))
    if now.care_kind and (now.care_kind == CareKind.ATTENDANCE) != (
        said.get("care_kind", now.care_kind) == CareKind.ATTENDANCE
    ):
        raise Fault(
            "aard",
            row["aard"],
            _("An attendance office cannot become another kind, nor the reverse: use a new number."),
        )
    return replace(now, **said)


def _name(row: Row) -> str:
    name = " ".join(as_text(row["naam"]).split())
    if not name:
        raise Fault("naam", "", _("Fill in the name."))
    if len(name) > LONGEST_NAME:
        raise Fault("naam", name, _("This name is longer than 200 characters."))
    return name


def _parent(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    kind = BOARD if key[0] == SCHOOL else SCHOOL
    number = _number("hoort_bij", row["hoort_bij"], kind)
    if kind == SCHOOL and number != key[1][:4]:
        raise Fault(
            "hoort_bij",
            row["hoort_bij"],
            _("The number of a site begins with the BRIN of its school: %(brin)s.") % {"brin": key[1][:4]},
        )
    if not exists(kind, number):
        raise Fault("hoort_bij", row["hoort_bij"], _unknown(kind))
    return {"parent": number}


def _partnerships(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    """Numbers separated by spaces, while a number may have spaces itself: `PO 30 06 VO3007`."""
    found = []
    for text in numbers.split_partnerships(as_text(row["swv"])):
        number = _number("swv", row["swv"], PARTNERSHIP, text)
        if not exists(PARTNERSHIP, number):
            raise Fault("swv", text, _unknown(PARTNERSHIP))
        found.append(number)
    return {"partnerships": frozenset(found)}


def _sector(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    return {"sector": _choice(row, "sector", Sector.values)}


def _region(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    return {"region": _choice(row, "regio", Region.values)}


def _municipality(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    number = _number("gemeente", row["gemeente"], MUNICIPALITY)
    if not exists(MUNICIPALITY, number):
        raise Fault("gemeente", row["gemeente"], _unknown(MUNICIPALITY))
    return {"municipality": number}


def _care_kind(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    return {"care_kind": _choice(row, "aard", CareKind.values)}


def _email(key: Key, row: Row, exists: Callable[[str, str], bool]) -> dict[str, Any]:
    address = as_text(row["email"])
    try:
        validate_email(address)
    except ValidationError as error:
        raise Fault("email", address, _("This is not an e-mail address.")) from error
    if len(address) > LONGEST_EMAIL:
        raise Fault("email", address, _("This e-mail address is too long."))
    return {"email": address}


_CHECKS: dict[str, Callable[[Key, Row, Callable[[str, str], bool]], dict[str, Any]]] = {
    "hoort_bij": _parent,
    "swv": _partnerships,
    "sector": _sector,
    "regio": _region,
    "gemeente": _municipality,
    "aard": _care_kind,
    "email": _email,
}


def _number(column: str, value: Cell, kind: str, text: str = "") -> str:
    """The number in a cell, or in `text` where the cell has more of them."""
    try:
        return numbers.normalise(kind, text or as_text(value))
    except ValueError as error:
        raise Fault(column, value, error.args[0]) from error


def _choice(row: Row, column: str, choices: Collection[str]) -> str:
    try:
        return parse_choice(row[column], choices)
    except ValueError as error:
        raise Fault(column, row[column], error.args[0]) from error


def _is_office(row: Row) -> bool:
    return as_text(row.get("aard", "")).casefold() == CareKind.ATTENDANCE


def _unknown(kind: str) -> Any:
    return _("No %(kind)s has this number, here or in the file.") % {"kind": OrganisationKind(kind).label}
