"""Forms of letting care partners in."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.enums import ParticipationState
from cases.forms.sending import CaseForm, text_area
from cases.queries.partners import partners_for
from common.dates import months_after
from common.forms import DateField, ModelChoiceField
from schools.models import CarePartner

#: Access is given for so long unless another day is chosen, and at most a year.
USUAL_MONTHS, MOST_MONTHS = 3, 12


class InviteForm(CaseForm):
    partner = ModelChoiceField(
        CarePartner.objects.none(),
        label=_("Care partner or attendance office"),
        empty_label=_("Choose an organisation"),
    )
    purpose = forms.CharField(
        label=_("What for"),
        widget=text_area(3),
        max_length=2000,
        help_text=_(
            "The invited organisation reads this before it sees the case: nothing about the pupil here."
        ),
    )
    ends_on = DateField(label=_("Last day of access"), help_text=_("At most a year from now."))

    field_order = ("partner", "purpose", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = self.case.participations.filter(
            state__in=[ParticipationState.INVITED, ParticipationState.ACCEPTED]
        )
        partner = self.fields["partner"]
        partner.queryset = partners_for(self.case).exclude(pk__in=running.values("partner"))  # type: ignore[attr-defined]
        self.fields["ends_on"].initial = months_after(self.today, USUAL_MONTHS)

    def clean_ends_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["ends_on"]
        if not self.today <= day <= months_after(self.today, MOST_MONTHS):
            raise forms.ValidationError(_("Choose a day from today up to a year from now."))
        return day


class ConfirmForm(CaseForm):
    """Nothing to fill in but the token."""


class DeclineForm(forms.Form):
    note = forms.CharField(label=_("Why not"), widget=text_area(3), required=False, max_length=2000)
