from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.second_factor import rotate_secrets


class Command(BaseCommand):
    help = "After a change of SECRET_KEY: encrypts the secrets of second factors with the new key."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rotate_secrets()} secrets are encrypted with the new key.")
