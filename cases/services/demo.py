"""What people did on the cases of the demo, so that each demo account has something to look at.

Through the same services as everybody, dated back some days. Called by `manage.py load_demo`, in demo mode
only.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from accounts.models import User
from accounts.roles import Role
from cases.enums import ArrangementKind, ContactHow, HeardHow, NoteKind, RemoteForm, State
from cases.models import Case
from cases.queries.partners import partners_for
from cases.queries.visibility import open_cases_visible_to
from cases.services import lifecycle, participation, planning, work
from common.dates import months_after, now, today
from schools.models import CareKind, CarePartner

WEEK = dt.timedelta(days=7)
#: One in so many cases has no lead yet, one in so many no word on how it goes.
LEFT_WITHOUT_LEAD, LEFT_WITHOUT_PROGRESS = 20, 15
HEARD = planning.Heard(
    how=HeardHow.TALK,
    said="Ik wil graag terug, maar liever niet meteen alle dagen.",
    done_with="Er is met twee ochtenden begonnen.",
)


def work_on_cases(people: Mapping[str, User]) -> None:
    """Once: where somebody of the demo leads a case already, it was done before."""
    manager, coordinator = people[Role.CASE_MANAGER], people[Role.COORDINATOR]
    if manager.led_cases.exists():
        return
    on, at = today(), now()
    everything = list(open_cases_visible_to(manager).with_list_facts().order_by("-signalled_on", "pk"))
    for number, case in enumerate(everything):
        if number % LEFT_WITHOUT_LEAD:
            lifecycle.assign_lead(case=case, lead=manager, by=manager, at=at, on=on)
        if number % LEFT_WITHOUT_PROGRESS:
            _progress(case, manager, at=at, on=on)
    own = open_cases_visible_to(coordinator).with_list_facts().order_by("-signalled_on", "pk")
    cases = list(own[:24])
    by_state = {state: [case for case in cases if case.state == state] for state in State.values}
    for case in by_state[State.ARRANGEMENT][:2]:
        _arrangement(case, coordinator, at=at, on=on)
    for case in by_state[State.REMOTE_EDUCATION][:2]:
        _remote_plan(case, coordinator, at=at, on=on)
    for case in by_state[State.RETURN][:2]:
        _return_plan(case, coordinator, at=at, on=on)
    for number, case in enumerate(cases[:8]):
        _work(case, coordinator, manager, number, at=at, on=on)
    for number, case in enumerate(cases[1:5]):
        _share(case, people, accepted=number < 3, at=at, on=on)


def _heard(on: dt.date) -> planning.Heard:
    return planning.Heard(heard_on=on - WEEK, how=HEARD.how, said=HEARD.said, done_with=HEARD.done_with)


def _progress(case: Case, by: User, *, at: dt.datetime, on: dt.date) -> None:
    work.add_note(
        case=case,
        kind=NoteKind.NOTE,
        noted_on=on,
        text="Besproken met school en ouders. De volgende stap is afgesproken.",
        is_progress=True,
        by=by,
        at=at,
        on=on,
    )


def _arrangement(case: Case, by: User, *, at: dt.datetime, on: dt.date) -> None:
    fields = {
        "arrangement_kind": ArrangementKind.SUPPORT,
        "goal": "Twee ochtenden per week in de klas, met een vaste begeleider.",
        "responsible": case.site.organisation if case.site else case.partnership.organisation,
        "agreed_on": on - WEEK,
        "start": on - WEEK,
        "end": months_after(on, 3),
        "evaluate_on": on + dt.timedelta(days=3),
    }
    planning.add_arrangement(case=case, fields=fields, heard=_heard(on), by=by, at=at, on=on)


def _remote_plan(case: Case, by: User, *, at: dt.datetime, on: dt.date) -> None:
    fields = {
        "form": RemoteForm.HYBRID,
        "hours_a_week": Decimal(12),
        "teacher": "Mentor van de klas",
        "start": on - 3 * WEEK,
        "evaluate_on": on - dt.timedelta(days=2),
    }
    planning.add_remote_plan(case=case, fields=fields, heard=_heard(on), by=by, at=at, on=on)


def _return_plan(case: Case, by: User, *, at: dt.datetime, on: dt.date) -> None:
    if case.site is None:
        return
    steps = [
        planning.Step("Twee ochtenden, rustige plek", Decimal(6), on - WEEK),
        planning.Step("Vier ochtenden", Decimal(12), on + 2 * WEEK),
        planning.Step("Alle lessen", Decimal(25), on + 6 * WEEK),
    ]
    fields = {"receiving_school": case.site, "start": on - WEEK, "evaluate_on": on + 2 * WEEK}
    planning.add_return_plan(case=case, fields=fields, steps=steps, heard=_heard(on), by=by, at=at, on=on)


def _work(case: Case, by: User, manager: User, number: int, *, at: dt.datetime, on: dt.date) -> None:
    earlier = on - dt.timedelta(days=2 * number)
    work.add_note(
        case=case,
        kind=NoteKind.CONTACT,
        noted_on=max(earlier, case.first_day_absent),
        with_whom="Ouders",
        how=ContactHow.PHONE,
        text="Gebeld over hoe het thuis gaat. Volgende week een gesprek op school.",
        is_progress=number % 2 == 0,
        shared=number % 3 == 0,
        by=by,
        at=at,
        on=on,
    )
    work.add_action(
        case=case,
        what=("Gesprek met ouders plannen", "Rooster voor de opbouw maken", "Advies van de jeugdarts vragen")[
            number % 3
        ],
        owner=(by, manager)[number % 2],
        deadline=on + dt.timedelta(days=number - 2),
        by=by,
        at=at,
        on=min(on, on + dt.timedelta(days=number - 2)),
    )


def _share(case: Case, people: Mapping[str, User], *, accepted: bool, at: dt.datetime, on: dt.date) -> None:
    """Lets the care partner and the attendance office of the demo in; the last one has not answered yet."""
    by = people[Role.COORDINATOR]
    for role in (Role.CARE_WORKER, Role.ATTENDANCE_OFFICER):
        places = people[role].memberships.values("organisation")
        partner: CarePartner | None = partners_for(case).filter(pk__in=places).first()
        if partner is None:
            continue
        purpose = (
            "Leerplicht"
            if partner.kind == CareKind.ATTENDANCE
            else "Hulp thuis en op school op elkaar afstemmen"
        )
        invited = participation.invite(
            case=case, partner=partner, purpose=purpose, ends_on=months_after(on, 6), by=by, at=at, on=on
        )
        if accepted:
            participation.accept(participation=invited, by=people[role], at=at, on=on)
