"""The components that page templates use."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from common.templatetags import ui

UTC = dt.UTC


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def draw(source: str, path: str = "/cases/", **context: Any) -> str:
    request = RequestFactory().get(path)
    request.user = SimpleNamespace(is_authenticated=False)  # type: ignore[assignment]
    return engines["django"].from_string("{% load ui %}" + source).render(context, request)


def test_a_component_shows_its_body_and_its_options_only() -> None:
    html = draw(
        '{% component "card" heading=name %}<p>{{ body }}</p>{% endcomponent %}',
        name="A & B",
        body="<b>",
        id="x",
    )
    assert "A &amp; B</h2>" in html
    assert "<p>&lt;b&gt;</p>" in html
    assert 'id="x"' not in html  # a variable of the page


def test_breadcrumbs_end_with_this_page() -> None:
    html = draw('{% breadcrumbs "Cases" "/cases/" number %}', number="<TZ-1>")
    assert '<a class="utrecht-breadcrumb-nav__link" href="/cases/">Cases</a>' in html
    assert '<span aria-current="page">&lt;TZ-1&gt;</span>' in html


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("signalled", "neutral"),
        ("arrangement", "info"),
        ("remote_education", "warning"),
        ("return", "success"),
        ("closed", "closed"),
    ],
)
def test_a_state_has_its_word_and_its_colour(state: str, kind: str) -> None:
    html = draw("{% state_badge state word %}", state=state, word="A word")
    assert html.strip() == f'<span class="utrecht-status-badge badge badge--{kind}">A word</span>'


@pytest.mark.parametrize(
    ("current", "aria", "href"),
    [
        ("days", 'aria-sort="ascending"', "?state=return&amp;sort=-days"),
        ("-days", 'aria-sort="descending"', "?state=return&amp;sort=days"),
        ("number", "", "?state=return&amp;sort=days"),
        ("", "", "?state=return&amp;sort=days"),
    ],
)
def test_a_header_sorts_and_keeps_the_filter(current: str, aria: str, href: str) -> None:
    html = draw('{% sort_header "Days" "days" current %}', "/cases/?state=return&page=3", current=current)
    assert f'href="{href}"' in html
    assert ("aria-sort" in html) is bool(aria)
    assert aria in html


def test_a_header_can_start_descending() -> None:
    assert 'href="?sort=-days"' in draw('{% sort_header "Days" "days" "" first="descending" %}')


def test_pages_keep_the_filter_and_need_no_total() -> None:
    page = {"number": 2, "has_previous": True, "has_next": True}
    html = draw("{% pagination page %}", "/cases/?state=return&page=2", page=page)
    assert 'href="?state=return" rel="prev"' in html
    assert 'href="?state=return&amp;page=3" rel="next"' in html
    assert '<span aria-current="page">Page 2</span>' in html


def test_the_first_page_has_an_address_without_parameters() -> None:
    html = draw("{% pagination page %}", "/cases/?page=2", page=Paginator(range(30), 25).page(2))
    assert 'href="/cases/" rel="prev"' in html
    assert 'rel="next"' not in html


def test_one_page_shows_no_pagination() -> None:
    assert draw("{% pagination page %}", page=Paginator(range(3), 25).page(1)).strip() == ""


def test_a_button_that_posts() -> None:
    source = '{% post_button "/revoke/" "Revoke" "danger" about=who step=step %}'
    html = draw(source, who="Care & Co", step="<2>")
    assert '<form class="post-button" method="post" action="/revoke/">' in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert '<input type="hidden" name="step" value="&lt;2&gt;">' in html
    assert 'Revoke<span class="visually-hidden"> (Care &amp; Co)</span></button>' in html
    assert "nl-button--negative" in html


def test_the_title_says_that_a_form_is_wrong() -> None:
    class NameForm(forms.Form):
        name = forms.CharField()

    assert draw("{% error_prefix %}", form=NameForm({})) == "Error: "
    assert draw("{% error_prefix %}", other=NameForm({})) == "Error: "
    assert draw("{% error_prefix %}", form=NameForm({"name": "x"})) == ""
    assert draw("{% error_prefix %}", form=NameForm()) == ""


def test_one_error_summary_for_several_forms() -> None:
    class NameForm(forms.Form):
        name = forms.CharField(label="Name")

    html = draw("{% error_summary a b c %}", a=NameForm({}, prefix="a"), b=NameForm({}, prefix="b"), c=None)
    assert '<a href="#id_a-name">Name: This field is required.</a>' in html
    assert '<a href="#id_b-name">' in html
    assert "2 things are not right yet" in html
    assert html.count('id="error-summary"') == 1


def test_days_and_moments_in_the_language_of_the_reader() -> None:
    moment = dt.datetime(2026, 8, 27, 22, 30, tzinfo=UTC)  # half past midnight in Amsterdam
    assert ui.day(dt.date(2026, 8, 27)) == "27 August 2026"
    assert ui.day(moment) == "28 August 2026"
    assert ui.moment(moment) == "28 August 2026, 00:30"
    with translation.override("nl"):
        assert ui.day(dt.date(2026, 8, 27)) == "27 augustus 2026"
        assert ui.moment(moment) == "28 augustus 2026, 00:30"
    assert (ui.day(None), ui.moment(None), ui.days_since(None)) == ("", "", "")


@pytest.mark.parametrize(
    ("since", "text"),
    [(dt.date(2026, 8, 27), "0 days"), (dt.date(2026, 8, 26), "1 day"), (dt.date(2026, 6, 1), "87 days")],
)
def test_days_since(since: dt.date, text: str) -> None:
    assert ui.days_since(since, dt.date(2026, 8, 27)) == text


@pytest.mark.parametrize(
    ("count", "english", "dutch"),
    [(0, "0", "0"), (999, "999", "999"), (1000, "1,000", "1.000"), (1001, "1,000+", "1.000+")],
)
def test_a_count_up_to_a_cap(count: int, english: str, dutch: str) -> None:
    assert ui.capped(count) == english
    with translation.override("nl"):
        assert ui.capped(count) == dutch


def test_the_stepper_says_where_it_stands_in_words_too() -> None:
    steps = [
        {"label": "Signalled", "state": "done", "date": "28 August"},
        {"label": "Arrangement", "state": "skipped"},
        {"label": "Return", "state": "current"},
        {"label": "Closed", "state": "todo"},
    ]
    html = draw('{% include "components/stepper.html" with steps=steps label="Progress" only %}', steps=steps)
    assert html.count('aria-current="step"') == 1
    assert '<span class="visually-hidden"> (done)</span>' in html
    assert '<span class="steps__note">skipped</span>' in html


def test_a_timeline_keeps_paragraphs_and_escapes() -> None:
    entries = [{"title": "Call", "when": "20 November", "by": "Mirjam", "text": "One\n\n<script>"}]
    html = draw('{% include "components/timeline.html" with entries=entries only %}', entries=entries)
    assert "<p>One</p>" in html
    assert "<p>&lt;script&gt;</p>" in html
