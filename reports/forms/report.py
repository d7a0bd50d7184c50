"""The filter of the report: which period, by which definition, of which part of the pupils, as known when."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.enums import Category
from common.dates import day_of, end_of
from common.forms import DateField
from reports.enums import MEMBERS, Definition, PeriodKind
from reports.queries.asked import Asked
from reports.rules.naming import begun, name_of, period_named
from reports.rules.periods import Period, month_of
from reports.rules.selection import Selection
from schools.models import Partnership, Sector

OTHER = "other"
#: What can be chosen from a list; any other one can stand in an address.
OFFERED = ((PeriodKind.MONTH, 24), (PeriodKind.QUARTER, 8), (PeriodKind.SCHOOL_YEAR, 6))
#: The longest period of own choice, in days.
LONGEST = 3 * 366

#: What may stand in an address of the report.
IN_ADDRESS = (
    "partnership",
    "period",
    "first",
    "last",
    "definition",
    "sector",
    "school",
    "municipality",
    "category",
    "known_at",
)


class Choice(forms.ChoiceField):
    """One of a list, or nothing."""

    default_error_messages = {"invalid_choice": _("Choose one of the list.")}

    def __init__(self, *, label: Any, choices: Any = ()) -> None:
        super().__init__(label=label, choices=choices, required=False)


class ReportForm(forms.Form):
    """What to count. What is wrong is said beside its field; the figures shown are then those of the default:
    the last whole month, by the ministry's definition, of everybody, as known now.

    `shown` is the period that the page with this form showed: whoever then fills in days wants those, and who
    chose another period from the list wants that.
    """

    mark_optional = False

    partnership = Choice(label=_("Partnership"))
    period = forms.CharField(label=_("Period"), required=False, widget=forms.Select)
    first = DateField(label=_("Own period: from"), required=False)
    last = DateField(label=_("Own period: up to and including"), required=False)
    definition = Choice(
        label=_("Definition"),
        choices=Definition.choices,
    )
    sector = Choice(label=_("Sector"), choices=[("", _("All sectors")), *Sector.choices])
    school = Choice(label=_("School"))
    municipality = Choice(label=_("Home municipality"))
    category = Choice(
        label=_("Category"),
        choices=[("", _("All of the definition"))]
        + [(one.value, one.label) for one in Category if any(one in of for of in MEMBERS.values())],
    )
    known_at = DateField(
        label=_("As known at the end of"), required=False, help_text=_("Empty: as known now")
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        partnership: Partnership,
        partnerships: list[Partnership],
        schools: list[tuple[str, str]],
        municipalities: list[tuple[str, str]],
        at: dt.datetime,
    ) -> None:
        self.chosen, self.at, self.on = partnership, at, day_of(at)
        given = {name: data[name].replace("\x00", "") for name in (*IN_ADDRESS, "shown") if name in data}
        given.setdefault("partnership", partnership.number)
        self.moment = moment_in(given.get("known_at", ""), at)
        if self.moment:
            given.pop("known_at")
        given["period"] = self._period_given(given)
        given.setdefault("definition", Definition.D2.value)
        super().__init__({**given, "shown": given["period"]}, auto_id="filter_%s")
        if len(partnerships) < 2:
            self.fields["partnership"].widget = forms.HiddenInput()
        self._offer("partnership", [(one.number, one.name) for one in partnerships])
        self._offer("school", [("", _("All schools")), *schools])
        self._offer("municipality", [("", _("All municipalities")), *municipalities])
        self.fields["period"].widget.choices = self._periods(given["period"])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _period_given(self, given: dict[str, str]) -> str:
        days_given = bool(given.get("first") or given.get("last"))
        asked = given.get("period", "")
        shown = given.get("shown", OTHER if asked else "")
        if asked == OTHER or (days_given and shown != OTHER):
            return OTHER
        given["first"] = given["last"] = ""
        return asked or name_of(self.default_period)

    def _periods(self, asked: str) -> list[Any]:
        listed: list[Any] = []
        for kind, number in OFFERED:
            periods = begun(kind, number, on=self.on)
            listed.append((kind.label, [(name_of(one), self._label(one)) for one in periods]))
        known = {name for _kind, periods in listed for name, _label in periods}
        if asked not in known and (period := period_named(asked)):
            listed.insert(0, (gettext("chosen"), [(asked, str(period))]))
        return [(OTHER, _("own period: from and up to")), *listed]

    def _label(self, period: Period) -> str:
        return gettext("%(period)s (so far)") % {"period": period} if self.on < period.last else str(period)

    @property
    def default_period(self) -> Period:
        """The last whole month."""
        return month_of(self.on).before

    def clean_period(self) -> Period | None:
        name: str = self.cleaned_data["period"]
        if name == OTHER:
            return None
        period = period_named(name)
        if period is None:
            raise forms.ValidationError(_("Choose a period from the list."))
        if period.first > self.on:
            raise forms.ValidationError(_("This period has not begun yet."))
        return period

    def clean_known_at(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["known_at"]
        if day and day > self.on:
            raise forms.ValidationError(_("This day has not come yet; nobody knows what is known then."))
        return day

    def clean(self) -> None:
        if self.data["period"] == OTHER and not {"first", "last"} & self.errors.keys():
            self._clean_days()
        category = self.cleaned_data.get("category")
        definition = self.cleaned_data.get("definition") or Definition.D2
        if category and category not in MEMBERS[definition]:
            sentence = gettext("Definition %(definition)s does not count this category.")
            self.add_error("category", sentence % {"definition": definition})

    def _clean_days(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if not first or not last:
            missing = "first" if not first else "last"
            self.add_error(missing, _("An own period has a first and a last day."))
        elif last < first:
            self.add_error("last", _("The last day lies before the first day."))
        elif first > self.on:
            self.add_error("first", _("This period has not begun yet."))
        elif (last - first).days > LONGEST:
            self.add_error("last", _("An own period is three years at most."))

    @property
    def asked(self) -> Asked:
        """What is asked; of a form that is not valid the default."""
        if not self.is_valid():
            return self._asked(self.default_period, Selection())
        found = self.cleaned_data
        selection = Selection(
            definition=found["definition"] or Definition.D2,
            categories=_one(found["category"]),
            sectors=_one(found["sector"]),
            schools=_key(found["school"]),
            municipalities=_key(found["municipality"]),
        )
        period = found["period"] or Period(found["first"], found["last"])
        return self._asked(period, selection, as_of=found["known_at"])

    def _asked(self, period: Period, selection: Selection, *, as_of: dt.date | None = None) -> Asked:
        known_at = end_of(as_of) if as_of else self.moment or self.at
        return Asked.of(self.chosen, period, selection, known_at=known_at, on=self.on, as_of=as_of)

    @property
    def narrows(self) -> bool:
        """Whether anything but the default is asked for."""
        return not self.is_valid() or self.asked != self._asked(self.default_period, Selection())


def moment_in(text: str, at: dt.datetime) -> dt.datetime | None:
    """The moment in an address that leads behind a figure: what became known since does not count there. None
    for what is no moment with a zone, or one to come."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and is_aware(moment) and moment <= at else None


def _one(value: str) -> frozenset[str]:
    return frozenset({value}) if value else frozenset()


def _key(value: str) -> frozenset[int]:
    return frozenset({int(value)}) if value else frozenset()
