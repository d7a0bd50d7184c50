"""Who may do what: contracts/rights.csv as a truth table, and what takes rights away."""

import csv
from pathlib import Path

import pytest

from accounts.queries import active_memberships
from cases.access import rights_on, sections_of, sync
from cases.models import CaseGrant
from cases.permissions import SECTIONS, Section
from cases.services import facts, lifecycle, participation
from common.errors import NotFound
from tests.cast import NOW, TODAY, Cast, fresh

CONTRACT = Path(__file__).parent.parent / "contracts" / "rights.csv"
RIGHTS = ("view_case", "contribute_case", "manage_case", "decide_case", "share_case")

#: Who of the cast, on which case, is meant by a line of the contract (role, organisation, relation).
MEANT = {
    ("coordinator", "school", "case of own school or site"): [
        ("coordinator", "own"),
        ("coordinator", "second_site"),
        ("site_coordinator", "own"),
    ],
    ("coordinator", "school", "case of another school"): [
        ("coordinator", "other_school"),
        ("coordinator", "far"),
    ],
    ("coordinator", "school", "case that left the school"): [("coordinator", "left")],
    ("coordinator", "site", "case of another site of the same school"): [("site_coordinator", "second_site")],
    ("coordinator", "school or site", "case without a site"): [
        ("coordinator", "without_site"),
        ("site_coordinator", "without_site"),
    ],
    ("case_manager", "partnership", "case in own partnership"): [
        ("case_manager", "own"),
        ("case_manager", "other_school"),
        ("case_manager", "without_site"),
    ],
    ("case_manager", "partnership", "case of another partnership"): [
        ("case_manager", "far"),
        ("far_case_manager", "own"),
    ],
    ("reporter", "partnership", "case in own partnership"): [("reporter", "own")],
    ("administrator", "partnership", "case in own partnership"): [("administrator", "own")],
    ("privacy_officer", "partnership", "case in own partnership"): [("privacy_officer", "own")],
    ("care_worker", "care partner", "accepted and unexpired participation"): [("care_worker", "shared")],
    ("care_worker", "care partner", "invited but not accepted"): [("care_worker", "invited")],
    ("care_worker", "care partner", "no participation"): [
        ("care_worker", "own"),
        ("other_care_worker", "shared"),
    ],
    ("attendance_officer", "attendance office", "accepted and unexpired participation"): [
        ("attendance_officer", "shared")
    ],
    ("attendance_officer", "attendance office", "no participation"): [("attendance_officer", "own")],
    ("platform_operator", "none", "any case"): [
        ("platform_operator", "own"),
        ("superuser", "own"),
        ("nobody", "own"),
        ("former", "own"),
    ],
}


def contract_lines() -> list[dict[str, str]]:
    with CONTRACT.open() as file:
        return list(csv.DictReader(file))


def test_the_cast_covers_every_line_of_the_contract() -> None:
    lines = {(line["role"], line["organisation"], line["relation"]) for line in contract_lines()}
    assert lines == set(MEANT)


@pytest.mark.parametrize(
    "line", contract_lines(), ids=lambda line: f"{line['role']}: {line['relation']}".replace(" ", "-")
)
def test_rights_are_those_of_the_contract(cast: Cast, line: dict[str, str]) -> None:
    moved = cast.case(cast.site, first_name="Vertrokken")
    facts.correct(moved, {"site": cast.other_site}, by=cast.people["case_manager"], at=NOW)
    cast.cases["left"] = moved
    expected = {right for right in RIGHTS if line[right] == "yes"}
    for person, case in MEANT[line["role"], line["organisation"], line["relation"]]:
        user = cast.people[person]
        assert (person, case, rights_on(user, cast.cases[case])) == (person, case, expected)
        asked = {right for right in RIGHTS if user.has_perm(f"cases.{right}", cast.cases[case])}
        assert (person, case, asked) == (person, case, expected)


def test_sections_are_those_of_the_contract() -> None:
    with (CONTRACT.parent / "sections.csv").open() as file:
        for line in csv.DictReader(file):
            section = Section(line.pop("section"))
            assert {str(role): str(reach) for role, reach in SECTIONS[section].items()} == line


def test_two_hats_give_what_both_give_together_on_the_case_of_each(cast: Cast) -> None:
    two_hats = cast.people["two_hats"]
    assert rights_on(two_hats, cast.cases["shared"]) == {"view_case", "contribute_case"}
    assert rights_on(two_hats, cast.cases["other_school"]) == set(RIGHTS) - {"decide_case"}
    assert rights_on(two_hats, cast.cases["own"]) == set()
    assert sections_of(two_hats, cast.cases["shared"])[Section.EXEMPTION] == "none"
    cast.let_in(cast.cases["other_school"], cast.care, by=cast.people["care_worker"])
    both = sections_of(
        fresh(two_hats),
        cast.cases["other_school"].__class__.objects.get(number=cast.cases["other_school"].number),
    )
    assert both[Section.CARE_NOTES] == "own organisation"
    assert both[Section.EXEMPTION] == "read write"


def test_nobody_has_a_global_right_even_when_granted(cast: Cast) -> None:
    from django.contrib.auth.models import Permission

    nobody = cast.people["nobody"]
    nobody.user_permissions.add(Permission.objects.get(codename="view_case", content_type__app_label="cases"))
    assert rights_on(fresh(nobody), cast.cases["own"]) == set()
    assert fresh(nobody).has_perm("cases.view_case", cast.cases["own"]) is False


def test_access_ends_on_its_last_day_without_any_task(cast: Cast) -> None:
    import datetime as dt

    from cases.queries.visibility import cases_visible_to

    case = cast.case(cast.site, first_name="Kort")
    cast.let_in(case, cast.care, by=cast.people["care_worker"], until=TODAY + dt.timedelta(days=3))
    worker = cast.people["care_worker"]
    assert cases_visible_to(worker, on=TODAY + dt.timedelta(days=3)).filter(pk=case.pk).exists()
    assert not cases_visible_to(worker, on=TODAY + dt.timedelta(days=4)).filter(pk=case.pk).exists()


def test_revoking_takes_access_at_once(cast: Cast) -> None:
    case = cast.cases["shared"]
    running = case.participations.get(partner=cast.care)
    participation.revoke(participation=running, case=case, by=cast.people["coordinator"], at=NOW)
    again = type(case).objects.get(pk=case.pk)
    assert rights_on(cast.people["care_worker"], again) == set()
    assert rights_on(cast.people["attendance_officer"], again) == {"view_case", "contribute_case"}


def test_closing_takes_access_of_partners_and_keeps_that_of_school_and_partnership(cast: Cast) -> None:
    case = cast.cases["shared"]
    lifecycle.close(
        case=case,
        closing=lifecycle.Closing(destination="verhuisd-nl"),
        by=cast.people["case_manager"],
        at=NOW,
        on=TODAY,
    )
    again = type(case).objects.get(pk=case.pk)
    assert rights_on(cast.people["care_worker"], again) == set()
    assert rights_on(cast.people["attendance_officer"], again) == set()
    assert "view_case" in rights_on(cast.people["coordinator"], again)
    assert set(CaseGrant.objects.filter(content_object=case).values_list("case_open", flat=True)) == {False}


def test_an_ended_membership_is_gone_on_the_next_request(cast: Cast) -> None:
    coordinator = cast.people["coordinator"]
    assert rights_on(coordinator, cast.cases["own"])
    coordinator.memberships.update(ended_at=NOW)
    again = fresh(coordinator)
    assert active_memberships(again) == []
    assert rights_on(again, type(cast.cases["own"]).objects.get(pk=cast.cases["own"].pk)) == set()


def test_syncing_again_changes_nothing(cast: Cast) -> None:
    case = cast.cases["shared"]
    before = set(
        CaseGrant.objects.filter(content_object=case).values_list("pk", "group", "until", "case_open")
    )
    sync(case)
    assert (
        set(CaseGrant.objects.filter(content_object=case).values_list("pk", "group", "until", "case_open"))
        == before
    )
    assert len(before) == 5


def test_an_outsider_cannot_answer_an_invitation(cast: Cast) -> None:
    invited = cast.cases["invited"].participations.get()
    for person in ("other_care_worker", "case_manager", "attendance_officer", "nobody"):
        with pytest.raises(NotFound):
            participation.accept(participation=invited, by=cast.people[person], at=NOW, on=TODAY)
    assert rights_on(cast.people["care_worker"], cast.cases["invited"]) == set()
