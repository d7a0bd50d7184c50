"""Two sweeps at the same moment, on real connections: each reminder once, and they agree on who made it."""

import datetime as dt
from collections import Counter

import pytest

from cases.models import Case
from cases.services import facts
from common.dates import start_of
from escalations.models import Reminder
from escalations.services import sweep
from escalations.services.sweep import Tally, sweep_case, sweep_partnership
from escalations.services.sweeps import sweep_all
from schools.models import Partnership
from tests.at_once import at_once
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

START, ON = dt.date(2026, 9, 1), dt.date(2026, 10, 13)
CASES, RULES_DUE = 12, 7


@pytest.fixture
def swv(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Partnership:
    """Twelve cases, of which a sweep takes five at a time, and a school that has to confirm its list."""
    monkeypatch.setattr(sweep, "CHUNK", 5)
    found: Partnership = PartnershipFactory(region="zuid")
    site = SchoolSiteFactory(partnerships=[found])
    site.school.organisation.added_on = START
    site.school.organisation.save()
    for _ in range(CASES):
        make_case(partnership=found, site=None, on=START, first_day_absent=START, signalled_on=START)
    return found


def swept(swv: Partnership, on: dt.date = ON) -> Tally:
    return sweep_partnership(swv.pk, on=on, at=start_of(on))


def pairs() -> Counter[tuple[str, str, int]]:
    return Counter(Reminder.objects.filter(state="open").values_list("rule", "about", "object_id"))


def test_each_is_made_once_and_counted_once(swv: Partnership) -> None:
    tallies = at_once(*[lambda: swept(swv) for _ in range(4)])
    expected = CASES * RULES_DUE + 1
    assert [tally.due for tally in tallies] == [expected] * 4
    assert sum(tally.created for tally in tallies) == Reminder.objects.count() == expected
    assert set(pairs().values()) == {1}
    assert swept(swv).created == 0


def test_repetitions_and_cancellations_are_counted_once(swv: Partnership) -> None:
    swept(swv)
    first = Case.objects.order_by("pk")[0]
    facts.correct(first, {"back_on": ON}, by=None, at=start_of(ON))
    later = dt.date(2026, 10, 27)
    tallies = at_once(*[lambda: swept(swv, later) for _ in range(3)])
    assert sum(tally.cancelled for tally in tallies) == 3  # R05, R10 and R11 of the one who is back
    assert sum((tally.by_rule for tally in tallies), Counter()) == {"R14": 12, "R15": 1, "R17": 12, "R18": 12}
    assert set(pairs().values()) == {1}
    assert Reminder.objects.filter(state="open").count() == CASES * RULES_DUE + 1 - 3


def test_all_partnerships_and_one_of_them_and_one_case_at_once(swv: Partnership) -> None:
    other = PartnershipFactory(region="zuid")
    make_case(partnership=other, site=None, on=START, first_day_absent=START, signalled_on=START)
    case = Case.objects.filter(partnership=swv).latest("pk")
    tallies = at_once(
        lambda: sweep_all(on=ON, at=start_of(ON)),
        lambda: swept(swv),
        lambda: sweep_case(case.pk, swv.pk, on=ON, at=start_of(ON)),
        lambda: sweep_all(on=ON, at=start_of(ON)),
    )
    expected = (CASES + 1) * RULES_DUE + 1
    assert sum(tally.created for tally in tallies) == Reminder.objects.count() == expected
    assert set(pairs().values()) == {1}


def test_of_two_days_at_once_the_later_stands(swv: Partnership) -> None:
    later = dt.date(2026, 10, 27)
    tallies = at_once(lambda: swept(swv), lambda: swept(swv, later))
    assert sum(tally.created for tally in tallies) == Reminder.objects.count()
    swept(swv, later)
    assert set(pairs().values()) == {1}
    due = Reminder.objects.filter(state="open", rule="R17").values_list("due_on", flat=True)
    assert set(due) == {later}
