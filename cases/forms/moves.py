"""Forms of the changes of state."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.enums import BACK_AT_SCHOOL, Destination, State
from cases.forms.sending import CaseForm, text_area, with_empty
from cases.models.conditions import SENTENCES
from common.forms import DateField


class MoveForm(CaseForm):
    """Nothing to fill in: the plan says it all."""


class WithdrawForm(CaseForm):
    reason = forms.CharField(label=_("Why the signal was a mistake"), widget=text_area(), max_length=2000)


class ReopenForm(CaseForm):
    first_day_absent = DateField(label=_("First day absent of the new spell"))
    reason = forms.CharField(label=_("Why the case is reopened"), widget=text_area(), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_day_absent"].initial = self.today


class CloseForm(CaseForm):
    destination = forms.ChoiceField(
        label=_("Where the pupil goes"),
        choices=with_empty(
            _("Choose a destination"), [it for it in Destination.choices if it[0] != Destination.MISTAKEN]
        ),
    )
    on = DateField(label=_("Closed on"))
    back_on = DateField(
        label=_("Back at school on"),
        required=False,
        help_text=_("The first day of full education. Left empty, the day of closing counts."),
    )
    met_since = DateField(label=_("The timetable of the return is met since"), required=False)
    reason = forms.CharField(label=_("Note or reason"), widget=text_area(), required=False, max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = self.today
        self.fields["back_on"].initial = self.case.back_on
        if self.case.state != State.RETURN:
            del self.fields["met_since"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.refuse_future("on")
        back_at_school = cleaned.get("destination") in BACK_AT_SCHOOL
        met_since, closed_on = cleaned.get("met_since"), cleaned.get("on")
        if cleaned.get("back_on") and cleaned.get("destination") and not back_at_school:
            self.add_error(
                "back_on", _("Leave this empty: with this destination the pupil is not back at school.")
            )
        if met_since and closed_on and met_since > closed_on:
            self.add_error("met_since", _("This day lies after the closing."))
        must_tell = self.case.state == State.RETURN and back_at_school and "met_since" not in self.errors
        if must_tell and not met_since and not cleaned.get("reason", "").strip():
            self.add_error("met_since", SENTENCES["return_is_sustained"])
        return cleaned
