"""What can be asked of the lists: up to which day, by which definition, as known when."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.dates import end_of
from common.forms import DateField
from reports.enums import Definition
from reports.rules.periods import Period, month_of, quarter_of, school_year_of

#: So far back go the choices of a period.
QUARTERS, MONTHS = 12, 24


@dataclass(frozen=True)
class WantedList:
    last: dt.date
    known_at: dt.datetime
    with_5a: bool


@dataclass(frozen=True)
class WantedFigures:
    period: Period
    definition: str


class InspectorateForm(forms.Form):
    """Up to which day the list goes, as known when, with or without 5a."""

    last = forms.ChoiceField(label=gettext_lazy("Up to and including"), required=False)
    known_at = DateField(
        label=gettext_lazy("As known at the end of"),
        required=False,
        help_text=gettext_lazy("For example 27-8-2026. Leave empty for now."),
    )
    with_5a = forms.ChoiceField(label=gettext_lazy("Exempt under 5a"), required=False)
    mark_optional = False

    def __init__(self, data: Any = None, *, on: dt.date, with_5a: bool) -> None:
        super().__init__(data)
        self.on, self.usual_5a = on, with_5a
        fields: Any = self.fields
        fields["last"].choices = [(last.isoformat(), words) for last, words in days_to_list(on)]
        usual = (
            _("as in the template (in the list)") if with_5a else _("as in the template (not in the list)")
        )
        fields["with_5a"].choices = [("", usual), ("ja", _("in the list")), ("nee", _("not in the list"))]

    def clean_known_at(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["known_at"]
        if day is not None and day > self.on:
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def wanted(self, now: dt.datetime) -> WantedList:
        """What is asked for: up to the latest day that has been, as known now and as in the template where
        nothing else is."""
        last, known = self.cleaned_data["last"], self.cleaned_data["known_at"]
        chosen = self.cleaned_data["with_5a"]
        return WantedList(
            last=dt.date.fromisoformat(last) if last else days_to_list(self.on)[0][0],
            known_at=min(end_of(known), now) if known else now,
            with_5a=chosen == "ja" if chosen else self.usual_5a,
        )


class OwnForm(forms.Form):
    """The period and definition of the figures of a municipality or a school."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), required=False)
    definition = forms.ChoiceField(
        label=gettext_lazy("Who is counted"),
        required=False,
        choices=sorted(Definition.choices, key=lambda choice: choice[0] != Definition.D2),
    )
    mark_optional = False

    def __init__(self, data: Any = None, *, on: dt.date) -> None:
        super().__init__(data)
        self.periods = {_key(period): period for period in periods_to_show(on)}
        fields: Any = self.fields
        fields["period"].choices = [(key, str(period)) for key, period in self.periods.items()]

    @property
    def wanted(self) -> WantedFigures:
        """What is asked for: the last complete month by D2 where nothing else is."""
        key = self.cleaned_data["period"] or next(iter(self.periods))
        return WantedFigures(self.periods[key], self.cleaned_data["definition"] or Definition.D2)


def days_to_list(on: dt.date) -> list[tuple[dt.date, str]]:
    """The last days of quarters and school years that have ended, the latest first, with their words; the
    running quarter last."""
    running = quarter_of(on)
    found, quarter = [], running
    for _nth in range(QUARTERS):
        quarter = quarter.before
        found.append((quarter.last, str(quarter)))
    year = school_year_of(on).before
    while year.last >= found[-1][0]:
        found.append((year.last, _("the whole %(period)s") % {"period": year}))
        year = year.before
    found.sort(reverse=True)
    return [*found, (running.last, _("%(period)s (still running)") % {"period": running})]


def periods_to_show(on: dt.date) -> list[Period]:
    """Months, quarters and school years that have ended, the last month first; the running month last."""
    running, found = month_of(on), []
    month = running
    for _nth in range(MONTHS):
        month = month.before
        found.append(month)
    quarter, year = quarter_of(on).before, school_year_of(on).before
    while quarter.first >= month.first:
        found.append(quarter)
        quarter = quarter.before
    found += [year, year.before]
    return [*found, running]


def _key(period: Period) -> str:
    return f"{period.first.isoformat()}..{period.last.isoformat()}"
