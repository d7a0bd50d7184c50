import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.demo import DEMO_PASSWORD, DemoAccount, demo_accounts
from accounts.models import User
from accounts.queries import demo_organisations, user_with_address
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
        places, accounts = demo_organisations(), demo_accounts()
        if missing := [account.role.value for account in accounts if account.role not in places]:
            raise CommandError(f"Import demo/organisations.csv first: no place for {', '.join(missing)}.")
        with transaction.atomic():
            people = {account.role: _make(account, places[account.role]) for account in accounts}
            collect("load_demo", people)  # what higher rooms add: cases that are shared with these people
        rows = [_row(account, places[account.role]) for account in accounts]
        if options["json"]:
            self.stdout.write(json.dumps({"password": DEMO_PASSWORD, "accounts": rows}))
        elif options["verbosity"]:
            width = max(len(row["email"]) for row in rows)
            for row in rows:
                self.stdout.write(f"{row['email']:<{width}}  {row['organisation']}".rstrip())
            self.stdout.write(f"Password of all: {DEMO_PASSWORD}")


def _make(account: DemoAccount, organisation: Organisation | None) -> User:
    add_member(
        email=account.email,
        role=account.role,
        organisation=organisation,
        name=account.name,
        password=DEMO_PASSWORD,
        at=dates.now(),
    )
    user = user_with_address(account.email)
    if user is None:
        raise CommandError(f"{account.email} was not made.")
    return user


def _row(account: DemoAccount, organisation: Organisation | None) -> dict[str, str]:
    return {"email": account.email, "role": account.role.value, "organisation": str(organisation or "")}
