"""The sweep against a slow model of it, over weeks in which all kinds of things happen in no order."""

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from cases.enums import BACK_AT_SCHOOL, Offer, State
from cases.models import Action, Case, Participation, Plan
from cases.services import correction, facts, lifecycle, participation, planning, work
from cases.services.intake import ExemptionGiven
from cases.services.planning import Heard, Step
from common.dates import start_of
from common.errors import DomainError
from escalations.models import Attestation, Reminder, RuleSetting
from escalations.rules import RULES
from escalations.services import sweep
from escalations.services.sweep import Tally, sweep_partnership
from schools.models import FreePeriod, Region, SchoolSite
from tests.escalations.oracle import Oracle, Row, Told, in_database
from tests.factories.accounts import member
from tests.factories.cases import make_case
from tests.factories.schools import CarePartnerFactory, PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
WEEKS = 9
HEARD = Heard(why_not="Nog niet gesproken")


def as_told(tally: Tally) -> Told:
    return Told(tally.open_cases, tally.due, tally.cancelled, tally.by_rule)


class World:
    """A small partnership, in which something happens."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.on = dt.date(2026, 1, 5) + dt.timedelta(days=self.dice.randrange(500))
        region = self.dice.choice(("", *Region.values))
        self.swv = PartnershipFactory(region=region)
        self.sites = [
            SchoolSiteFactory(
                partnerships=[self.swv], region=self.dice.choice(("", *Region.values)), sector=sector
            )
            for sector in ("bo", "vo")
        ]
        for site in self.sites:
            site.school.organisation.added_on = self.on - self.dice.choice((-30, 0, 10, 200)) * DAY
            site.school.organisation.save()
        self.manager: User = member(None, Role.CASE_MANAGER, self.swv.organisation)
        self.partners = [CarePartnerFactory(partnerships=[self.swv]) for _ in range(4)]
        self.oracle = Oracle(self.swv)
        self.minutes = 0
        for _ in range(3):
            self.new_case()

    # --- What happens

    def happen(self) -> None:
        """Something; what the product refuses does not happen."""
        what: Callable[[], None] = self.dice.choice(EVENTS)
        try:
            what(self)
        except DomainError:
            return

    @property
    def at(self) -> dt.datetime:
        self.minutes += 1
        return start_of(self.on) + dt.timedelta(hours=8, minutes=self.minutes % 600)

    @property
    def about(self) -> dict[str, Any]:
        return {"by": self.manager, "at": self.at, "on": self.on}

    def day(self, first: int, last: int) -> dt.date:
        return self.on + self.dice.randint(first, last) * DAY

    def case(self) -> Case:
        """An open case, more often than not."""
        cases = list(Case.objects.filter(partnership=self.swv).order_by("pk"))
        return self.dice.choice([*cases, *(case for case in cases if case.state != State.CLOSED)])

    def new_case(self) -> None:
        if Case.objects.filter(partnership=self.swv).count() >= 7:
            return
        signalled = self.day(-30, 0)
        make_case(
            partnership=self.swv,
            site=self.dice.choice([*self.sites, None]),
            on=self.on,
            signalled_on=signalled,
            first_day_absent=signalled - self.dice.randint(0, 60) * DAY,
            at=self.at,
        )

    def note(self) -> None:
        work.add_note(
            case=self.case(),
            kind="notitie",
            noted_on=self.day(-9, 0),
            text="x",
            is_progress=True,
            **self.about,
        )

    def action(self) -> None:
        work.add_action(case=self.case(), what="x", owner=self.manager, deadline=self.day(0, 9), **self.about)

    def finish(self) -> None:
        for action in Action.objects.filter(state="open", case__partnership=self.swv).order_by("pk")[:1]:
            work.finish_action(
                action=action, case=action.case, state="gedaan", result="x", by=self.manager, at=self.at
            )

    def invite(self) -> None:
        partner = self.dice.choice(self.partners)
        participation.invite(
            case=self.case(), partner=partner, purpose="x", ends_on=self.day(3, 60), **self.about
        )

    def revoke(self) -> None:
        rows = Participation.objects.filter(state="uitgenodigd", case__partnership=self.swv).order_by("pk")
        for row in rows[:1]:
            participation.revoke(participation=row, case=row.case, by=self.manager, at=self.at)

    def plan(self) -> None:
        case, start = self.case(), self.day(-60, 10)
        fields: dict[str, Any] = {
            "start": start,
            "end": self.dice.choice((None, start + self.dice.randint(5, 150) * DAY)),
            "evaluate_on": self.dice.choice((None, self.day(-5, 30))),
        }
        kind = self.dice.randrange(3)
        if kind == 0:
            fields |= {"arrangement_kind": "maatwerk", "goal": "x", "agreed_on": self.on}
            fields["responsible"] = self.sites[0].school.organisation
            planning.add_arrangement(case=case, fields=fields, heard=HEARD, **self.about)
        elif kind == 1:
            fields |= {"form": "hybride", "hours_a_week": Decimal(8), "teacher": "x"}
            planning.add_remote_plan(case=case, fields=fields, heard=HEARD, **self.about)
        else:
            fields["receiving_school"] = self.sites[0]
            steps = [Step("x", Decimal(6))]
            planning.add_return_plan(case=case, fields=fields, steps=steps, heard=HEARD, **self.about)

    def evaluate(self) -> None:
        for plan in self._a_plan():
            planning.evaluate(
                plan=plan,
                case=plan.case,
                evaluated_on=self.day(-3, 0),
                result=self.dice.choice(("doorgaan", "bijstellen", "stoppen")),
                note="x",
                next_on=self.day(1, 30),
                **self.about,
            )

    def end_plan(self) -> None:
        for plan in self._a_plan():
            planning.end_plan(
                plan=plan, case=plan.case, ended_on=self.day(-2, 0), reason="x", by=self.manager, on=self.on
            )

    def _a_plan(self) -> list[Plan]:
        plans = list(Plan.objects.filter(case__partnership=self.swv, ended_on=None).order_by("pk"))
        return [self.dice.choice(plans)] if plans else []

    def move(self) -> None:
        button = self.dice.choice(
            (lifecycle.agree_arrangement, lifecycle.start_remote_education, lifecycle.start_return)
        )
        button(case=self.case(), **self.about)

    def close(self) -> None:
        destination = self.dice.choice(("verhuisd-nl", "eigen-school"))
        closing = lifecycle.Closing(
            destination=destination, reason="x" if destination in BACK_AT_SCHOOL else ""
        )
        lifecycle.close(case=self.case(), closing=closing, **self.about)

    def reopen(self) -> None:
        lifecycle.reopen(case=self.case(), reason="x", first_day_absent=self.day(-5, 0), **self.about)

    def lead(self) -> None:
        lifecycle.assign_lead(case=self.case(), lead=self.dice.choice((None, self.manager)), **self.about)

    def correct(self) -> None:
        case = self.case()
        changes = self.dice.choice(
            (
                {"first_day_absent": case.first_day_absent + self.dice.randint(-3, 3) * DAY},
                {"first_day_absent": case.first_day_absent + self.dice.choice((-3, 3)) * DAY},
                {"signalled_on": case.signalled_on + self.dice.randint(-3, 0) * DAY},
                {"back_on": self.dice.choice((None, self.day(-3, 3)))},
                {"offer": self.dice.choice(Offer.values), "offer_since": self.day(-3, 3)},
                {"site": self.dice.choice(self.sites)},
            )
        )
        correction.correct(case=case, changes=changes, **self.about)

    def there_and_back(self) -> None:
        """A date moves for a day or two, and moves back."""
        case = self.case()
        before = case.first_day_absent
        for first_day in (before - self.dice.choice((-2, 2, 9)) * DAY, before):
            correction.correct(case=case, changes={"first_day_absent": first_day}, **self.about)
            case = Case.objects.get(pk=case.pk)
            self.sweep()

    def exempt(self) -> None:
        case = self.case()
        start = self.dice.choice((None, self.day(-20, 20)))
        end = self.dice.choice((None, (start or self.on) + self.dice.randint(0, 120) * DAY))
        given = ExemptionGiven(self.dice.choice(("5a", "5b")), start, end)
        facts.add_exemption(case, given, by=self.manager, at=self.at)

    def exempt_no_more(self) -> None:
        case = self.case()
        for exemption in case.exemption_rows.filter(known_until=None).order_by("pk")[:1]:
            facts.replace_exemption(exemption, None, case=case, by=self.manager, at=self.at)

    def rule(self) -> None:
        code = self.dice.choice([code for code in RULES if code != "R22"])
        sector = self.dice.choice(("", "", "bo"))
        rule, at = RULES[code], self.at
        RuleSetting.objects.filter(partnership=self.swv, sector=sector, rule=code, replaced_at=None).update(
            replaced_at=at
        )
        if self.dice.random() < 0.4:
            return  # as the contract has it
        RuleSetting.objects.create(
            partnership=self.swv,
            sector=sector,
            rule=code,
            active=self.dice.random() < 0.7,
            threshold=rule.threshold.number + self.dice.randint(-4, 4),
            repeat=self.dice.choice((None, 3, 7)),
            recipients="case_manager",
            changed_at=at,
            changed_by=self.manager,
        )

    def free_days(self) -> None:
        site: SchoolSite = self.dice.choice(self.sites)
        first = self.day(-10, 20)
        FreePeriod.objects.get_or_create(
            organisation=site.school.organisation,
            kind=self.dice.choice(("vrij", "vakantie")),
            first_day=first,
            last_day=first + self.dice.randint(0, 3) * DAY,
            defaults={"name": "x"},
        )
        self.oracle.forget_calendars()

    def attest(self) -> None:
        for row in Reminder.objects.filter(partnership=self.swv, rule="R15", state="open").order_by("pk")[:1]:
            Attestation.objects.get_or_create(
                partnership=self.swv,
                school_id=row.object_id,
                round=row.counts_from,
                defaults={"open_cases": 0, "answered_at": self.at, "answered_by": self.manager},
            )

    # --- What people do about reminders

    def tell(self) -> None:
        for _, row, stored in self._some(3):
            row.told = True
            stored.update(told_at=self.at)

    def done(self) -> None:
        for _, row, stored in self._some(1):
            row.state, row.told = "done", True
            stored.update(state="done", ended_at=self.at, told_at=self.at)

    def not_applicable(self) -> None:
        for _, row, stored in self._some(1):
            row.state, row.told = "not_applicable", True
            stored.update(state="not_applicable", ended_at=self.at, told_at=self.at)

    def postpone(self) -> None:
        for _, row, stored in self._some(2):
            row.state, row.postponed_until, row.told = "postponed", self.day(1, 10), True
            stored.update(state="postponed", postponed_until=row.postponed_until, told_at=self.at)

    def _some(self, most: int) -> list[tuple[Any, Row, Any]]:
        pending = [(pair, row) for pair, row in self.oracle.pending() if row.due_on <= self.on]
        chosen = self.dice.sample(pending, min(most, len(pending)))
        return [
            (
                (rule, about, object_id),
                row,
                Reminder.objects.filter(
                    partnership=self.swv, rule=rule, about=about, object_id=object_id, due_on=row.due_on
                ),
            )
            for (rule, about, object_id), row in chosen
        ]

    # --- And the sweep

    def sweep(self, on: dt.date | None = None) -> None:
        """Sweeps, and holds what came of it against the model."""
        on, at, before = on or self.on, self.at, in_database(self.swv)
        every_way = self.dice.random() < 0.4
        if every_way:
            tried = as_told(sweep_partnership(self.swv.pk, on=on, at=at, dry_run=True))
            assert in_database(self.swv) == before
        swept = as_told(sweep_partnership(self.swv.pk, on=on, at=at))
        expected = self.oracle.sweep(on)
        found = in_database(self.swv)
        assert found == self.oracle.as_rows()
        assert swept == expected
        assert len(found) - len(before) == swept.by_rule.total()
        if every_way:
            assert tried == expected
            again = as_told(sweep_partnership(self.swv.pk, on=on, at=at))
            assert again == Told(expected.open_cases, expected.due)
            assert in_database(self.swv) == found
        pending = [pair for pair, row in self.oracle.pending() if row.due_on <= on]
        assert len(pending) == len(set(pending))


EVENTS = (
    World.new_case, World.note, World.action, World.action, World.finish, World.invite, World.revoke,
    World.plan, World.plan, World.plan, World.evaluate, World.end_plan, World.move, World.move, World.close,
    World.reopen, World.lead, World.correct, World.correct, World.correct, World.there_and_back, World.exempt,
    World.exempt_no_more, World.rule, World.rule, World.rule, World.free_days, World.attest, World.tell,
    World.tell, World.tell, World.done, World.not_applicable, World.postpone, World.postpone,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_weeks_in_which_anything_happens(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some days without a sweep, some with the clock a year ahead for a moment; three cases a chunk."""
    monkeypatch.setattr(sweep, "CHUNK", 3)
    world = World(seed)
    for _ in range(WEEKS * 7):
        for _ in range(world.dice.choice((0, 1, 2, 3))):
            world.happen()
        if world.dice.random() < 0.6:
            world.sweep()
        if world.dice.random() < 0.02:
            world.sweep(world.on + 365 * DAY)
        world.on += DAY
    assert Reminder.objects.count() > 50
