"""The markup of fields, dates as people type them, and the list of what is wrong."""

import datetime as dt

import pytest
from django import forms
from django.forms import formset_factory
from django.utils import translation

from common.forms import DateField, ErrorLink, error_links


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


class SignalForm(forms.Form):
    name = forms.CharField(
        help_text="As in the <abbr>register</abbr>", widget=forms.TextInput(attrs={"class": "own"})
    )
    year = forms.IntegerField(required=False)
    extent = forms.ChoiceField(
        label="How much?", widget=forms.RadioSelect, choices=[("full", "All day"), ("part", "Part of it")]
    )
    heard = forms.BooleanField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        if self.cleaned_data.get("name") == "nobody":
            raise forms.ValidationError("There is nobody.")


def test_a_field_ties_its_parts_together() -> None:
    html = str(SignalForm({"extent": "full"})["name"].as_field_group())
    assert '<label class="utrecht-form-label" for="id_name">Name</label>' in html
    assert 'id="id_name_helptext">As in the <abbr>register</abbr></div>' in html
    assert (
        'id="id_name_error"><p><span class="visually-hidden">Error: </span>This field is required.</p>'
        in html
    )
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'class="utrecht-textbox utrecht-textbox--html-input own"' in html
    assert "utrecht-form-field--invalid" in html


def test_only_an_optional_field_says_so() -> None:
    form = SignalForm()
    assert "(not required)" not in str(form["name"].as_field_group())
    assert "(not required)" in str(form["year"].as_field_group())
    assert "(not required)" not in str(form["heard"].as_field_group())


def test_a_filter_does_not_mark_its_fields() -> None:
    class FilterForm(SignalForm):
        mark_optional = False

    assert "(not required)" not in str(FilterForm()["year"].as_field_group())


def test_radio_buttons_are_a_fieldset_with_a_legend() -> None:
    html = str(SignalForm({"name": "x"})["extent"].as_field_group())
    assert html.startswith("<fieldset")
    assert '<legend class="utrecht-form-fieldset__legend">How much?</legend>' in html
    assert 'aria-describedby="id_extent_error"' in html
    assert '<label class="utrecht-form-label" for="id_extent_1">Part of it</label>' in html
    assert html.rstrip().endswith("</fieldset>")


def test_a_checkbox_stands_before_its_label() -> None:
    html = str(SignalForm()["heard"].as_field_group())
    assert html.index('type="checkbox"') < html.index("<label")


def test_a_form_starts_with_what_is_wrong_and_hides_what_is_hidden() -> None:
    html = str(SignalForm({}))
    assert html.index('id="error-summary"') < html.index('id="id_name"')
    assert html.count('id="error-summary"') == 1
    assert '<input type="hidden" name="token" id="id_token">' in html
    assert "error-summary" not in str(SignalForm())
    assert str(SignalForm().as_p()) == str(SignalForm())


def test_error_links_lead_to_the_control() -> None:
    assert error_links(SignalForm({"year": "x"})) == [
        ErrorLink("id_name", "Name", "This field is required."),
        ErrorLink("id_year", "Year", "Enter a whole number."),
        ErrorLink("id_extent_0", "How much?", "This field is required."),
    ]
    assert error_links(SignalForm({"name": "nobody", "extent": "full"})) == [
        ErrorLink("", "", "There is nobody.")
    ]
    assert error_links(SignalForm()) == []


@pytest.mark.parametrize(
    ("link", "text"),
    [
        (ErrorLink("a", "Name", "Wrong."), "Name: Wrong."),
        (ErrorLink("a", "How much?", "Wrong."), "How much? Wrong."),
        (ErrorLink("", "", "Wrong."), "Wrong."),
    ],
)
def test_the_text_of_a_link(link: ErrorLink, text: str) -> None:
    assert link.text == text


def test_error_links_of_a_formset() -> None:
    formset = formset_factory(SignalForm, min_num=2, validate_min=True)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-year": "7"}
    )
    targets = [link.target for link in error_links(formset)]
    assert targets == ["", "id_form-0-name", "id_form-0-extent_0"]


@pytest.mark.parametrize(
    "text", ["27-8-2026", "27-08-2026", "27/8/2026", "27.8.2026", "2026-08-27", " 27 - 8 - 2026 "]
)
def test_spellings_of_a_date(text: str) -> None:
    assert DateField().clean(text) == dt.date(2026, 8, 27)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8-27-2026", "invalid"),
        ("27-8-26", "invalid"),
        ("29-2-2025", "invalid"),
        ("yesterday", "invalid"),
        ("1-1-0026", "year"),
        ("31-12-1899", "year"),
        ("1-1-2100", "year"),
        ("", "required"),
    ],
)
def test_what_is_not_a_date(text: str, code: str) -> None:
    with pytest.raises(forms.ValidationError) as error:
        DateField().clean(text)
    assert error.value.code == code


def test_a_date_is_shown_as_it_is_typed() -> None:
    class DayForm(forms.Form):
        day = DateField()

    assert 'value="27-08-2026"' in str(DayForm(initial={"day": dt.date(2026, 8, 27)})["day"])
    assert 'value="31-13-2026"' in str(DayForm({"day": "31-13-2026"})["day"])
    assert not DayForm({"day": "27-08-2026"}, initial={"day": dt.date(2026, 8, 27)}).has_changed()
