"""The forms of the quarterly attestation: the answer, and what to show of a round."""

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalations.queries.round_table import ALL, ANSWERED, UNANSWERED


class AttestForm(forms.Form):
    """One box to tick. Unseen: the round and the number of cases that stood on the page."""

    complete = forms.BooleanField(
        label=_("I checked the list and no pupil is missing"),
        error_messages={
            "required": _("Tick the box once no pupil is missing. Signal a missing pupil first.")
        },
    )
    round = forms.DateField(widget=forms.HiddenInput)
    counted = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["complete"].help_text = format_html(
            '{} <a href="{}">{}</a>',
            gettext("Is a pupil missing?"),
            reverse("signal"),
            gettext("Signal the pupil"),
        )


class RoundForm(forms.Form):
    """What to show of a round."""

    mark_optional = False

    show = forms.ChoiceField(
        label=_("Answer"),
        choices=[(ALL, _("All schools")), (UNANSWERED, _("Not answered")), (ANSWERED, _("Answered"))],
        required=False,
    )
    swv = forms.ChoiceField(label=_("Partnership"), required=False)
    round = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)

    def __init__(self, *args: Any, partnerships: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["swv"].choices = [(str(it.pk), it.name) for it in partnerships]  # type: ignore[attr-defined]
        if len(partnerships) == 1:
            del self.fields["swv"]
