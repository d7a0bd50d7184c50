"""The forms of versions: which report to make, and what is said when it is issued."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from reports.enums import Definition, PeriodKind
from reports.rules.periods import Period, month_of, quarter_of, school_year_of
from schools.models import Partnership

PERIODS = {
    PeriodKind.MONTH: month_of,
    PeriodKind.QUARTER: quarter_of,
    PeriodKind.SCHOOL_YEAR: school_year_of,
}
LONGEST_COMMENT = 4000


class NewVersionForm(forms.Form):
    """Any month, quarter or school year, by any definition."""

    partnership = forms.ChoiceField(label=_("Partnership"))
    kind = forms.ChoiceField(label=_("Period"), choices=[(kind.value, kind.label) for kind in PERIODS])
    month = forms.TypedChoiceField(
        label=_("Month"),
        choices=list(MONTHS.items()),
        coerce=int,
        help_text=_("Of a quarter or a school year: any month in it."),
    )
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2099)
    definition = forms.ChoiceField(label=_("Definition"), choices=Definition.choices, initial=Definition.D2)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args: Any, partnerships: list[Partnership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partnerships = {str(it.pk): it for it in partnerships}
        field: Any = self.fields["partnership"]
        field.choices = [(key, it.name) for key, it in self.partnerships.items()]
        if len(partnerships) == 1:
            del self.fields["partnership"]

    def asked(self) -> dict[str, Any]:
        """What the service takes, of a form that is right."""
        given = self.cleaned_data
        key = given.get("partnership") or next(iter(self.partnerships))
        return {
            "partnership": self.partnerships[key],
            "period": self._period(),
            "definition": given["definition"],
        }

    def _period(self) -> Period:
        given = self.cleaned_data
        return PERIODS[PeriodKind(given["kind"])](dt.date(given["year"], given["month"], 1))


class CommentForm(forms.Form):
    """Unseen: the mark of the draft that stood on the page."""

    comment = forms.CharField(
        label=_("Comment"),
        help_text=_("What a reader has to know of these figures. No names: it goes out with the report."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_COMMENT,
        required=False,
    )
    mark = forms.CharField(widget=forms.HiddenInput, max_length=64)


class IssueForm(CommentForm):
    """One box to tick: an issued report never changes."""

    checked = forms.BooleanField(
        label=_("I checked the figures and what stands out"),
        help_text=_(
            "Once issued, this version cannot be changed. What becomes known later gives a correction."
        ),
        error_messages={"required": _("Tick the box once you have checked the figures.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    field_order = ["comment", "checked"]
