import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import dates
from common.errors import DomainError, Invalid
from notifications.services.bounces import record_bounce

UNUSABLE, REFUSED = 2, 1


class Command(BaseCommand):
    help = (
        "Reads a mail that says that another one did not arrive (RFC 3464) from standard input, and stops "
        "mailing notices to an address that takes no mail. For the mail server, on the address of the sender."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = record_bounce(notification=sys.stdin.buffer.read(), at=dates.now())
        except DomainError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}))
            raise CommandError(
                str(error), returncode=UNUSABLE if isinstance(error, Invalid) else REFUSED
            ) from error
        self.stdout.write(json.dumps({"outcome": outcome}) if options["json"] else outcome)
