"""The monthly figures: from the draft to what was issued and corrected, behind a figure, and in a file.

In October 2026 seven pupils of the cast count at the start (six who are at home without permission and one
who is enrolled nowhere); one of them went back to school on the first day.
"""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, expect

from cases.enums import Source
from cases.services.intake import insert
from common import dates
from reports.models import Version
from tests.cast import TODAY, Cast
from tests.e2e.browser import Visitor, axe_violations, scrolls_sideways
from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser

OCTOBER = {"start": 7, "inflow": 0, "outflow": 1, "end": 6}


def test_from_draft_to_issued_to_corrected(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["reporter"], language="en")
    it.goto("report_version_new")
    it.fill(kind="month", month="10", year="2026", definition="D2")
    it.press("Make the draft")
    expect(it.heading).to_contain_text("October 2026")
    first = Version.objects.get()
    assert figures_of(first) == OCTOBER

    with it.expecting(422):
        it.press("Issue")
        it.told("Tick the box once you have checked the figures.")
    assert not Version.objects.get().is_issued
    it.fill(checked=True, comment="Nothing special this month.")
    it.press("Issue")
    it.told("The report was issued. It stays as it is from now on.")
    it.sees("Nothing special this month.")
    it.told("fits")

    late = signal_late(cast)
    it.press("Compare with what is known now")
    it.sees(late.number)
    it.goto("report_version", first.pk)
    it.press("Start a correction")
    second = Version.objects.get(number=2)
    assert figures_of(second) == {**OCTOBER, "start": 8, "end": 7}
    it.told("Differences from the version before")
    it.sees(late.number)
    assert it.page.locator("main a", has_text=late.number).count() == 0
    it.fill(checked=True, comment="One pupil was signalled late.")
    it.press("Issue")

    it.goto("report_versions")
    rows = it.page.locator("main tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("correction")
    expect(rows.nth(1)).to_contain_text("issued")
    it.goto("report_version", first.pk)
    it.sees("Nothing special this month.")
    assert figures_of(Version.objects.get(pk=first.pk)) == OCTOBER


def test_a_case_manager_reads_and_does_not_issue(cast: Cast, visit: Open) -> None:
    reporter = visit(cast.people["reporter"])
    make_october(reporter)
    it = visit(cast.people["case_manager"])
    it.goto("report_version", Version.objects.get().pk)
    it.told("This is a draft. A reporter of the partnership checks and issues it.")
    assert it.page.get_by_role("button", name=it.text("Issue"), exact=True).count() == 0
    far = visit(cast.people["far_case_manager"])
    far.goto("report_version", Version.objects.get().pk, status=404)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_behind_a_figure_are_its_cases_for_who_may_see_them(cast: Cast, visit: Open, scripts: bool) -> None:
    it = visit(cast.people["case_manager"], scripts=scripts)
    it.goto("report")
    assert key_figures(it) == {"end": "6", "inflow": "0", "outflow": "1"}
    key_figure(it, "members on the last day").get_by_role("link").click()
    it.page.wait_for_load_state("load")
    it.told("You may see all of them.")
    shown = it.page.locator("main tbody th a").all_inner_texts()
    members = ("own", "second_site", "other_school", "without_site", "shared", "invited")
    assert sorted(shown) == sorted(cast.cases[name].number for name in members)
    it.page.locator("main tbody th a", has_text=cast.cases["own"].number).click()
    expect(it.heading).to_contain_text(cast.cases["own"].number)

    reporter = visit(cast.people["reporter"], scripts=scripts)
    reporter.goto("report")
    assert key_figures(reporter) == {"end": "6", "inflow": "0", "outflow": "1"}
    key_figure(reporter, "members on the last day").get_by_role("link").click()
    reporter.page.wait_for_load_state("load")
    reporter.sees("6 van 6 kunt u niet zien")
    assert re.findall(r"TZ-\d{4}-\d+", reporter.page.content()) == []


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_a_file_has_the_figures_of_the_page(cast: Cast, visit: Open, tmp_path: Path, kind: str) -> None:
    it = visit(cast.people["reporter"])
    it.goto("report")
    on_page = key_figures(it)
    schools = {
        row.locator("th").inner_text(): int(row.locator("td").first.inner_text().split()[0])
        for row in it.page.locator("#by_school tbody tr").all()
    }
    it.press("Download")
    it.fill(format=kind, for_whom="inside")
    it.press("Make the file")
    it.told("The file is ready")
    with it.page.expect_download() as download:
        it.page.locator("main a[download]").click()
    file = tmp_path / f"report.{kind}"
    download.value.save_as(file)
    assert re.fullmatch(rf"thuiszitters-VO9901-2026-10.*\.{kind}", download.value.suggested_filename)

    if kind == "json":
        found = json.loads(file.read_text())
        assert {name: found[name] for name in OCTOBER} == OCTOBER
        assert sorted(found["by_school"].values()) == sorted(schools.values())
    else:
        rows = [row for sheet in load_workbook(file).worksheets for row in sheet.values]
        for name, count in schools.items():
            (row,) = [row for row in rows if name.casefold() in [str(cell).casefold() for cell in row]]
            assert count in row
        assert {int(number) for number in on_page.values()} <= {cell for row in rows for cell in row}


def test_a_partnership_with_one_case_gives_nothing_away(cast: Cast, visit: Open, tmp_path: Path) -> None:
    it = visit(cast.people["far_case_manager"])
    it.goto("report")
    assert key_figures(it)["end"] == "1"
    it.press("Download")
    it.fill(format="json", for_whom="outside")
    it.press("Make the file")
    it.told("Small numbers are hidden: this file may be handed on.")
    with it.page.expect_download() as download:
        it.page.locator("main a[download]").click()
    file = tmp_path / "report.json"
    download.value.save_as(file)
    found = json.loads(file.read_text())
    assert (found["start"], found["end"]) == ("<5", "<5")
    counts = [
        cell
        for name, value in found.items()
        if name.startswith("by_") or name == "outflow_by"
        for cell in value.values()
    ]
    assert set(counts) <= {"<5", "x", 0}


def test_an_empty_month_says_so(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["case_manager"], viewport={"width": 320, "height": 640})
    it.goto_path("/rapportages/?period=2026-07&definition=D2")
    it.told("Nobody counts in this period")
    assert key_figures(it) == {"end": "0", "inflow": "0", "outflow": "0"}
    assert not scrolls_sideways(it.page)
    assert axe_violations(it.page) == []


# --- What these journeys have in common


def make_october(it: Visitor) -> None:
    it.goto("report_version_new")
    it.fill(kind="month", month="10", year="2026", definition="D2")
    it.press("Make the draft")
    it.told("What stands out")


def signal_late(cast: Cast) -> Any:
    """A pupil who was at home all the time, and of whom nobody knew until now."""
    intake = cast.intake(
        cast.other_site, first_name="Laat", first_day_absent=dt.date(2026, 9, 1), signalled_on=TODAY
    )
    (case,) = insert([intake], by=None, at=dates.now(), source=Source.IMPORT)
    return case


def figures_of(version: Version) -> dict[str, int]:
    return {name: version.figures[name] for name in OCTOBER}


def key_figure(it: Visitor, english: str) -> Locator:
    return it.page.locator("main .key-figure", has_text=it.text(english)).first


def key_figures(it: Visitor) -> dict[str, str]:
    names = {
        "end": "members on the last day",
        "inflow": "entered in the period",
        "outflow": "left in the period",
    }
    return {
        name: key_figure(it, english).locator(".key-figure__number").inner_text().split()[0]
        for name, english in names.items()
    }
