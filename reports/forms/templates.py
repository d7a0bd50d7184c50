"""The form of the template of the quarterly list: a row for each column, and empty rows to add with."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.rules.columns import FIELDS, LONGEST_HEADER, MOST_COLUMNS, Column, wrong_with

#: Empty rows under those that are there; saving gives as many again.
EMPTY_ROWS = 2
#: Between the numbers of two columns there is room to put another one.
STEP = 10
LARGEST_ORDER = 9999


class OptionsForm(forms.Form):
    with_5a = forms.BooleanField(
        label=_("Pupils who are exempt under 5a stand in the list"),
        required=False,
        help_text=_("The Inspectorate leaves this to the partnership. Who makes a list can still choose."),
    )


class ColumnForm(forms.Form):
    """A column. A row of which the field is left open is no column."""

    order = forms.IntegerField(
        label=_("Order"),
        required=False,
        min_value=0,
        max_value=LARGEST_ORDER,
        widget=forms.NumberInput(attrs={"size": "5"}),
    )
    header = forms.CharField(label=_("Header"), required=False, max_length=LONGEST_HEADER)
    field = forms.ChoiceField(label=_("What the column shows"), required=False)
    form = forms.ChoiceField(label=_("How"), required=False)
    remove = forms.BooleanField(label=_("Take this column out"), required=False)
    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["field"].choices = [("", _("No column")), *((key, it.label) for key, it in FIELDS.items())]
        fields["form"].choices = [("", _("As usual")), *_all_forms()]

    @property
    def is_column(self) -> bool:
        return bool(self.cleaned_data.get("field")) and not self.cleaned_data.get("remove")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        named = cleaned.get("header") and not cleaned.get("remove")
        if named and not cleaned.get("field") and "field" not in self.errors:
            self.add_error("field", _("Choose what the column shows, or leave the header empty."))
        return cleaned

    @property
    def column(self) -> Column:
        """What was filled in; the usual header and form where those were left open."""
        field = self.cleaned_data["field"]
        usual = FIELDS[field]
        return Column(
            field, self.cleaned_data["form"] or usual.usual, self.cleaned_data["header"] or usual.header
        )


class ColumnsBase(forms.BaseFormSet):
    """Columns in the order of their numbers; a row without a number comes last."""

    def clean(self) -> None:
        if any(self.errors):
            return
        rows = self.rows_in_order
        for fault in wrong_with([row.column for row in rows]):
            if fault.place is None:
                raise forms.ValidationError(fault.sentence)
            rows[fault.place].add_error(fault.part, fault.sentence)

    @property
    def rows_in_order(self) -> list[Any]:
        rows = [row for row in self.forms if row.is_column]
        return sorted(rows, key=lambda row: _number(row.cleaned_data.get("order")))

    @property
    def columns(self) -> list[Column]:
        return [row.column for row in self.rows_in_order]


def _number(order: int | None) -> int:
    return LARGEST_ORDER + 1 if order is None else order


def _all_forms() -> list[tuple[str, Any]]:
    """The forms of all fields; those of another field are refused."""
    return list(
        {name: label for field in FIELDS.values() for name, (label, _make) in field.forms.items()}.items()
    )


ColumnFormSet = forms.formset_factory(
    ColumnForm,
    formset=ColumnsBase,
    extra=EMPTY_ROWS,
    max_num=MOST_COLUMNS + EMPTY_ROWS,
    absolute_max=MOST_COLUMNS + 10,
)


def formset_of(columns: Sequence[Column], data: Any = None) -> Any:
    """The formset, filled with these columns where nothing was sent."""
    initial = [{"order": STEP * number, **column.as_json()} for number, column in enumerate(columns, 1)]
    return ColumnFormSet(data, initial=initial, prefix="columns")
