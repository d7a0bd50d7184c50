"""`manage.py period_report`: the figures of a partnership over a period (contracts/commands.md)."""

import argparse
import datetime as dt
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from common.dates import end_of, now
from reports.enums import Definition
from reports.exports import FORMATS, render
from reports.queries.reports import count, document_of, partnership_numbered
from reports.rules.periods import Period
from reports.rules.selection import Selection
from schools.models import Partnership
from schools.numbers import normalise_partnership

UNUSABLE = 2
#: Beyond these nothing can be counted back or on from a day.
YEARS = range(1900, 3000)
#: What is no text.
BINARY = ("xlsx", "pdf")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def a_day(text: str) -> dt.date:
    """A day as the contract writes it, and no other way of writing one."""
    try:
        day: dt.date | None = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise argparse.ArgumentTypeError(f"{text} is no date; write YYYY-MM-DD")
    if day.year not in YEARS:
        raise argparse.ArgumentTypeError(f"{text} lies too far off")
    return day


def a_moment(text: str) -> dt.datetime:
    """The end of a day, or a moment: in Europe/Amsterdam where it names no zone."""
    if not _MOMENT.fullmatch(text):
        return end_of(a_day(text))
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no moment") from None
    if moment.year not in YEARS:
        raise argparse.ArgumentTypeError(f"{text} lies too far off")
    return moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())


class Command(BaseCommand):
    help = (
        "The figures of a partnership over a period, as known at a moment; exact, unless --outside is given."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--partnership", required=True, metavar="NUMBER", help="in any spelling")
        parser.add_argument("--from", dest="first", required=True, type=a_day, metavar="DATE")
        parser.add_argument("--to", dest="last", required=True, type=a_day, metavar="DATE")
        parser.add_argument(
            "--definition", type=str.upper, choices=Definition.values, default=Definition.D2.value
        )
        parser.add_argument(
            "--known-at",
            type=a_moment,
            metavar="MOMENT",
            help="a date (the end of that day) or a moment such as 2026-11-01T12:00 (default: now)",
        )
        parser.add_argument("--format", choices=list(FORMATS), default="json")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write the report there")
        parser.add_argument(
            "--outside", action="store_true", help="hide small numbers: what may leave the partnership"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["last"] < options["first"]:
            raise CommandError(_("The period ends before it begins."), returncode=UNUSABLE)
        binary = options["format"] in BINARY
        if binary and not options["output"] and self.stdout.isatty():
            sentence = _("This format is not for a screen: give --output FILE.")
            raise CommandError(sentence, returncode=UNUSABLE)
        result = count(
            _partnership(options["partnership"]),
            Period(options["first"], options["last"]),
            Selection(options["definition"]),
            known_at=timezone.localtime(options["known_at"] or now(), timezone.get_default_timezone()),
        )
        content = render(document_of(result, outside=options["outside"]), options["format"])
        if options["output"]:
            _write(options["output"], content)
        else:
            self._print(content)

    def _print(self, content: bytes) -> None:
        """As bytes where the output takes them, so that the text does not depend on the terminal."""
        stream = getattr(self.stdout, "buffer", None)
        if stream is None:
            self.stdout.write(content.decode(), ending="")
        else:
            stream.write(content)
            stream.flush()


def _partnership(number: str) -> Partnership:
    try:
        found = partnership_numbered(normalise_partnership(number))
    except ValueError as error:
        raise CommandError(str(error), returncode=UNUSABLE) from None
    if found is None:
        raise CommandError(_("There is no partnership with this number."), returncode=UNUSABLE)
    return found


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        sentence = _("The file cannot be written: %(why)s") % {"why": error.strerror}
        raise CommandError(sentence, returncode=UNUSABLE) from error
