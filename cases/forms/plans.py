"""Forms of arrangement, remote education plan and return plan, and of what is recorded about them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.enums import ArrangementKind, EvaluationResult, HeardHow, RemoteForm
from cases.forms.sending import CaseForm, text_area, with_empty
from cases.queries.casefile import receiving_schools, responsible_for
from cases.queries.partners import partners_for
from cases.services.planning import Heard, Step
from common.forms import DateField, ModelChoiceField
from schools.models import Organisation, SchoolSite

MOST_STEPS = 10
#: Rows of steps that are open from the start.
STEPS_OPEN = 3


class HoursField(forms.DecimalField):
    """Hours a week, from 0 to 40 with one decimal, typed with a comma or a point in either language."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"size": "6", "inputmode": "decimal", "autocomplete": "off"})
        limits: dict[str, Any] = {"min_value": 0, "max_value": 40, "max_digits": 4, "decimal_places": 1}
        kwargs.setdefault("label", _("Hours a week"))
        super().__init__(widget=widget, localize=True, **limits, **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class PlanForm(CaseForm):
    """What the three kinds of plan share."""

    start = DateField(label=_("Start"))
    end = DateField(label=_("Last day"), required=False, help_text=_("Leave empty while it is not known."))
    evaluate_on = DateField(label=_("Evaluation date"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].initial = self.today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end, evaluate_on = (cleaned.get(name) for name in ("start", "end", "evaluate_on"))
        if start and end and end < start:
            self.add_error("end", _("This day lies before the start."))
        if start and evaluate_on and evaluate_on < start:
            self.add_error("evaluate_on", _("This day lies before the start."))
        return cleaned

    @property
    def plan_fields(self) -> dict[str, Any]:
        """The fields of the model."""
        return {name: value for name, value in self.cleaned_data.items() if name not in CaseForm.base_fields}


class ArrangementForm(PlanForm):
    arrangement_kind = forms.ChoiceField(
        label=_("Kind of arrangement"), choices=with_empty(_("Choose a kind"), ArrangementKind.choices)
    )
    goal = forms.CharField(label=_("Goal"), widget=text_area(), max_length=5000)
    responsible = ModelChoiceField(
        Organisation.objects.none(),
        label=_("Responsible organisation"),
        empty_label=_("Choose an organisation"),
    )
    agreed_on = DateField(
        label=_("Agreed on"),
        required=False,
        help_text=_(
            "With school and parents. Leave empty while it is not agreed: the arrangement cannot begin yet."
        ),
    )

    field_order = ("arrangement_kind", "goal", "responsible", "agreed_on", "start", "end", "evaluate_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = partners_for(self.case).order_by().values_list("pk", flat=True)
        choice = self.fields["responsible"]
        choice.queryset = responsible_for(self.case, partners)  # type: ignore[attr-defined]


class RemotePlanForm(PlanForm):
    form = forms.ChoiceField(label=_("Form"), choices=with_empty(_("Choose a form"), RemoteForm.choices))
    hours_a_week = HoursField()
    teacher = forms.CharField(label=_("Supervising teacher"), max_length=150)

    field_order = ("form", "hours_a_week", "teacher", "start", "end", "evaluate_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evaluate_on"].label = _("Review date")


class ReturnPlanForm(PlanForm):
    receiving_school = ModelChoiceField(
        SchoolSite.objects.none(), label=_("Receiving school"), empty_label=_("Choose a school")
    )

    field_order = ("receiving_school", "start", "end", "evaluate_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["receiving_school"]
        choice.queryset = receiving_schools(self.case)  # type: ignore[attr-defined]
        choice.initial = self.case.site_id


class StepForm(forms.Form):
    """One step of the way back. A row that stays empty is no step."""

    mark_optional = False

    what = forms.CharField(label=_("What"), max_length=200)
    hours_a_week = HoursField()
    start = DateField(label=_("From"), required=False, help_text="")


class StepsBase(forms.BaseFormSet):
    def clean(self) -> None:
        if not any(self.errors) and not self.steps:
            raise forms.ValidationError(_("Give at least one step of the way back."))

    @property
    def steps(self) -> list[Step]:
        """The rows that were filled in, in their order."""
        rows = [form.cleaned_data for form in self.forms if form.has_changed() and form.is_valid()]
        return [Step(row["what"], row["hours_a_week"], row["start"]) for row in rows]

    @property
    def first_forms(self) -> list[forms.Form]:
        return self.forms[:STEPS_OPEN]

    @property
    def more_forms(self) -> list[forms.Form]:
        return self.forms[STEPS_OPEN:]

    @property
    def more_is_open(self) -> bool:
        return any(form.has_changed() for form in self.more_forms)


StepFormSet = forms.formset_factory(
    StepForm, formset=StepsBase, extra=MOST_STEPS, max_num=MOST_STEPS, absolute_max=MOST_STEPS
)


class HearingFields(CaseForm):
    """The pupil's voice (hoorrecht), on the page of a plan: may be left empty for now."""

    heard_on = DateField(label=_("Heard on"), required=False)
    how = forms.ChoiceField(
        label=_("How"), choices=with_empty(_("Choose how"), HeardHow.choices), required=False
    )
    said = forms.CharField(
        label=_("What the pupil said"), widget=text_area(), required=False, max_length=5000
    )
    done_with = forms.CharField(
        label=_("What was done with it"), widget=text_area(3), required=False, max_length=5000
    )
    why_not = forms.CharField(
        label=_("Not heard: why not"),
        widget=text_area(2),
        required=False,
        max_length=2000,
        help_text=_("Only where the pupil was not heard."),
    )

    #: Whether the form may stay empty.
    may_be_empty = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        heard_on, why_not = cleaned.get("heard_on"), cleaned.get("why_not")
        told = [name for name in ("how", "said", "done_with") if cleaned.get(name)]
        if "heard_on" in self.errors:
            return cleaned
        self.refuse_future("heard_on")
        if heard_on and why_not:
            self.add_error("why_not", _("Leave this empty: the pupil was heard."))
        elif heard_on:
            for name, sentence in NEEDED.items():
                if name not in told:
                    self.add_error(name, sentence)
        elif told:
            self.add_error("heard_on", _("Give the day on which the pupil was heard."))
        elif not why_not and not self.may_be_empty:
            self.add_error("heard_on", _("Record when the pupil was heard, or why not."))
        return cleaned

    @property
    def heard(self) -> Heard | None:
        """What was recorded; None where nothing was."""
        given = {name: self.cleaned_data[name] for name in VOICE}
        return Heard(**given) if any(given.values()) else None


VOICE = ("heard_on", "how", "said", "done_with", "why_not")
NEEDED = {"how": _("Say how the pupil was heard."), "said": _("Write down what the pupil said.")}


class HearingForm(HearingFields):
    """The pupil's voice on a plan that was recorded before."""

    may_be_empty = False


class EvaluationForm(CaseForm):
    evaluated_on = DateField(label=_("Evaluated on"))
    result = forms.ChoiceField(label=_("Result"), choices=EvaluationResult.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("What was concluded"), widget=text_area(), max_length=5000)
    next_on = DateField(
        label=_("Next evaluation"), required=False, help_text=_("Not needed where the plan stops.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evaluated_on"].initial = self.today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.refuse_future("evaluated_on")
        goes_on = cleaned.get("result") in {EvaluationResult.CONTINUE, EvaluationResult.ADJUST}
        if goes_on and not cleaned.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Say when you look at the plan again."))
        return cleaned


class EndPlanForm(CaseForm):
    ended_on = DateField(label=_("Ended on"))
    reason = forms.CharField(label=_("Why it ends"), widget=text_area(), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].initial = self.today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.refuse_future("ended_on")
        return cleaned


class AgreeForm(CaseForm):
    agreed_on = DateField(label=_("Agreed on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreed_on"].initial = self.today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.refuse_future("agreed_on")
        return cleaned
