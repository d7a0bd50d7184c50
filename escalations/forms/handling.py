"""What can be done about a reminder, one small form for each."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.forms import DateField, ModelChoiceField
from escalations.queries.reminders import Seen, who_can_take_over
from escalations.services.handling import LONGEST_REASON, latest_postponement

A_WEEK = dt.timedelta(days=7)


def reason_field(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": "3"}),
    )


class FinishForm(forms.Form):
    note = reason_field(gettext_lazy("What was done"), required=False)


class PostponeForm(forms.Form):
    until = DateField(label=gettext_lazy("Remind again on"))
    reason = reason_field(gettext_lazy("Why it can wait"))

    def __init__(self, *args: Any, seen: Seen, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = latest_postponement(seen, on=on)
        self.fields["until"].help_text = _("For example %(example)s, at the latest on %(latest)s") % {
            "example": date_format(min(on + A_WEEK, latest), "j-n-Y"),
            "latest": date_format(latest, "j F Y"),
        }


class HandOverForm(forms.Form):
    to = ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Who takes it over"), empty_label=gettext_lazy("Choose who")
    )
    reason = reason_field(gettext_lazy("Why"))

    def __init__(self, *args: Any, seen: Seen, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = who_can_take_over(seen, on=on)  # type: ignore[attr-defined]


class SetAsideForm(forms.Form):
    reason = reason_field(gettext_lazy("Why it does not apply here"))
