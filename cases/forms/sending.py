"""What forms of a case carry unseen: a token, so that a second click does nothing, and the state seen."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case


class CaseForm(forms.Form):
    """A form on a page of a case, on a day."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
    seen_state = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, *args: Any, case: Case, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.today = case, on
        self.fields["seen_state"].initial = case.state

    def refuse_future(self, name: str) -> None:
        """Says so where the day of a field lies after today."""
        day = self.cleaned_data.get(name)
        if day is not None and day > self.today:
            self.add_error(name, _("This day lies in the future."))


def text_area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": str(rows)})


def with_empty(label: Any, choices: Any) -> list[tuple[str, Any]]:
    """Choices that begin with none."""
    return [("", label), *choices]
