"""The form of a new calendar address, and the field in which it is shown."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _


class NewFeedForm(forms.Form):
    """Nothing to fill in but the token: sent twice, it would make the address just shown useless."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)


class AddressForm(forms.Form):
    """To be copied from, never sent."""

    address = forms.CharField(
        label=_("Your calendar address"),
        help_text=_("Paste it in your calendar program. It is not shown again."),
        widget=forms.TextInput(attrs={"readonly": True, "size": "100", "autocomplete": "off"}),
    )
