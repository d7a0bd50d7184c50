"""Forms of organisations: finding one, the settings of a partnership, a free period."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DateField
from schools.models import FreePeriodKind, OrganisationKind, Partnership

_LISTED = (
    OrganisationKind.SITE,
    OrganisationKind.SCHOOL,
    OrganisationKind.CARE_PARTNER,
    OrganisationKind.PARTNERSHIP,
)


class FindForm(forms.Form):
    mark_optional = False

    text = forms.CharField(
        label=_("Name or number"), max_length=100, required=False, widget=forms.SearchInput()
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("All kinds")), *((kind.value, kind.label) for kind in _LISTED)],
        required=False,
    )


class SettingsForm(forms.ModelForm):
    threshold_days = forms.IntegerField(
        label=_("Days absent after which a pupil counts as thuiszitter"),
        min_value=1,
        max_value=365,
        widget=forms.NumberInput(attrs={"size": "6"}),
    )
    sustained_percentage = forms.IntegerField(
        label=_("Percentage of the timetable that must be met before a return is sustained"),
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(attrs={"size": "6"}),
    )
    sustained_weeks = forms.IntegerField(
        label=_("Number of school weeks that it must be met"),
        min_value=1,
        max_value=52,
        widget=forms.NumberInput(attrs={"size": "6"}),
    )

    class Meta:
        model = Partnership
        fields = [
            "threshold_days",
            "threshold_inclusive",
            "region",
            "sustained_percentage",
            "sustained_weeks",
        ]


class FreePeriodForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(FreePeriodKind.FREE, _("Free day")), (FreePeriodKind.HOLIDAY, _("Holiday"))],
        initial=FreePeriodKind.FREE,
        widget=forms.RadioSelect,
        help_text=_(
            "Own holidays replace all those of the region in that school year; free days come on top."
        ),
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    first_day = DateField(label=_("First day"))
    last_day = DateField(label=_("Last day"), required=False, help_text=_("Leave empty for one day."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("first_day") and "last_day" not in self.errors:
            cleaned["last_day"] = cleaned.get("last_day") or cleaned["first_day"]
        return cleaned
