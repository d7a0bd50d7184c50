"""Pseudonyms of cases in the lists for the Inspectorate: random, given once, the same ever after."""

import secrets
from collections.abc import Collection

from django.db import transaction

from common.arrays import among
from reports.models import Pseudonym

#: No vowels, so no words; no 0, 1 and such that are taken for each other.
LETTERS, SIGNS, LENGTH = "BCDFGHJKMNPQRSTVWXZ", "23456789BCDFGHJKMNPQRSTVWXZ", 8

#: A code that was given already is drawn again; so often it never happens.
TRIES = 5


def pseudonyms_of(cases: Collection[int], *, partnership_id: int) -> dict[int, str]:
    """The pseudonyms of these cases of a partnership, by their keys; makes those that have none yet.

    Two who make the same at once get the same: the database keeps the first, and both read what it kept.
    """
    known = _known(cases)
    for _try in range(TRIES):
        missing = sorted(key for key in set(cases) if key not in known)
        if not missing:
            return known
        with transaction.atomic():
            made = [Pseudonym(case_id=key, partnership_id=partnership_id, code=new_code()) for key in missing]
            Pseudonym.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)
        known |= _known(missing)
    raise RuntimeError("No pseudonym was free.")


def new_code() -> str:
    """A random code that begins with a letter: a spreadsheet does not take it for a number."""
    return secrets.choice(LETTERS) + "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))


def _known(cases: Collection[int]) -> dict[int, str]:
    found = Pseudonym.objects.filter(case__in=among(cases)).values_list("case_id", "code")
    return dict(found)
