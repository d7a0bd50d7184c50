"""The pages of the rules: who sees and changes what, and what they say."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from audit.models import Event
from escalations.models import EscalationContact, RuleSetting
from escalations.queries import calendars
from escalations.queries.rulebook import line_of
from escalations.services.settings import name_escalation_contact
from schools.models import Sector
from tests.cases.views import client_of, text_of
from tests.cast import NOW, Cast
from tests.escalations.choosing import change
from tests.factories.accounts import member
from tests.factories.schools import SchoolSiteFactory

pytestmark = pytest.mark.usefixtures("on_the_day")


def rule_url(cast: Cast, code: str, sector: str = "", *, name: str = "rule") -> str:
    return reverse(name, args=[cast.swv.pk, sector, code])


def rules_url(cast: Cast, sector: str = "") -> str:
    return reverse("rules_of", args=[cast.swv.pk, sector])


def filled_in(cast: Cast, code: str, sector: str = "", **given: Any) -> dict[str, Any]:
    """The form as it stands on the page, but for what is given; None leaves a field out."""
    page = client_of(cast, "administrator").get(rule_url(cast, code, sector))
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in {**values, **given}.items() if value not in (None, False)}
    return {name: "on" if value is True else value for name, value in sent.items()}


def rows_of(page: Any) -> dict[str, str]:
    """The row of each rule on the page, by its code."""
    return {line.rule.code: line for line in page.context["lines"]}


# --- Who sees what


def test_the_menu_leads_who_may_look_to_the_rules_of_their_partnership(cast: Cast) -> None:
    expected, found = {}, {}
    for name in cast.people:
        page = client_of(cast, name).get(reverse("profile"))
        expected[name] = name in {"case_manager", "far_case_manager", "administrator"}
        found[name] = "Reminder rules" in page.content.decode()
    assert found == expected
    answer = client_of(cast, "case_manager").get(reverse("rules"))
    assert (answer.status_code, answer.headers["Location"]) == (302, rules_url(cast))


def test_who_sees_two_partnerships_chooses(cast: Cast) -> None:
    member(cast.people["case_manager"], Role.ADMINISTRATOR, cast.other_swv.organisation)
    page = client_of(cast, "case_manager").get(reverse("rules"))
    assert [it.name for it in page.context["partnerships"]] == ["SWV Elders", "SWV Hier"]


def test_another_partnership_is_as_unknown_as_none(cast: Cast) -> None:
    for person in ("far_case_manager", "administrator"):
        client = client_of(cast, person)
        foreign = cast.swv if person == "far_case_manager" else cast.other_swv
        for pk in (foreign.pk, 10**6, cast.site.pk):
            for name in ("rules_of", "rule", "rule_preview"):
                args = [pk, "", "R10"] if name != "rules_of" else [pk, ""]
                assert (name, client.get(reverse(name, args=args)).status_code) == (name, 404)
            for name in ("rule", "rule_preview", "rule_reset"):
                assert client.post(reverse(name, args=[pk, "", "R10"])).status_code == 404
            assert client.post(reverse("escalation_contact", args=[pk])).status_code == 404


def test_a_sector_or_rule_that_is_not_there_is_not_found(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    assert client.get(rules_url(cast, "vo")).status_code == 200
    assert client.get(rules_url(cast, "bo")).status_code == 404
    assert client.get(rules_url(cast).replace("alle", "xx")).status_code == 404
    assert client.get(rule_url(cast, "R99")).status_code == 404
    assert client.get(rule_url(cast, "R15")).status_code == 200
    assert client.get(rule_url(cast, "R15", "vo")).status_code == 404


def test_a_case_manager_looks_and_changes_nothing(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    page = client.get(rule_url(cast, "R10"))
    assert page.context["form"] is None
    assert "What would be due today?" in text_of(page)
    for name in ("rule", "rule_preview", "rule_reset"):
        answer = client.post(rule_url(cast, "R10", name=name), filled_in(cast, "R10", threshold=40))
        assert (name, answer.status_code) == (name, 403)
    answer = client.post(reverse("escalation_contact", args=[cast.swv.pk]), {"user": ""})
    assert answer.status_code == 403
    assert not RuleSetting.objects.exists()
    refused = Event.objects.filter(action="access.refused", target=f"organisation {cast.swv.pk}")
    assert refused.count() == 4


# --- The table


def test_the_table_says_what_holds(cast: Cast) -> None:
    change(cast, "R10", threshold=35, repeat=7)
    change(cast, "R13", active=False)
    change(cast, "R05", sector="vo", threshold=8)
    client = client_of(cast, "case_manager")
    page = client.get(rules_url(cast))
    text = text_of(page)
    assert (
        "More than four weeks absent: thuiszitter Report to the verzuimloket when unauthorised, hold a "
        "conference and name a case lead 35 days after the first day absent Every 7 days "
        "School coordinator, case managers of the partnership In force Changed"
    ) in text
    assert "Case managers of the partnership, escalation contact Off Changed" in text
    assert "School coordinator, case lead Waits for registered weeks" in text
    assert "10 school days after the first day absent" in text
    assert [code for code, line in rows_of(page).items() if line.is_changed] == ["R10", "R13"]
    of_vo = client.get(rules_url(cast, "vo"))
    assert "8 school days after the first day absent" in text_of(of_vo)
    assert [code for code, line in rows_of(of_vo).items() if line.is_changed] == ["R05", "R10", "R13"]
    assert ("R15" in rows_of(page), "R15" in rows_of(of_vo)) == (True, False)


def test_the_table_asks_no_more_when_more_was_changed(cast: Cast) -> None:
    client = client_of(cast, "administrator")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(rules_url(cast))
        return len(asked)

    queries()
    before = queries()
    for code in ("R05", "R10", "R13"):
        change(cast, code, threshold=20)
    SchoolSiteFactory.create_batch(3, partnerships=[cast.swv], sector=Sector.VO)
    assert queries() == before


def test_places_without_holidays_are_named_up_to_a_number(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "NAMED", 2)
    client = client_of(cast, "administrator")
    warning = "No holiday region is known: in school year 2026-2027 all days from Monday to Friday count."
    sites = (cast.site, cast.second_site, cast.other_site)
    for site in sites:
        site.region = "zuid"
        site.save(update_fields=["region"])
    cast.swv.region = "zuid"
    cast.swv.save(update_fields=["region"])
    assert warning not in text_of(client.get(rules_url(cast)))
    cast.site.region = ""
    cast.site.save(update_fields=["region"])
    text = text_of(client.get(rules_url(cast)))
    assert f"{warning} This is so for: {cast.site.name}." in text
    cast.swv.region = ""
    cast.swv.save(update_fields=["region"])
    for site in sites:
        site.region = ""
        site.save(update_fields=["region"])
    names = sorted((site.name, site.pk) for site in sites)
    text = text_of(client.get(rules_url(cast)))
    assert f"{warning} This is so for: cases without a school site, {names[0][0]} and 2 others." in text


# --- One rule


def test_a_rule_says_where_it_comes_from_and_what_its_default_is(cast: Cast) -> None:
    change(cast, "R13", threshold=2, text="Bel de wethouder.")
    text = text_of(client_of(cast, "administrator").get(rule_url(cast, "R13")))
    for part in (
        "SWV Hier – All sectors",
        "Thuiszitterspact of 13 June 2016: no child longer than three months without a fitting offer",
        "Default 3 months after the first day absent. Every 28 days. "
        "Case managers of the partnership, escalation contact.",
        "First reminder 2 months after the first day absent",
        "Own text Bel de wethouder.",
        "20 November 2026, 10:00 administrator All sectors In force. 2 months after the first day absent. "
        "Every 28 days. Case managers of the partnership, escalation contact. Bel de wethouder.",
    ):
        assert part in text


def test_an_administrator_changes_a_rule(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    sent = filled_in(cast, "R10", "vo", threshold="40", repeat="14", recipients=["case_lead"], active=False)
    answer = client.post(rule_url(cast, "R10", "vo"), sent, follow=True)
    assert answer.redirect_chain == [(rule_url(cast, "R10", "vo"), 302)]
    assert "The rule has been changed." in text_of(answer)
    row = RuleSetting.objects.get()
    assert (row.sector, row.active, row.threshold, row.repeat, row.recipients, row.changed_at) == (
        "vo",
        False,
        40,
        14,
        "case_lead",
        NOW,
    )
    again = client.post(rule_url(cast, "R10", "vo"), filled_in(cast, "R10", "vo"), follow=True)
    assert "Nothing was changed." in text_of(again)
    assert RuleSetting.objects.count() == 1


def test_days_before_an_end_are_typed_as_a_positive_number(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    sent = filled_in(cast, "R16a")
    assert sent["threshold"] == 90
    client.post(rule_url(cast, "R16a"), {**sent, "threshold": "60"})
    assert RuleSetting.objects.get().threshold == -60
    page = client.get(rule_url(cast, "R16a"))
    assert page.context["form"]["threshold"].value() == 60
    assert "60 days before the end" in text_of(page)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("threshold", "", "This field is required."),
        ("threshold", "tien", "Enter a whole number."),
        ("threshold", "731", "Enter a whole number from 0 to 730."),
        ("threshold", "-1", "Enter a whole number from 0 to 730."),
        ("repeat", "0", "Enter a whole number from 1 to 365, or nothing: then it comes once."),
        ("recipients", [], "Choose at least one recipient."),
        ("text", "Bel ons.\r\nNu.", "Write one paragraph, without line breaks."),
    ],
)
def test_what_is_wrong_is_said_at_the_field(cast: Cast, field: str, value: Any, said: str) -> None:
    client = client_of(cast, "administrator")
    for name in ("rule", "rule_preview"):
        page = client.post(rule_url(cast, "R10", name=name), filled_in(cast, "R10", **{field: value}))
        assert (name, page.status_code, page.context["form"].errors) == (name, 422, {field: [said]})
        assert page.context["preview"] is None
    assert not RuleSetting.objects.exists()


def test_all_that_is_wrong_is_said_at_once(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    sent = filled_in(cast, "R10", threshold="x", repeat="0", recipients=["inviter"], text="x" * 301)
    page = client.post(rule_url(cast, "R10"), sent)
    assert set(page.context["form"].errors) == {"threshold", "repeat", "recipients", "text"}


def test_a_form_that_somebody_overtook_is_refused(cast: Cast) -> None:
    sent = filled_in(cast, "R10", threshold="40")
    change(cast, "R10", threshold=35)
    for name in ("rule", "rule_reset"):
        answer = client_of(cast, "administrator").post(rule_url(cast, "R10", name=name), sent)
        assert answer.status_code == 409
        assert "Somebody changed this rule while you looked at it." in text_of(answer)
    assert RuleSetting.objects.get().threshold == 35


def test_a_rule_is_put_back(cast: Cast) -> None:
    change(cast, "R10", threshold=35)
    client = client_of(cast, "administrator")
    assert "Put back the default" in text_of(client.get(rule_url(cast, "R10")))
    assert "Put back" not in text_of(client.get(rule_url(cast, "R10", "vo")))
    change(cast, "R10", sector="vo", threshold=36)
    assert "Put back what holds for all sectors" in text_of(client.get(rule_url(cast, "R10", "vo")))
    for sector, then in (("vo", 35), ("", 29)):
        seen = line_of(cast.swv.pk, sector, "R10").seen
        url = rule_url(cast, "R10", sector, name="rule_reset")
        assert "The rule has been put back." in text_of(client.post(url, {"seen": seen}, follow=True))
        assert line_of(cast.swv.pk, sector, "R10").rule.threshold.number == then


def test_a_rule_that_waits_has_no_form(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    page = client.get(rule_url(cast, "R22"))
    assert page.context["form"] is None
    assert "it cannot be switched on" in text_of(page)
    answer = client.post(rule_url(cast, "R22"), filled_in(cast, "R20", active=True))
    assert answer.status_code == 409
    assert client.post(rule_url(cast, "R22", name="rule_reset"), {}).status_code == 409
    assert not RuleSetting.objects.exists()


# --- The preview


def test_the_preview_counts_and_saves_nothing(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    url = rule_url(cast, "R10", name="rule_preview")
    expected = {"79": 6, "80": 6, "81": 0}  # so many days since 1 September
    for threshold, due in expected.items():
        page = client.post(url, filled_in(cast, "R10", threshold=threshold))
        assert (page.status_code, page.context["preview"].due) == (200, due)
        assert f"With this rule {due} cases would be due today." in text_of(page)
        assert page.context["form"]["threshold"].value() == threshold
    off = client.post(url, filled_in(cast, "R10", active=False))
    assert "The rule is off: no reminders." in text_of(off)
    assert not RuleSetting.objects.exists()


def test_only_who_sees_a_case_gets_the_way_to_it(cast: Cast) -> None:
    url = rule_url(cast, "R10", name="rule_preview")
    number = cast.cases["own"].number
    link = f'href="{reverse("case", args=[number])}"'
    for person, leads in {"case_manager": True, "administrator": False}.items():
        page = client_of(cast, person).get(url)
        assert (person, number in text_of(page)) == (person, True)
        assert (person, link in page.content.decode()) == (person, leads)
        assert cast.cases["own"].pupil.last_name not in text_of(page)
        assert cast.cases["far"].number not in text_of(page)


# --- The escalation contact


def contact_page(client: Client, cast: Cast, user: Any) -> Any:
    return client.post(reverse("escalation_contact", args=[cast.swv.pk]), {"user": user}, follow=True)


def test_an_administrator_names_the_contact(cast: Cast) -> None:
    client, manager = client_of(cast, "administrator"), cast.people["case_manager"]
    choices = client.get(rules_url(cast)).context["form"]["user"].field.choices
    assert [str(label) for _value, label in choices] == ["All case managers", "case_manager"]
    page = contact_page(client, cast, manager.pk)
    assert "The escalation contact has been saved." in text_of(page)
    assert EscalationContact.objects.get().user == manager
    seen = text_of(client_of(cast, "case_manager").get(rules_url(cast)))
    assert "What was not solved lower on the ladder goes to case_manager." in seen
    contact_page(client, cast, "")
    assert not EscalationContact.objects.exists()
    seen = text_of(client_of(cast, "case_manager").get(rules_url(cast)))
    assert "What was not solved lower on the ladder goes to all case managers." in seen


def test_somebody_else_cannot_be_named(cast: Cast) -> None:
    client = client_of(cast, "administrator")
    for stranger in ("administrator", "far_case_manager", "coordinator"):
        page = contact_page(client, cast, cast.people[stranger].pk)
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["user"])
    assert not EscalationContact.objects.exists()


def test_a_contact_who_left_is_told_of(cast: Cast) -> None:
    manager = cast.people["case_manager"]
    name_escalation_contact(partnership=cast.swv, user=manager, by=cast.people["administrator"])
    client = client_of(cast, "administrator")
    gone = "case_manager was named, but is no case manager of this partnership any more."
    assert gone not in text_of(client.get(rules_url(cast)))
    manager.memberships.update(ended_at=NOW - dt.timedelta(days=1))
    assert gone in text_of(client.get(rules_url(cast)))
