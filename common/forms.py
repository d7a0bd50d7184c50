"""What forms share: the markup of a field, dates as the Dutch type them, the list of what is wrong.

FORM_RENDERER points here, so that every `{{ form }}` and `{{ field.as_field_group }}` looks the same.
The markup itself is in templates/django/forms/.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

WIDGET_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "utrecht-custom-checkbox utrecht-custom-checkbox--html-input"),
    (forms.CheckboxSelectMultiple, "utrecht-custom-checkbox utrecht-custom-checkbox--html-input"),
    (forms.RadioSelect, "utrecht-radio-button utrecht-radio-button--html-input"),
    (forms.Select, "utrecht-select utrecht-select--html-select"),
    (forms.Textarea, "utrecht-textarea utrecht-textarea--html-textarea"),
    (forms.FileInput, "file-input"),
    (Input, "utrecht-textbox utrecht-textbox--html-input"),
)


def widget_class(widget: forms.Widget) -> str:
    """The CSS classes of a kind of widget."""
    return next((classes for kind, classes in WIDGET_CLASSES if isinstance(widget, kind)), "")


class BoundField(forms.BoundField):
    """A field as our templates show it: with the classes of its widget, and no colon after its label."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if "placeholder" in widget.attrs:  # of forms that others wrote: it only repeats the label
            attrs = {**attrs, "placeholder": False}
        own = attrs.get("class") or widget.attrs.get("class", "")
        classes = f"{widget_class(widget)} {own}".strip()
        return {**attrs, "class": classes} if classes and not widget.is_hidden else attrs

    def label_tag(
        self,
        contents: Any = None,
        attrs: dict[str, Any] | None = None,
        label_suffix: str | None = None,
        tag: str | None = None,
    ) -> SafeString:
        own = "utrecht-form-fieldset__legend" if tag == "legend" else "utrecht-form-label"
        attrs = {**(attrs or {}), "class": f"{own} {(attrs or {}).get('class', '')}".strip()}
        return super().label_tag(contents, attrs, label_suffix or "", tag)


class FormRenderer(TemplatesSetting):
    """Form templates from templates/django/forms/, fields with our classes."""

    bound_field_class = BoundField


class DateInput(forms.DateInput):
    """A day typed as 27-8-2026. No date picker: typing is faster, and the same in every browser."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"size": "12", "autocomplete": "off", **(attrs or {})}, format="%d-%m-%Y")


class DateField(forms.DateField):
    """A day as day-month-year or as year-month-day, from 1900 to 2099."""

    widget = DateInput
    default_error_messages = {
        "invalid": _("Enter a date as day-month-year, for example 27-8-2026."),
        "year": _("Enter a year from 1900 to 2099."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("For example 27-8-2026"))
        kwargs.setdefault("input_formats", ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"])
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str):
            value = value.replace(" ", "")
        day = super().to_python(value)
        if day and not 1900 <= day.year <= 2099:
            raise ValidationError(self.error_messages["year"], code="year")
        return day


class ModelChoiceField(forms.ModelChoiceField):
    """One row of a table. A key that no database can hold is no choice: SQLite would break on it, where the
    key of the table is that of another."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except OverflowError:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            ) from None


@dataclass(frozen=True)
class ErrorLink:
    """One line of the error summary; `target` is the id of the control, empty for the whole form."""

    target: str
    label: str
    message: str

    @property
    def text(self) -> str:
        if not self.label:
            return self.message
        return f"{self.label} {self.message}" if self.label[-1] in "?!.:" else f"{self.label}: {self.message}"


def has_errors(form: forms.BaseForm | forms.BaseFormSet) -> bool:
    """Whether a form or formset was filled in and is wrong."""
    if isinstance(form, forms.BaseFormSet):
        return form.is_bound and not form.is_valid()
    return form.is_bound and bool(form.errors)


def error_links(form: forms.BaseForm | forms.BaseFormSet) -> list[ErrorLink]:
    """All errors of a form or formset in the order of its fields, those of the whole form first."""
    if not has_errors(form):
        return []
    if isinstance(form, forms.BaseFormSet):
        whole = [ErrorLink("", "", str(message)) for message in form.non_form_errors()]
        return whole + [link for part in form.forms for link in error_links(part)]
    whole = [ErrorLink("", "", str(message)) for message in form.errors.get(NON_FIELD_ERRORS, [])]
    return whole + [
        ErrorLink(control_id(field), str(field.label or ""), str(message))
        for field in form
        for message in field.errors
    ]


def control_id(field: forms.BoundField) -> str:
    """The id of what takes the focus: the control, or the first of a group; a hidden field has none."""
    if field.is_hidden:
        return ""
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")
