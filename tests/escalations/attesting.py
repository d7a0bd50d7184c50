"""What the tests of attestations share: schools that were there long before, and the day of the question."""

import datetime as dt
from typing import Any

from accounts.models import User
from common.dates import start_of
from escalations.models import Attestation
from escalations.services.attestations import attest
from schools.models import Organisation
from tests.cast import Cast, fresh

ROUND = dt.date(2026, 12, 15)
EARLIER = dt.date(2026, 9, 15)
LATE = dt.date(2026, 12, 18)


def ask_all() -> None:
    """Every organisation was there before the round of September."""
    Organisation.objects.update(added_on=dt.date(2026, 8, 1))


def answer(cast: Cast, by: User, counted: int, *, on: dt.date = ROUND, **given: Any) -> Attestation:
    """The school of the cast to its partnership, unless another one is given."""
    asked = {"school": cast.school, "partnership": cast.swv, "round": ROUND, **given}
    return attest(counted=counted, by=fresh(by), at=start_of(on) + dt.timedelta(hours=9), on=on, **asked)
