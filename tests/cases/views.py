"""What the tests of the pages of a case share: the day, who looks, and a file with everything in it."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import Action, Case, Plan
from cases.services import facts, lifecycle, planning, work
from cases.services.intake import ExemptionGiven
from cases.services.planning import Heard, Step
from tests.cast import NOW, TODAY, Cast, fresh

YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)
HEARD = Heard(heard_on=YESTERDAY, how="gesprek", said="Stem van de leerling", done_with="Mee aan de slag")


@pytest.fixture
def on_the_day() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def client_of(cast: Cast, name: str) -> Client:
    """The browser of somebody of the cast, in English."""
    user = cast.people[name]
    type(user).objects.filter(pk=user.pk).update(language="en")
    client = Client()
    client.force_login(fresh(user))
    return client


def address(case: Case, part: str = "") -> str:
    return f"/dossiers/{case.number}/{part}"


def text_of(response: Any) -> str:
    """What a page says: without markup, on one line."""
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def hidden_of(response: Any) -> dict[str, str]:
    """The hidden fields of the form on a page, as a browser would send them back."""
    return {
        name: str(response.context["form"][name].value())
        for name in ("token", "seen_state", "seen")
        if name in response.context["form"].fields
    }


def add_arrangement(cast: Cast, case: Case, *, heard: Heard | None = HEARD, **fields: Any) -> Plan:
    given = {
        "arrangement_kind": "maatwerk",
        "goal": "Doel van het arrangement",
        "responsible": cast.school.organisation,
        "agreed_on": YESTERDAY,
        "start": YESTERDAY,
        "evaluate_on": TOMORROW,
        **fields,
    }
    return planning.add_arrangement(
        case=case, fields=given, heard=heard, by=cast.people["case_manager"], at=NOW, on=TODAY
    )


def add_return_plan(cast: Cast, case: Case, *, heard: Heard | None = HEARD) -> Plan:
    return planning.add_return_plan(
        case=case,
        fields={"receiving_school": cast.site, "start": YESTERDAY, "evaluate_on": TOMORROW},
        steps=[Step("Twee ochtenden", Decimal("6.0"), YESTERDAY)],
        heard=heard,
        by=cast.people["case_manager"],
        at=NOW,
        on=TODAY,
    )


def add_remote_plan(cast: Cast, case: Case, *, heard: Heard | None = HEARD) -> Plan:
    return planning.add_remote_plan(
        case=case,
        fields={
            "form": "hybride", "hours_a_week": Decimal("8.0"), "teacher": "Meester Klaas",
            "start": YESTERDAY, "evaluate_on": TOMORROW,
        },
        heard=heard, by=cast.people["case_manager"], at=NOW, on=TODAY,
    )  # fmt: skip


def add_action(
    cast: Cast, case: Case, what: str, *, owner: str, by: str = "", deadline: dt.date = TOMORROW
) -> Action:
    return work.add_action(
        case=case,
        what=what,
        owner=cast.people[owner],
        deadline=deadline,
        by=cast.people[by or owner],
        at=NOW,
        on=TODAY,
    )


def add_note(
    cast: Cast, case: Case, text: str, *, by: str, kind: str = "notitie", shared: bool = False
) -> None:
    work.add_note(
        case=case, kind=kind, noted_on=TODAY, text=text, by=cast.people[by], at=NOW, on=TODAY, shared=shared
    )


def fill(cast: Cast, case: Case) -> None:
    """Everything that a file can hold, each with words of its own by which a test recognises it."""
    manager = cast.people["case_manager"]
    lifecycle.assign_lead(case=case, lead=manager, by=manager, at=NOW, on=TODAY)
    add_arrangement(cast, case, evaluate_on=YESTERDAY)
    add_note(cast, case, "Notitie van de school", by="coordinator")
    add_note(cast, case, "Gedeelde notitie van de school", by="coordinator", shared=True)
    add_note(cast, case, "Notitie van de zorg", by="care_worker")
    add_note(cast, case, "Zorgnotitie zelf", by="care_worker", kind="zorg")
    add_note(cast, case, "Notitie van leerplicht", by="attendance_officer")
    add_action(cast, case, "Actie van de school", owner="coordinator")
    add_action(cast, case, "Actie van de zorg", owner="care_worker")
    add_action(cast, case, "Actie van leerplicht", owner="attendance_officer")
    locked = Case.objects.get(pk=case.pk)
    later = NOW + dt.timedelta(minutes=1)
    facts.correct(locked, {"reasons": "GEZIN", "extent": "gedeeltelijk"}, by=manager, at=later)
    facts.add_exemption(locked, ExemptionGiven("5a", YESTERDAY, None), by=manager, at=NOW)
