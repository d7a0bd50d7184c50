import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import demo
from accounts.models import User
from accounts.queries import demo_organisations, user_with_address
from accounts.roles import Role
from accounts.services.console import add_member
from common import dates
from common.registry import collect
from schools.models import Organisation


class Command(BaseCommand):
    help = "Makes the accounts of the demo, one for each role. Import demo/organisations.csv first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("These accounts have a password that everybody knows: only for a demo.")
        places = demo_organisations()
        if missing := [role for role in Role if role not in places]:
            raise CommandError(f"Import demo/organisations.csv first: nowhere to put {', '.join(missing)}.")
        with transaction.atomic():
            people = {role: _make(role, places[role]) for role in Role}
            collect("load_demo", people)  # what higher rooms add: cases that are shared with these people
        if options["json"]:
            rows = [_row(role, places[role]) for role in Role]
            self.stdout.write(json.dumps({"password": demo.PASSWORD, "accounts": rows}))
        else:
            self._print(places)

    def _print(self, places: dict[Role, Organisation | None]) -> None:
        rows = [_row(role, places[role]) for role in Role]
        width = max(len(row["email"]) for row in rows)
        for row in rows:
            self.stdout.write(f"{row['email']:<{width}}  {row['organisation']}")
        self.stdout.write(f"Password of all: {demo.PASSWORD}")


def _make(role: Role, organisation: Organisation | None) -> User:
    email = demo.address(role)
    add_member(
        email=email,
        role=role,
        organisation=organisation,
        name=demo.NAMES[role],
        password=demo.PASSWORD,
        at=dates.now(),
    )
    user = user_with_address(email)
    assert user is not None  # noqa: S101  # just made
    return user


def _row(role: Role, organisation: Organisation | None) -> dict[str, str]:
    return {"email": demo.address(role), "role": role.value, "organisation": str(organisation or "")}
