"""In which form a report is wanted as a file, and for whom."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from reports.models import ReportFile

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
