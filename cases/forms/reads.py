"""Which case a privacy officer asks about."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.queries.reads import is_watched


class ReadsForm(forms.Form):
    """A case number: no personal data, so it may stand in the address."""

    mark_optional = False

    number = forms.CharField(
        label=_("Case number"),
        max_length=30,
        help_text=_("For example TZ-2026-00012"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip().upper()
        if not is_watched(self.user, number):
            raise forms.ValidationError(_("There is no case with this number in your partnership."))
        return number
