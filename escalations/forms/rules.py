"""Forms of the rules: what holds for one, putting it back, and who is at the top of the ladder."""

from dataclasses import fields, replace
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.forms import ModelChoiceField
from escalations.queries.contacts import case_managers_of, named_contact
from escalations.queries.rulebook import Line
from escalations.rules import Rule, words
from escalations.rules.choices import (
    LONGEST_TEXT,
    REPEATS,
    Choice,
    choice_of,
    in_order,
    looks_ahead,
    recipients_for,
    repeat_unit,
    threshold_bounds,
    with_choice,
    wrong_with,
)
from schools.models import Partnership


class SeenForm(forms.Form):
    """Carries which setting was on screen; `seen` empty: the default."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class RuleForm(SeenForm):
    """What holds for a rule. Days before a date are typed as a positive number."""

    active = forms.BooleanField(label=_("This rule is in force"), required=False)
    threshold = forms.IntegerField()
    repeat = forms.IntegerField(
        required=False, help_text=_("As long as it still holds. Leave this empty for one reminder only.")
    )
    recipients = forms.MultipleChoiceField(
        label=_("Who is told"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one recipient.")},
    )
    text = forms.CharField(
        label=_("Own text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": "3"}),
        help_text=_(
            "One paragraph of at most 300 characters, for example who to call. It stands in every reminder "
            "of this rule: write nothing about a pupil here."
        ),
    )

    def __init__(self, data: Any = None, *, line: Line) -> None:
        rule = line.rule
        self.code, self.sign = rule.code, -1 if looks_ahead(rule.code) else 1
        self.present = choice_of(rule)
        initial = {
            "seen": line.seen,
            "active": rule.active,
            "threshold": self.sign * rule.threshold.number,
            "repeat": rule.repeat.number if rule.repeat else None,
            "recipients": [recipient.value for recipient in in_order(rule.recipients)],
            "text": rule.text,
        }
        super().__init__(data, initial=initial)
        self._ask("threshold", words.ask_threshold(rule), threshold_bounds(rule.code))
        self._ask("repeat", words.ask_repeat(repeat_unit(rule.code)), REPEATS)
        told: Any = self.fields["recipients"]
        told.choices = [(it.value, capfirst(str(it.label))) for it in recipients_for(rule.code)]

    def _ask(self, name: str, label: str, bounds: tuple[int, int]) -> None:
        least, most = sorted(abs(bound) for bound in bounds)
        self.fields[name].label = label
        self.fields[name].widget.attrs.update({"min": str(least), "max": str(most), "size": "6"})

    def clean(self) -> dict[str, Any]:
        """Says at each field what is wrong with it, as the service would."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "threshold" in cleaned:
            cleaned["threshold"] *= self.sign
        for field, sentence in wrong_with(self.code, self._choice(cleaned)).items():
            if field not in self.errors:
                self.add_error(field, sentence)
        return cleaned

    @property
    def rule(self) -> Rule:
        """The rule as it was filled in; only of a form that is right."""
        return with_choice(self.code, self._choice(self.cleaned_data))

    def _choice(self, cleaned: dict[str, Any]) -> Choice:
        """What was filled in, with what holds now for a field that could not be read."""
        chosen = {it.name: cleaned[it.name] for it in fields(Choice) if it.name in cleaned}
        return replace(self.present, **chosen)


class ContactForm(forms.Form):
    user = ModelChoiceField(
        User.objects.none(),
        label=_("Escalation contact"),
        required=False,
        empty_label=_("All case managers"),
        help_text=_("Gets what was not solved lower on the ladder. Must be a case manager."),
    )
    mark_optional = False

    def __init__(self, data: Any = None, *, partnership: Partnership) -> None:
        super().__init__(data, initial={"user": named_contact(partnership.pk)})
        field: Any = self.fields["user"]
        field.queryset = case_managers_of(partnership)
