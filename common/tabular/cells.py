"""One cell: what it says, whether it could be a formula, and which date, choice or yes or no it is."""

import datetime as dt
import re
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

Cell = str | dt.date

# Key of what stands beyond the last header: a separator too many, or a value that lacks quotes around it.
EXTRA = ""

# Spreadsheets take these for a formula, also after spaces; the full-width forms in some languages.
_FORMULA = re.compile(r"[\s']*[=+\-@＝＋－＠\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_NEW_LINE = re.compile(r"\r\n?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DUTCH_DATE = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")


def guard(text: str) -> str:
    """The text as a spreadsheet may have it: never a formula.

    The pattern covers what is guarded already, so that `unguard` gives back exactly what was written."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def printable(text: str) -> str:
    """Without control characters (a database refuses some of them) and with one kind of new line."""
    return _CONTROL.sub("", _NEW_LINE.sub("\n", text))


def cleaned(text: str) -> str:
    """A cell as read: printable, trimmed, without guard."""
    return unguard(printable(text).strip()).strip()


def as_text(value: Cell) -> str:
    """The cell as text, for columns that hold no date: a spreadsheet may have taken `1-2-2026` for one."""
    return value if isinstance(value, str) else value.isoformat()


def parse_date(value: Cell) -> dt.date | None:
    """A day typed as 2026-08-27 or 27-8-2026, or a real date cell; None when empty. Raises ValueError."""
    if isinstance(value, dt.date):
        day = value
    elif not value:
        return None
    else:
        day = _typed_date(value)
    if not 1900 <= day.year <= 2099:
        raise ValueError(_("The year of this date is not between 1900 and 2099."))
    return day


def _typed_date(text: str) -> dt.date:
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DUTCH_DATE.fullmatch(text):
        day, month, year = match.groups()
    else:
        raise ValueError(_("This is not a date such as 2026-08-27 or 27-08-2026."))
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(_("This date does not exist.")) from None


def parse_yes_no(value: Cell) -> bool | None:
    """`ja` or `nee` in any case; None when empty. Raises ValueError."""
    text = as_text(value).casefold()
    if text not in ("", "ja", "nee"):
        raise ValueError(_("Fill in ja or nee."))
    return None if not text else text == "ja"


def parse_choice(value: Cell, choices: Iterable[str]) -> str:
    """The choice as `choices` spells it, whatever the case of the cell; "" when empty. Raises ValueError."""
    text = as_text(value)
    known = {choice.casefold(): choice for choice in choices}
    if text and text.casefold() not in known:
        raise ValueError(_("This is not one of: %(choices)s.") % {"choices": ", ".join(known.values())})
    return known.get(text.casefold(), "")
