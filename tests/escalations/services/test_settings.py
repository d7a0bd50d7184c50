"""Who changes rules and the escalation contact, what is written, and what holds afterwards."""

from typing import Any

import pytest
from django.utils import translation

from accounts.roles import Role
from audit.models import Event
from common.errors import DomainError, Invalid, NotAllowed, NotFound
from escalations.models import EscalationContact, RuleSetting
from escalations.queries.rulebook import changes_of, line_of, lines_of, sectors_of
from escalations.queries.settings import rules_in_force
from escalations.rules import RULES
from escalations.services.settings import change_rule, name_escalation_contact, reset_rule
from schools.models import Sector
from tests.cast import NOW, Cast, fresh
from tests.escalations.choosing import change, later
from tests.factories.accounts import UserFactory, member
from tests.factories.schools import SchoolSiteFactory


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def put_back(cast: Cast, code: str, *, sector: str = "", by: str = "administrator", **given: Any) -> bool:
    asked = {"seen": line_of(cast.swv.pk, sector, code).seen, "at": NOW, **given}
    return reset_rule(partnership=cast.swv, sector=sector, rule=code, by=fresh(cast.people[by]), **asked)


def thresholds(cast: Cast, code: str) -> dict[str, int]:
    """What holds for a rule in vo, in bo and for all the rest."""
    rules = rules_in_force(cast.swv.pk)
    return {sector: rules[sector][code].threshold.number for sector in ("vo", "bo", "")}


#: Who may change something, of everybody.
MAY = {"administrator": True}


def test_who_may_change_a_rule_put_it_back_and_name_a_contact(cast: Cast) -> None:
    other = member(UserFactory(), Role.ADMINISTRATOR, cast.other_swv.organisation)
    cast.people["far_administrator"] = other
    change(cast, "R10", threshold=30)
    manager = cast.people["case_manager"]
    expected, found = {}, {}
    for number, name in enumerate(cast.people):
        by = fresh(cast.people[name])
        works = {
            "change": lambda name=name, number=number: change(cast, "R05", by=name, threshold=20 + number),
            "reset": lambda name=name: put_back(cast, "R10", by=name),
            "contact": lambda by=by: name_escalation_contact(partnership=cast.swv, user=manager, by=by),
        }
        for what, work in works.items():
            expected[name, what] = MAY.get(name, False)
            try:
                found[name, what] = work()
            except NotAllowed:
                found[name, what] = False
    assert found == expected


def test_a_change_is_a_row_and_an_event_of_codes_and_numbers(cast: Cast) -> None:
    assert change(
        cast,
        "R13",
        sector="vo",
        threshold=2,
        repeat=None,
        recipients=["escalation_contact", "coordinator"],
        text="  Bel de wijkagent.  ",
    )
    row = RuleSetting.objects.get()
    assert (row.partnership_id, row.sector, row.rule, row.active) == (cast.swv.pk, "vo", "R13", True)
    assert (row.threshold, row.repeat, row.recipients) == (2, None, "coordinator escalation_contact")
    assert (row.text, row.changed_at, row.replaced_at) == ("Bel de wijkagent.", NOW, None)
    assert (row.changed_by, row.is_reset) == (cast.people["administrator"], False)
    event = Event.objects.get(action="rule.changed")
    assert (event.actor_id, event.target) == (
        str(cast.people["administrator"].pk),
        "organisation swv VO9901",
    )
    assert event.details == {
        "rule": "R13",
        "sector": "vo",
        "active": True,
        "threshold": 2,
        "repeat": None,
        "recipients": ["coordinator", "escalation_contact"],
        "with_text": True,
    }


def test_a_second_change_keeps_the_first_as_history(cast: Cast) -> None:
    change(cast, "R10", threshold=30)
    change(cast, "R10", active=False, at=later(5))
    first, second = RuleSetting.objects.order_by("pk")
    assert (first.threshold, first.replaced_at) == (30, later(5))
    assert (second.threshold, second.active, second.replaced_at) == (30, False, None)


def test_nothing_changed_writes_nothing(cast: Cast) -> None:
    assert not change(cast, "R18", recipients=["coordinator", "case_lead", "coordinator"])
    assert not change(cast, "R18", sector="vo")
    change(cast, "R18", threshold=12)
    assert not change(cast, "R18", sector="vo", threshold=12)
    assert not change(cast, "R18", text="  ")
    assert RuleSetting.objects.count() == 1
    assert Event.objects.filter(action="rule.changed").count() == 1


def test_a_sector_goes_before_all_and_all_before_the_default(cast: Cast) -> None:
    assert thresholds(cast, "R10") == {"vo": 29, "bo": 29, "": 29}
    change(cast, "R10", threshold=35)
    assert thresholds(cast, "R10") == {"vo": 35, "bo": 35, "": 35}
    change(cast, "R10", sector="vo", threshold=40)
    assert thresholds(cast, "R10") == {"vo": 40, "bo": 35, "": 35}
    change(cast, "R10", threshold=36)
    assert thresholds(cast, "R10") == {"vo": 40, "bo": 36, "": 36}
    assert put_back(cast, "R10", sector="vo")
    assert thresholds(cast, "R10") == {"vo": 36, "bo": 36, "": 36}
    assert put_back(cast, "R10")
    assert thresholds(cast, "R10") == {"vo": 29, "bo": 29, "": 29}
    assert rules_in_force(cast.other_swv.pk)["vo"] == RULES


def test_the_screen_shows_what_the_sweep_uses(cast: Cast) -> None:
    change(cast, "R10", threshold=35)
    change(cast, "R10", sector="vo", threshold=40, recipients=["case_lead"])
    change(cast, "R13", sector="bo", active=False)
    in_force = rules_in_force(cast.swv.pk)
    for sector in ("", "vo", "bo", "mbo"):
        shown = {line.rule.code: line.rule for line in lines_of(cast.swv.pk, sector)}
        used = {code: rule for code, rule in in_force[sector].items() if code != "R15" or not sector}
        assert (sector, shown) == (sector, used)


def test_what_was_put_back_is_told_with_who_did_it(cast: Cast) -> None:
    change(cast, "R10", threshold=35)
    change(cast, "R10", sector="vo", threshold=40, at=later(1))
    put_back(cast, "R10", sector="vo", at=later(2))
    put_back(cast, "R10", at=later(3))
    told = [
        (
            change.setting.changed_at,
            change.sector,
            change.rule.threshold.number,
            change.setting.is_reset,
            str(change.setting.changed_by),
        )
        for change in changes_of(cast.swv.pk, "R10")
    ]
    assert told == [
        (later(3), "all sectors", 29, True, "administrator"),
        (later(2), "secondary education (vo)", 35, True, "administrator"),
        (later(1), "secondary education (vo)", 40, False, "administrator"),
        (NOW, "all sectors", 35, False, "administrator"),
    ]
    assert not RuleSetting.objects.filter(replaced_at=None).exists()
    events = Event.objects.filter(action="rule.reset").order_by("id")
    assert [(event.details["sector"], event.details["threshold"]) for event in events] == [
        ("vo", 35),
        ("", 29),
    ]


def test_what_was_not_set_here_is_not_put_back(cast: Cast) -> None:
    assert not put_back(cast, "R10")
    change(cast, "R10", threshold=35)
    assert not put_back(cast, "R10", sector="vo")
    assert RuleSetting.objects.count() == 1
    assert not Event.objects.filter(action="rule.reset").exists()


def test_the_history_is_of_one_partnership_and_rule_and_is_bounded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalations.queries.rulebook.MOST_CHANGES", 3)
    for number in range(5):
        change(cast, "R10", threshold=40 + number, at=later(number))
    change(cast, "R05", threshold=12)
    assert [it.rule.threshold.number for it in changes_of(cast.swv.pk, "R10")] == [44, 43, 42]
    assert [it.rule.threshold.number for it in changes_of(cast.swv.pk, "R05")] == [12]
    assert changes_of(cast.other_swv.pk, "R10") == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"threshold": 731}, "threshold"),
        ({"repeat": 0}, "repeat"),
        ({"recipients": []}, "recipients"),
        ({"recipients": ["inviter"]}, "recipients"),
        ({"text": "a\nb"}, "text"),
        ({"text": "x" * 301}, "text"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(cast: Cast, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(cast, "R10", **given)
    assert refused.value.field == field
    assert not RuleSetting.objects.exists()


def test_a_rule_that_waits_cannot_be_switched_on(cast: Cast) -> None:
    with pytest.raises(DomainError, match="waits for the weeks"):
        change(cast, "R22", active=True)
    with pytest.raises(DomainError, match="waits for the weeks"):
        put_back(cast, "R22")


@pytest.mark.parametrize(("code", "sector"), [("R15", "vo"), ("R99", ""), ("R10", "xx")])
def test_what_does_not_exist_is_not_changed(cast: Cast, code: str, sector: str) -> None:
    with pytest.raises(NotFound):
        change_rule(
            partnership=cast.swv,
            sector=sector,
            rule=code,
            active=True,
            threshold=1,
            repeat=None,
            recipients=["coordinator"],
            text="",
            seen=None,
            by=cast.people["administrator"],
            at=NOW,
        )


def test_who_saw_another_setting_than_holds_is_refused(cast: Cast) -> None:
    change(cast, "R10", threshold=35)
    for sector in ("", "vo"):
        with pytest.raises(DomainError, match="Somebody changed this rule") as refused:
            change(cast, "R10", sector=sector, threshold=36, seen=None)
        assert refused.value.status == 409
    with pytest.raises(DomainError, match="Somebody changed this rule"):
        put_back(cast, "R10", seen=None)
    assert thresholds(cast, "R10") == {"vo": 35, "bo": 35, "": 35}


def test_the_sectors_are_those_of_the_sites_and_of_what_is_still_set(cast: Cast) -> None:
    assert sectors_of(cast.swv.pk) == [Sector.VO]
    SchoolSiteFactory(sector=Sector.BO, partnerships=[cast.swv])
    SchoolSiteFactory(sector=Sector.MBO, partnerships=[cast.other_swv])
    assert sectors_of(cast.swv.pk) == [Sector.BO, Sector.VO]
    change(cast, "R10", sector="pro", threshold=35)
    assert sectors_of(cast.swv.pk) == [Sector.BO, Sector.VO, Sector.PRO]


def test_the_contact_is_a_case_manager_of_the_partnership(cast: Cast) -> None:
    by = cast.people["administrator"]

    def name(who: str | None) -> bool:
        user = cast.people[who] if who else None
        return name_escalation_contact(partnership=cast.swv, user=user, by=by)

    for stranger in ("administrator", "coordinator", "far_case_manager", "nobody"):
        with pytest.raises(Invalid) as refused:
            name(stranger)
        assert refused.value.field == "user"
    second = member(UserFactory(name="second"), Role.CASE_MANAGER, cast.swv.organisation)
    cast.people["second"] = second
    assert [name("case_manager"), name("case_manager"), name("second")] == [True, False, True]
    assert EscalationContact.objects.get().user == second
    assert [name(None), name(None)] == [True, False]
    assert not EscalationContact.objects.exists()
    events = Event.objects.filter(action="escalation_contact.named").order_by("id")
    assert [(event.target, event.details) for event in events] == [
        ("organisation swv VO9901", {"user": cast.people["case_manager"].pk}),
        ("organisation swv VO9901", {"user": second.pk}),
        ("organisation swv VO9901", {"user": None}),
    ]


def test_who_left_the_partnership_cannot_be_named(cast: Cast) -> None:
    gone = cast.people["case_manager"]
    gone.memberships.update(ended_at=NOW)
    with pytest.raises(Invalid):
        name_escalation_contact(partnership=cast.swv, user=gone, by=cast.people["administrator"])
