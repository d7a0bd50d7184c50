"""The numbers of organisations, in every spelling found in the field, to the one that is stored.

Each function takes what somebody typed and gives the stored form, or raises ValueError with a sentence.
Sources of the forms: docs/glossary.md; DUO (BRIN, sites), CBS (municipalities).
"""

import re
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from stdnum.nl import brin

from schools.models import OrganisationKind

MAX_LENGTH = 32

_DIGITS = r"([0-9]{2})[\s._/-]*([0-9]{2})"
_LETTERS_FIRST = re.compile(rf"(PO|VO)[\s._/-]*{_DIGITS}", re.IGNORECASE)
_DIGITS_FIRST = re.compile(rf"{_DIGITS}[\s._/-]*(PO|VO)", re.IGNORECASE)
_BRIN = re.compile(r"[0-9A-Z]{4}")
_SITE = re.compile(r"[0-9A-Z]{6}")
_CBS = re.compile(r"(?:GM)?\s*([0-9]{1,4})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def normalise_partnership(value: str) -> str:
    """`PO 30 06`, `po3006`, `PO-30-06`, `3006 PO` and `PO 30.06` are all `PO3006`."""
    text = _plain_dashes(value).strip()
    if match := _LETTERS_FIRST.fullmatch(text):
        letters, first, second = match.groups()
    elif match := _DIGITS_FIRST.fullmatch(text):
        first, second, letters = match.groups()
    else:
        raise ValueError(_("A partnership number is PO or VO with four digits, such as PO3006."))
    return f"{letters.upper()}{first}{second}"


def normalise_brin(value: str) -> str:
    """Four letters or digits: two digits and two letters are in use, but the register promises no more."""
    text = brin.compact(value)
    if not _BRIN.fullmatch(text):
        raise ValueError(_("A BRIN has four letters or digits, such as 05AB."))
    return text


def normalise_site(value: str) -> str:
    """BRIN plus two letters or digits; not stdnum's own check, that knows digits only for the last two."""
    text = brin.compact(value)
    if not _SITE.fullmatch(text):
        raise ValueError(_("A site number is the BRIN with two letters or digits, such as 05AB01."))
    return text


def normalise_cbs(value: str) -> str:
    """`599`, `0599` and `GM0599` are all `0599`."""
    match = _CBS.fullmatch(value.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(_("A municipality code (CBS) has four digits, such as 0599."))
    return match[1].zfill(4)


def normalise_text(value: str) -> str:
    """Own numbers, of boards (`100B001`) and care partners: any text, in capitals, with single spaces."""
    text = " ".join(value.split()).upper()
    if not text or len(text) > MAX_LENGTH or _CONTROL.search(text):
        raise ValueError(_("A number has 1 to 32 letters, digits or signs."))
    return text


_BY_KIND: dict[str, Callable[[str], str]] = {
    OrganisationKind.PARTNERSHIP: normalise_partnership,
    OrganisationKind.BOARD: normalise_text,
    OrganisationKind.SCHOOL: normalise_brin,
    OrganisationKind.SITE: normalise_site,
    OrganisationKind.MUNICIPALITY: normalise_cbs,
    OrganisationKind.CARE_PARTNER: normalise_text,
}


def normalise(kind: str, value: str) -> str:
    """The number of an organisation of that kind."""
    return _BY_KIND[kind](value)


def _plain_dashes(text: str) -> str:
    return re.sub("[\u2010-\u2015\u2212]", "-", text)


def split_partnerships(text: str) -> list[str]:
    """The numbers in `PO3006 VO3007`, also where a number has spaces itself: `PO 30 06 30 07 VO`.

    What is no number stays as it is, for `normalise_partnership` to refuse.
    """
    words = _plain_dashes(text).replace(",", " ").split()
    found: list[str] = []
    while words:
        taken = next((n for n in (3, 2) if _is_partnership(" ".join(words[:n]))), 1)
        found.append(" ".join(words[:taken]))
        words = words[taken:]
    return found


def _is_partnership(text: str) -> bool:
    return bool(_LETTERS_FIRST.fullmatch(text) or _DIGITS_FIRST.fullmatch(text))
