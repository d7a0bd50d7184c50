"""Forms of actions, notes and the case lead."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.enums import ActionState, ContactHow, NoteKind
from cases.forms.sending import CaseForm, text_area, with_empty
from cases.queries.casefile import Reader, leads_for, owners_for
from common.forms import DateField, ModelChoiceField


class ActionForm(CaseForm):
    what = forms.CharField(label=_("What"), max_length=200)
    owner = ModelChoiceField(User.objects.none(), label=_("Who does it"), empty_label=_("Choose who does it"))
    deadline = DateField(label=_("Deadline"))

    field_order = ("what", "owner", "deadline")

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, case=reader.case, on=reader.on, **kwargs)
        owner = self.fields["owner"]
        owner.queryset = owners_for(reader)  # type: ignore[attr-defined]
        owner.initial = reader.user.pk

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        deadline = cleaned.get("deadline")
        if deadline and deadline < self.today:
            self.add_error("deadline", _("The deadline lies in the past."))
        return cleaned


class EndActionForm(CaseForm):
    state = forms.ChoiceField(
        label=_("What happened to the action"),
        choices=[(ActionState.DONE.value, _("Done")), (ActionState.DROPPED.value, _("Dropped"))],
        initial=ActionState.DONE.value,
        widget=forms.RadioSelect,
    )
    result = forms.CharField(label=_("Result"), widget=text_area(), max_length=2000)


class NoteForm(CaseForm):
    mark_optional = False

    kind = forms.ChoiceField(label=_("Kind"))
    noted_on = DateField(label=_("Day"))
    with_whom = forms.CharField(
        label=_("With whom"), max_length=150, required=False, help_text=_("For a contact moment.")
    )
    how = forms.ChoiceField(
        label=_("How"),
        choices=with_empty(_("Choose how"), ContactHow.choices),
        required=False,
    )
    text = forms.CharField(label=_("What"), widget=text_area(5), max_length=10_000)
    is_progress = forms.BooleanField(label=_("This is progress"), required=False)
    shared = forms.BooleanField(label=_("Also for the care partners who take part"), required=False)

    field_order = ("kind", "noted_on", "with_whom", "how", "text", "is_progress", "shared")

    def __init__(self, *args: Any, reader: Reader, **kwargs: Any) -> None:
        super().__init__(*args, case=reader.case, on=reader.on, **kwargs)
        kinds = [NoteKind.CONTACT, NoteKind.NOTE, *([NoteKind.CARE] if reader.may_write_care_notes else [])]
        self.fields["kind"].choices = [(it.value, str(it.label).capitalize()) for it in kinds]  # type: ignore[attr-defined]
        self.fields["noted_on"].initial = self.today
        if reader.is_partner:
            self.fields["shared"].label = _("Also for the other care partners who take part")
        if reader.may_write_care_notes:
            self.fields["kind"].help_text = _("A care note is read within your own organisation only.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.refuse_future("noted_on")
        if cleaned.get("kind") == NoteKind.CONTACT:
            for name, sentence in CONTACT_NEEDS.items():
                if not cleaned.get(name):
                    self.add_error(name, sentence)
        if cleaned.get("kind") == NoteKind.CARE and cleaned.get("shared"):
            self.add_error("shared", _("A care note is never shared."))
        return cleaned


CONTACT_NEEDS = {"with_whom": _("Say with whom there was contact."), "how": _("Say how there was contact.")}


class LeadForm(CaseForm):
    lead = ModelChoiceField(
        User.objects.none(), label=_("Case lead"), required=False, empty_label=_("Nobody")
    )

    field_order = ("lead",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead = self.fields["lead"]
        people = leads_for(self.case, on=self.today)
        lead.queryset = people  # type: ignore[attr-defined]
        lead.initial = self.case.lead_id
