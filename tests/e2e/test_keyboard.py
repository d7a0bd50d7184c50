"""With the keyboard alone: past the menu, through a form in its order, to what is wrong in it."""

import pytest
from playwright.sync_api import expect

from cases.models import Case
from tests.cast import Cast
from tests.e2e.browser import Visitor
from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser

#: The fields of the form in the order of the page, for a coordinator of one site.
SIGNAL = [
    "first_name",
    "last_name",
    "birth_date",
    "year_group",
    "municipality",
    "enrolled",
    "first_day_absent",
    "signalled_on",
    "extent",
    "hours_attended",
    "authorised",
    "ill",
    "can_attend_partly",
    "main_reason",
]


def tab(it: Visitor, times: int = 1) -> str:
    for _ in range(times):
        it.page.keyboard.press("Tab")
    return it.focused


def test_the_first_tab_is_the_way_past_the_menu(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["coordinator"])
    it.goto("case_list")
    assert tab(it) == it.text("Skip to the content")
    expect(it.page.locator(".utrecht-skip-link")).to_be_in_viewport()
    it.page.keyboard.press("Enter")
    assert it.focused == "main"
    tab(it)
    assert it.page.locator("main :focus").count() == 1


def test_signal_a_pupil_with_the_keyboard_alone(cast: Cast, visit: Open) -> None:
    """From the start page on; all that is asked takes fewer than thirty keys beside what is typed."""
    it = visit(cast.people["site_coordinator"])
    it.goto("start")
    button = it.text("Signal a pupil")
    keys = 0
    while it.focused != button:
        tab(it)
        keys += 1
        assert keys < 20
    it.enter()
    assert it.path == "/melden/"
    while it.focused != "first_name":
        tab(it)
        keys += 1
    typed = {
        "first_name": "Toets",
        "last_name": "Bord",
        "birth_date": "1-2-2014",
        "first_day_absent": "2-11-2026",
    }
    order = []
    while len(order) < len(SIGNAL):
        order.append(it.focused)
        if it.focused in typed:
            it.page.keyboard.type(typed[it.focused])
        if it.focused == "authorised":
            it.page.keyboard.press("o")  # the first letter of what is chosen
        tab(it)
        keys += 1
    assert order == SIGNAL
    it.page.locator("[name=first_name]").focus()
    it.enter()
    case = Case.objects.latest("pk")
    assert it.path == f"/dossiers/{case.number}/"
    assert case.pupil.first_name == "Toets"
    assert keys < 40


def test_every_focused_thing_can_be_seen(cast: Cast, visit: Open) -> None:
    """Nothing that has the focus is invisible or without a mark of its own."""
    it = visit(cast.people["case_manager"])
    it.goto("case", cast.cases["own"].number)
    seen = set()
    for _ in range(60):
        name = tab(it)
        marked = it.page.evaluate(
            "() => { const it = document.activeElement, style = getComputedStyle(it);"
            " const box = it.getBoundingClientRect();"
            " return it === document.body || (box.width > 0 && box.height > 0"
            " && (style.outlineStyle !== 'none' || style.boxShadow !== 'none')); }"
        )
        assert (name, marked) == (name, True)
        seen.add(name)
    assert len(seen) > 15


def test_what_is_wrong_speaks_first_and_leads_to_its_field(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["site_coordinator"])
    it.goto("signal")
    it.fill(first_name="Fout", birth_date="31-2-2014", first_day_absent="1-12-2026")
    with it.expecting(422):
        it.page.locator("[name=first_name]").focus()
        it.enter()
    summary = it.page.locator("#error-summary")
    expect(summary).to_be_focused()
    assert it.page.title().startswith(it.text("Error:"))
    links = summary.get_by_role("link")
    assert links.count() == 3
    tab(it)
    it.page.keyboard.press("Enter")
    assert it.focused == "last_name"
    box = it.page.locator("[name=birth_date]")
    assert (box.input_value(), box.get_attribute("aria-invalid")) == ("31-2-2014", "true")
    described = (box.get_attribute("aria-describedby") or "").split()
    told = " ".join(it.page.locator(f"#{part}").inner_text() for part in described)
    assert it.text("Enter a date as day-month-year, for example 27-8-2026.") in told
    assert it.page.locator("[name=first_name]").input_value() == "Fout"
