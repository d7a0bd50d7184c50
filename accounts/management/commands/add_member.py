import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.queries import organisation_for_role
from accounts.roles import BELONGS, Role
from accounts.services.console import Added, add_member
from common import dates
from common.errors import DomainError
from schools.models import Organisation

UNUSABLE = 2


class Command(BaseCommand):
    help = "Gives somebody a role in an organisation and makes the user if new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address with which the person logs in")
        parser.add_argument("--role", required=True, choices=Role.values, help="as in contracts/rights.csv")
        parser.add_argument(
            "--organisation",
            metavar="NUMBER",
            default="",
            help="number of the organisation, in any spelling; none for a platform_operator",
        )
        parser.add_argument("--name", default="", help="the name of the person, if new")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password of a new person from standard input; without, an invitation is mailed",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer, sentence = _add(options)
        except CommandError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}))
            raise
        self.stdout.write(json.dumps(answer) if options["json"] else sentence)


def _add(options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What was done, as a document and as a sentence."""
    email, role = options["email"].strip().lower(), Role(options["role"])
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages), returncode=UNUSABLE) from error
    organisation = _organisation(role, options["organisation"].strip())
    password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
    try:
        added = add_member(
            email=email,
            role=role,
            organisation=organisation,
            name=options["name"],
            password=password,
            at=dates.now(),
        )
    except DomainError as error:
        raise CommandError(str(error)) from error
    number = organisation.number if organisation else None
    answer = {"email": email, "role": role.value, "organisation": number, **asdict(added)}
    return answer, _sentence(email, role, organisation, added)


def _organisation(role: str, number: str) -> Organisation | None:
    """The organisation meant, or an error of the arguments."""
    if role == Role.PLATFORM_OPERATOR:
        if number:
            raise CommandError(str(BELONGS[role]), returncode=UNUSABLE)
        return None
    if not number:
        raise CommandError(_("Say in which organisation, with --organisation."), returncode=UNUSABLE)
    organisation = organisation_for_role(role, number)
    if organisation is None:
        unknown = _("There is no organisation with number %(number)s for this role.") % {"number": number}
        raise CommandError(f"{unknown} {BELONGS[role]}", returncode=UNUSABLE)
    return organisation


def _sentence(email: str, role: Role, organisation: Organisation | None, added: Added) -> str:
    sentences = {
        "given": _("%(email)s now has the role %(role)s%(where)s."),
        "invited": _("An invitation was mailed to %(email)s for the role %(role)s%(where)s."),
        "unchanged": _("Nothing changed: %(email)s has or was offered the role %(role)s%(where)s already."),
    }
    where = f" ({organisation.name}, {organisation.number})" if organisation else ""
    return sentences[added.membership] % {"email": email, "role": role.label, "where": where}
