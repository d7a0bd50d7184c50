"""The reports of the demo: issued for some months, and a draft of the last one.

Through the same services as everybody, as known on the first working day after each month. Called by
`manage.py load_demo`, in demo mode only.
"""

import datetime as dt
from collections.abc import Mapping

from accounts.models import User
from accounts.roles import Role
from common.dates import now, start_of, today
from reports import access
from reports.enums import Definition
from reports.models import Version
from reports.queries.versions import seal_of
from reports.rules.periods import month_of, months_up_to
from reports.rules.timetable import first_working_day
from reports.services.versions import correct, issue, make_draft

#: So many months before the last one were issued.
ISSUED = 4
COMMENT = "Aantallen volgens de definitie van het ministerie, afgestemd met de leerplicht."
CORRECTION = "Gecorrigeerd na meldingen die later binnenkwamen."


def issue_reports(people: Mapping[str, User]) -> None:
    """Once: where the partnership of the demo has reports already, they were made before."""
    by = people[Role.REPORTER]
    partnership = access.partnerships_reported_by(by).first()
    if partnership is None or Version.objects.filter(partnership=partnership).exists():
        return
    on = today()
    issued = []
    for month in months_up_to(month_of(on).before, ISSUED + 1):
        day = first_working_day(month.after)
        at = min(start_of(day) + dt.timedelta(hours=10), now())
        draft = make_draft(
            partnership=partnership, period=month, definition=Definition.D2, by=by, at=at, on=on
        )
        if month.last < month_of(on).before.first:
            issued.append(_issue(draft, COMMENT, by=by, at=at))
    if issued:
        _issue(correct(version_id=issued[-1].pk, by=by, at=now()), CORRECTION, by=by, at=now())


def _issue(draft: Version, comment: str, *, by: User, at: dt.datetime) -> Version:
    return issue(version_id=draft.pk, mark=seal_of(draft), comment=comment, by=by, at=at)
