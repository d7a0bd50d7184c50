"""Which report is wanted as a file, in which form, and for whom."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.enums import Category
from common.dates import day_of, end_of
from common.forms import DateField, ModelChoiceField
from reports.enums import Definition
from reports.models import ReportFile
from reports.rules.naming import name_of, period_named, so_far
from reports.rules.periods import Period, month_of
from reports.rules.selection import Selection
from schools.models import Municipality, Partnership, School, Sector

OUTSIDE, INSIDE = "outside", "inside"


class FileForm(forms.Form):
    """`is_whole`: everybody of the definition is counted; figures of a part stay inside."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=ReportFile.Format.choices,
        initial=ReportFile.Format.PDF,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a format."), "invalid_choice": _("Choose a format.")},
    )
    for_whom = forms.ChoiceField(
        label=_("For whom"),
        choices=[
            (OUTSIDE, _("for others: numbers from 1 to 4 are hidden")),
            (INSIDE, _("for inside the partnership: exact numbers, not to be handed on")),
        ],
        initial=OUTSIDE,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose for whom the file is."),
            "invalid_choice": _("Choose for whom the file is."),
        },
    )

    def __init__(self, *args: Any, is_whole: bool, **kwargs: Any) -> None:
        self.is_whole = is_whole
        super().__init__(*args, **kwargs)
        if not is_whole:
            self.fields["for_whom"].initial = INSIDE

    def clean_for_whom(self) -> str:
        chosen: str = self.cleaned_data["for_whom"]
        if chosen == OUTSIDE and not self.is_whole:
            raise ValidationError(
                _("Figures of a part of the pupils stay inside the partnership. Clear the filter first.")
            )
        return chosen

    @property
    def outside(self) -> bool:
        return bool(self.cleaned_data["for_whom"] == OUTSIDE)


class QuestionForm(forms.Form):
    """The report that an address asks for, by the parameters of the report page: what is left out is the last
    whole month, by the ministry's definition, of everybody, as known now. A period is counted up to today."""

    partnership = forms.ChoiceField()
    period = forms.CharField()
    first = DateField(required=False)
    last = DateField(required=False)
    definition = forms.ChoiceField(choices=Definition.choices)
    category = forms.ChoiceField(choices=Category.choices, required=False)
    sector = forms.ChoiceField(choices=Sector.choices, required=False)
    school = ModelChoiceField(queryset=School.objects.all(), required=False)
    municipality = ModelChoiceField(queryset=Municipality.objects.all(), required=False)
    known_at = DateField(required=False)

    def __init__(self, asked: Any, *, partnerships: list[Partnership], at: dt.datetime) -> None:
        self.at, self.on = at, day_of(at)
        usual = {
            "partnership": partnerships[0].number,
            "period": name_of(month_of(self.on).before),
            "definition": Definition.D2.value,
        }
        given = {name: asked[name] for name in self.base_fields if asked.get(name)}
        super().__init__({**usual, **given})
        field: Any = self.fields["partnership"]
        field.choices = [(one.number, one.name) for one in partnerships]

    def clean(self) -> None:
        found = self.cleaned_data
        first, last = found.get("first"), found.get("last")
        period = period_named(found.get("period", ""))
        if found.get("period") == "other" and first and last and first <= last:
            period = Period(first, last)
        known_on = found.get("known_at")
        if period is None or period.first > self.on or (known_on and known_on > self.on):
            raise ValidationError(_("There is no such report."))
        self.chosen = so_far(period, self.on)

    @property
    def known_at_moment(self) -> dt.datetime:
        day = self.cleaned_data["known_at"]
        return min(end_of(day), self.at) if day else self.at

    @property
    def selection(self) -> Selection:
        found = self.cleaned_data
        return Selection(
            found["definition"],
            categories=frozenset(filter(None, [found["category"]])),
            sectors=frozenset(filter(None, [found["sector"]])),
            schools=_key(found["school"]),
            municipalities=_key(found["municipality"]),
        )


def _key(chosen: School | Municipality | None) -> frozenset[int]:
    return frozenset({chosen.pk}) if chosen else frozenset()
