"""Two administrators at once, on real connections: one changes the rule, the other hears so."""

import pytest

from accounts.roles import Role
from common.errors import DomainError
from escalations.models import RuleSetting
from escalations.services.settings import name_escalation_contact
from tests.at_once import at_once
from tests.cast import Cast
from tests.escalations.choosing import change
from tests.factories.accounts import UserFactory, member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def db(transactional_db: None) -> None:
    """The cast in a database that commits."""


@pytest.mark.parametrize("sector", ["", "vo"])
def test_two_change_a_rule_at_once(cast: Cast, sector: str) -> None:
    cast.people["second"] = member(UserFactory(), Role.ADMINISTRATOR, cast.swv.organisation)
    change(cast, "R10", threshold=30)
    seen = RuleSetting.objects.get().pk
    results = at_once(
        lambda: change(cast, "R10", sector=sector, threshold=31, seen=seen),
        lambda: change(cast, "R10", sector=sector, threshold=32, seen=seen, by="second"),
    )
    assert sorted(isinstance(it, DomainError) for it in results) == [False, True]
    assert True in results
    rows = RuleSetting.objects.filter(rule="R10", sector=sector, replaced_at=None)
    assert rows.count() == 1
    assert rows.get().threshold == (31 if results[0] is True else 32)


def test_two_change_a_default_at_once(cast: Cast) -> None:
    results = at_once(*(lambda n=n: change(cast, "R10", threshold=n, seen=None) for n in (31, 32, 33)))
    assert sorted(isinstance(it, DomainError) for it in results) == [False, True, True]
    assert RuleSetting.objects.count() == 1


def test_two_name_a_contact_at_once(cast: Cast) -> None:
    second = member(UserFactory(), Role.CASE_MANAGER, cast.swv.organisation)
    by = cast.people["administrator"]
    results = at_once(
        *(
            lambda user=user: name_escalation_contact(partnership=cast.swv, user=user, by=by)
            for user in (second, cast.people["case_manager"])
        )
    )
    assert results == [True, True]
