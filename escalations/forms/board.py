"""The filter of the escalations page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.enums import Level


class BoardForm(forms.Form):
    mark_optional = False

    level = forms.TypedChoiceField(
        label=_("Level"),
        choices=[("", _("All levels")), *((str(level.value), level.label) for level in Level)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    school = forms.TypedChoiceField(label=_("School"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, schools: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = [  # type: ignore[attr-defined]
            ("", _("All schools")),
            *((str(pk), name or _("no school")) for pk, name in schools),
        ]
