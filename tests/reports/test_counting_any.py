"""The figures against a slow count, day by day, of cases to which all kinds of things happen in no order.

`COUNTING_EXAMPLES=5000` counts longer.
"""

import datetime as dt
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.models import User
from accounts.roles import Role
from cases.enums import Article, Authorised, Destination, Extent, Offer, Reason, Source, State
from cases.models import Case
from cases.rules import Threshold
from cases.services import correction, facts, lifecycle
from cases.services.intake import ExemptionGiven, insert
from cases.services.register import import_register
from common.dates import end_of, start_of
from common.errors import DomainError
from reports.enums import Definition
from reports.queries.counting import cases_of_partnership, figures_by_period, lines_of
from reports.rules.figures import Figures, Middle, figures_of
from reports.rules.periods import Period, month_of
from reports.rules.selection import Selection
from schools.models import Partnership
from tests.factories.accounts import member
from tests.factories.cases import make_intake
from tests.factories.register import row, write_register
from tests.factories.schools import MunicipalityFactory, PartnershipFactory, SchoolFactory, SchoolSiteFactory
from tests.reports.slow import BY, SlowFigures, SlowThreshold, Tables, middle, slow_figures

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("COUNTING_EXAMPLES", "40"))
DAY = dt.timedelta(days=1)
BEGINS = dt.date(2026, 1, 1)
DESTINATIONS = sorted(set(Destination.values) - {Destination.MISTAKEN})

OF_SPELL = (
    "eerste_verzuimdag", "gemeld_op", "afgesloten_op", "bestemming", "teruggekeerd_op", "arrangement_op",
    "afstand_op", "terugkeer_op",
)  # fmt: skip


class Stage:
    """Where it happens: a partnership with two schools and two municipalities, and who works there."""

    def __init__(self, folder: Path) -> None:
        self.swv: Partnership = PartnershipFactory(number="PO3006")
        self.towns = [MunicipalityFactory(number=number) for number in ("0599", "0363")]
        self.sites = [
            SchoolSiteFactory(
                school=SchoolFactory(number=number[:4]), number=number, sector=sector, partnerships=[self.swv]
            )
            for number, sector in (("05AB01", "bo"), ("06CD01", "vo"))
        ]
        self.manager: User = member(None, Role.CASE_MANAGER, self.swv.organisation)
        self.file = folder / "register.csv"


@pytest.fixture
def stage(db: None, tmp_path: Path) -> Stage:
    return Stage(tmp_path)


class World:
    """What happens, a step at a time."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.stage, self.dice = stage, dice
        self.begins = self.on = BEGINS + dice.randint(0, 400) * DAY
        self.minutes = 0
        self.moments: list[dt.datetime] = []
        self.rows: dict[str, dict[str, str]] = {}

    def live(self, steps: int) -> None:
        self.new_case()
        self.new_case()
        for _ in range(steps):
            self.on += self.dice.choice((0, 0, 1, 5, 28, 29, 40, 90)) * DAY
            what: Callable[[World], None] = self.dice.choice(EVENTS)
            for _attempt in range(4):
                try:
                    with transaction.atomic():
                        what(self)
                    break
                except DomainError:
                    continue

    @property
    def at(self) -> dt.datetime:
        self.minutes += 1
        moment = start_of(self.on) + dt.timedelta(hours=8, minutes=self.minutes)
        self.moments.append(moment)
        return moment

    def ago(self, most: int) -> dt.date:
        return self.on - self.dice.choice((0, 1, 27, 28, 29, self.dice.randint(0, most))) * DAY

    def case(self, *, is_open: bool = True) -> Case:
        """One that is open, or one that is closed; where there is none another one."""
        cases = list(Case.objects.filter(partnership=self.stage.swv).order_by("pk"))
        return self.dice.choice([case for case in cases if case.is_open == is_open] or cases)

    def born(self) -> dt.date:
        """Often on the edge of school age."""
        edge = self.on + self.dice.randint(-40, 60) * DAY
        years = self.dice.choice((5, 18, 12, 12, 12))
        leap = self.dice.random() < 0.05
        return dt.date(2008, 2, 29) if leap else (edge - years * 365 * DAY - dt.timedelta(days=years // 4))

    def facts(self) -> dict[str, Any]:
        """What is so of a pupil, most often at home without leave."""
        pick = self.dice.choice
        return {
            "extent": pick((Extent.FULL, Extent.FULL, Extent.FULL, Extent.PARTIAL)),
            "authorised": pick((Authorised.NO, Authorised.NO, *Authorised.values)),
            "ill": pick((None, True, False)),
            "can_attend_partly": pick((None, True, False)),
            "birth_date": self.born(),
            "year_group": pick((None, 1, 8)),
            "sector": pick(("bo", "vo")),
        }

    def exemption(self) -> ExemptionGiven:
        begins = self.dice.choice((None, self.on + self.dice.randint(-60, 30) * DAY))
        ends = self.dice.choice((None, (begins or self.on) + self.dice.randint(-2, 60) * DAY))
        return ExemptionGiven(self.dice.choice(("5a", "5a", *Article.values)), begins, ends)

    def reasons(self) -> tuple[str, ...]:
        return tuple(self.dice.sample(Reason.values, self.dice.randint(0, 2)))

    def spell(self) -> dict[str, Any]:
        """The days of a time at home, perhaps over already."""
        first = self.ago(120)
        signalled = first + self.dice.randint(0, (self.on - first).days) * DAY
        days = {"first_day_absent": first, "signalled_on": signalled}
        if self.dice.random() < 0.3:
            closed = signalled + self.dice.randint(0, (self.on - signalled).days) * DAY
            days |= {"closed_on": closed, "destination": self.dice.choice(Destination.values)}
        until = days.get("closed_on", self.on)
        if until > first and self.dice.random() < 0.3:
            days["back_on"] = first + self.dice.randint(1, (until - first).days) * DAY
        return days

    def states(self, spell: dict[str, Any]) -> tuple[tuple[State, dt.date], ...]:
        """Some of them, in their order, between the signal and the closing."""
        begins, ends = spell["signalled_on"], spell.get("closed_on", self.on)
        chosen = [
            it for it in (State.ARRANGEMENT, State.REMOTE_EDUCATION, State.RETURN) if self.dice.random() < 0.3
        ]
        days = sorted(begins + self.dice.randint(0, (ends - begins).days) * DAY for _ in chosen)
        return tuple(zip(chosen, days, strict=True))

    # --- What happens

    def new_case(self) -> None:
        if Case.objects.filter(partnership=self.stage.swv).count() > 3:
            return
        site = self.dice.choice((*self.stage.sites, None))
        enrolled = site is not None and self.dice.random() < 0.7
        offer = self.dice.choice(("", *Offer.values))
        imported = self.dice.random() < 0.5
        intake = make_intake(
            partnership=self.stage.swv,
            site=site,
            enrolled=enrolled,
            municipality_id=self.dice.choice(self.stage.towns).pk,
            exemption=self.exemption() if self.dice.random() < 0.2 else None,
            offer=offer,
            offer_since=self.ago(50) if self.dice.random() < 0.7 else None,
            reasons=self.reasons(),
            **self.facts(),
            **(spell := self.spell()),
            states=self.states(spell),
        )
        insert([intake], by=None, at=self.at, source=Source.IMPORT if imported else Source.APPLICATION)

    def correct(self) -> None:
        case, pick = self.case(), self.dice.choice
        named = [
            *self.facts().items(),
            ("enrolled", pick((True, False))),
            ("municipality", pick(self.stage.towns)),
            ("reasons", " ".join(self.reasons())),
            ("offer", pick(("", *Offer.values))),
            ("offer_since", pick((None, self.ago(50)))),
            ("first_day_absent", case.first_day_absent + self.dice.randint(-30, 30) * DAY),
            ("first_day_absent", case.first_day_absent + self.dice.randint(-3, 3) * DAY),
            ("signalled_on", case.signalled_on + self.dice.randint(-5, 5) * DAY),
            ("back_on", pick((None, self.ago(20)))),
            ("site", pick(self.stage.sites)),
        ]
        changes = dict(self.dice.sample(named, self.dice.choice((1, 1, 2))))
        holds_from = pick((None, self.ago(40)))
        correction.correct(
            case=case, changes=changes, by=self.stage.manager, at=self.at, on=self.on, holds_from=holds_from
        )

    def exempt(self) -> None:
        correction.add_exemption(case=self.case(), given=self.exemption(), by=self.stage.manager, at=self.at)

    def exempt_otherwise(self) -> None:
        case = self.case()
        for exemption in case.exemption_rows.filter(known_until=None).order_by("pk")[:1]:
            given = self.dice.choice((None, self.exemption()))
            correction.change_exemption(
                exemption=exemption, case=case, given=given, by=self.stage.manager, at=self.at
            )

    def replace_exemption(self) -> None:
        """As an import does it."""
        case = Case.objects.select_related("pupil", "site", "school").get(pk=self.case().pk)
        given = self.dice.choice((None, self.exemption()))
        facts.correct(case, {"exemption": given}, by=None, at=self.at, source=Source.IMPORT)

    def close(self) -> None:
        case = self.case()
        back_on = self.dice.choice((None, None, self.ago(10)))
        closing = lifecycle.Closing(destination=self.dice.choice(DESTINATIONS), reason="x", back_on=back_on)
        lifecycle.close(case=case, closing=closing, by=self.stage.manager, at=self.at, on=self.on)

    def withdraw(self) -> None:
        lifecycle.withdraw(case=self.case(), reason="x", by=self.stage.manager, at=self.at, on=self.on)

    def reopen(self) -> None:
        lifecycle.reopen(
            case=self.case(is_open=False),
            reason="x",
            first_day_absent=self.ago(30),
            by=self.stage.manager,
            at=self.at,
            on=self.on,
        )

    def bring_in(self) -> None:
        """A register file with new rows, rows that changed, and rows of a next time at home."""
        for dossier in ("A", "B"):
            if dossier not in self.rows or self.dice.random() < 0.5:
                self._write(dossier)
        write_register(self.stage.file, list(self.rows.values()))
        import_register(self.stage.file, by=None, at=self.at, on=self.on)

    def _write(self, dossier: str) -> None:
        pick, before = self.dice.choice, self.rows.get(dossier)
        spell = self.spell()
        told = {name: "" if day is None else str(day) for name, day in spell.items()}
        states = {state: str(day) for state, day in self.states(spell)}
        exemption = self.exemption() if self.dice.random() < 0.2 else None
        values = {
            "eerste_verzuimdag": told["first_day_absent"],
            "gemeld_op": told["signalled_on"],
            "afgesloten_op": told.get("closed_on", ""),
            "bestemming": told.get("destination", ""),
            "teruggekeerd_op": told.get("back_on", ""),
            "arrangement_op": states.get(State.ARRANGEMENT, ""),
            "afstand_op": states.get(State.REMOTE_EDUCATION, ""),
            "terugkeer_op": states.get(State.RETURN, ""),
            "ingeschreven": pick(("ja", "ja", "nee")),
            "omvang": pick(("volledig", "volledig", "gedeeltelijk")),
            "geoorloofd": pick(("nee", "deels", "ja", "onbekend")),
            "ziek": pick(("", "ja", "nee")),
            "kan_deels": pick(("", "ja")),
            "geboortedatum": str(self.born()),
            "woongemeente": pick(("0599", "0363")),
            "aanbod": pick(("", *Offer.values)),
            "aanbod_sinds": pick(("", str(self.ago(40)))),
            "reden": " ".join(self.reasons()),
            "vrijstelling": exemption.article if exemption else "",
            "vrijstelling_van": str(exemption.valid_from or "") if exemption else "",
            "vrijstelling_tot": str(exemption.valid_to or "") if exemption else "",
        }
        if before is None:
            self.rows[dossier] = row(dossier=dossier, achternaam=f"Rij {dossier}", **values)
            return
        names = {*self.dice.sample(sorted(values), 3)}
        if self.dice.random() < 0.6:
            names |= {*OF_SPELL}
        self.rows[dossier] = {**before, **{name: values[name] for name in names}}


EVENTS: tuple[Callable[[World], None], ...] = (
    World.new_case,
    World.correct,
    World.correct,
    World.correct,
    World.exempt,
    World.exempt_otherwise,
    World.replace_exemption,
    World.correct,
    World.close,
    World.withdraw,
    World.reopen,
    World.bring_in,
    World.bring_in,
)


@contextmanager
def undone() -> Iterator[None]:
    """Leaves nothing behind for the next example."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def as_slow(figures: Figures) -> dict[str, Any]:
    return {
        "flow": (figures.start, figures.inflow, figures.outflow, figures.end, figures.reentries),
        "outflow_by": figures.outflow_by,
        "by": {name: figures.breakdowns[name] for name in BY},
        "offer": (figures.with_offer, figures.without_offer),
        "days_to_return": figures.days_to_return,
    }


def slowly(slow: SlowFigures) -> dict[str, Any]:
    return {
        "flow": (slow.start, slow.inflow, slow.outflow, slow.end, slow.reentries),
        "outflow_by": dict(slow.outflow_by),
        "by": {name: dict(counts) for name, counts in slow.by.items()},
        "offer": (slow.with_offer, slow.without_offer),
        "days_to_return": Middle(*middle(slow.days_to_return)),
    }


def adds_up(figures: Figures) -> bool:
    sums = [sum(counts.values()) for counts in figures.breakdowns.values()]
    return (
        figures.start + figures.inflow - figures.outflow == figures.end
        and set(sums) == {figures.end}
        and sum(figures.outflow_by.values()) == figures.outflow
        and figures.with_offer + figures.without_offer == figures.end
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(seed=some.integers(0, 2**40))
def test_the_figures_are_those_of_a_slow_count(stage: Stage, seed: int) -> None:
    dice = random.Random(seed)
    with undone():
        world = World(stage, dice)
        world.live(steps=dice.randint(1, 12))
        swv, tables = stage.swv, Tables()
        cases = cases_of_partnership(swv.pk)
        for _ in range(3):
            first = dice.choice((world.begins, world.on)) + dice.randint(-60, 40) * DAY
            length = dice.choice((0, 6, 30, 90, 300))
            period = dice.choice((Period(first, first + length * DAY), month_of(first)))
            days, sign = dice.choice(((28, ">"), (28, ">"), (28, ">="), (14, ">"), (0, ">="), (60, ">=")))
            threshold = Threshold(days, sign == ">=")
            known_at = dice.choice(
                (
                    end_of(world.on),
                    end_of(world.on),
                    end_of(world.on - dice.randint(0, 200) * DAY),
                    start_of(world.on - dice.randint(0, 200) * DAY),
                    dice.choice(world.moments),
                    dice.choice(world.moments) - dt.timedelta(microseconds=1),
                )
            )
            asked: dict[str, Any] = {"known_at": known_at, "thresholds": {swv.pk: threshold}}
            selections = [Selection(definition) for definition in Definition.values]
            fast = figures_by_period(cases, [period, period.after], selections, **asked)
            for selection in selections:
                figures = figures_of(lines_of(cases, period, selection, **asked))
                slow = slow_figures(
                    tables,
                    swv.pk,
                    period.first,
                    period.last,
                    selection.definition,
                    known_at,
                    SlowThreshold(days, sign),
                )
                assert as_slow(figures) == slowly(slow), (selection, period, known_at, threshold)
                assert adds_up(figures)
                assert fast[selection, period].end == fast[selection, period.after].start
                assert _dates_only(fast[selection, period]) == _dates_only(figures)


def _dates_only(figures: Figures) -> dict[str, Any]:
    """Without what many periods at once leave out."""
    found = as_slow(figures)
    del found["offer"]
    found["by"] = {
        name: counts for name, counts in found["by"].items() if name not in ("by_reason", "by_state")
    }
    return found
