from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.enums import Frequency
from notifications.kinds import Topic

REQUIRED = _("These cannot be turned off: somebody is waiting for an answer. They can be mailed less often.")


class PreferencesForm(forms.Form):
    """How often one wants mail: a field for each topic."""

    def __init__(self, *args: Any, frequencies: list[tuple[Topic, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic, frequency in frequencies:
            choices = [it for it in Frequency if it != Frequency.OFF or not topic.required]
            self.fields[topic.name] = forms.ChoiceField(
                label=str(topic.label),
                help_text=f"{topic.help_text} {REQUIRED if topic.required else ''}".strip(),
                choices=[(it.value, _capital(it.label)) for it in choices],
                initial=frequency,
                widget=forms.RadioSelect,
            )


def _capital(label: Any) -> str:
    text = str(label)
    return text[:1].upper() + text[1:]
