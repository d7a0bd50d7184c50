"""The filter of the list of cases. It offers what somebody may ask, and asks it."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from cases.enums import Category, Reason, State
from cases.permissions import Section
from cases.queries.listing import (
    ALL,
    MINE,
    NO_SCHOOL,
    NOBODY,
    OPEN,
    Wanted,
    leads_to_choose,
    places_to_choose,
    reads,
)
from schools.models import SchoolSite

STATES = [(OPEN, _("Open cases")), *State.choices, (ALL, _("All cases, closed ones too"))]

AT_HOME = {
    "0-28": _("up to 28 days (4 weeks)"),
    "29-91": _("29 to 91 days (4 to 13 weeks)"),
    "92-182": _("92 to 182 days (up to half a year)"),
    "183-365": _("183 to 365 days (up to a year)"),
    "366-": _("more than 365 days"),
}

#: What may stand in the address; what is typed to search for a pupil never does.
IN_ADDRESS = ("state", "school", "lead", "category", "days", "reason", "sort", "zoek")


class Choice(forms.ChoiceField):
    """One of a list, or nothing."""

    default_error_messages = {"invalid_choice": _("Choose one of the list.")}

    def __init__(self, *, label: Any, choices: Any = ()) -> None:
        super().__init__(label=label, choices=choices, required=False)


class CaseFilterForm(forms.Form):
    """What to show. What is not offered is refused beside its field; no case is shown until that is right."""

    mark_optional = False

    q = forms.CharField(
        label=_("Case number, name or initials"),
        max_length=100,
        required=False,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
    )
    state = Choice(label=_("State"), choices=STATES)
    school = Choice(label=_("School"))
    lead = Choice(label=_("Case lead"))
    category = Choice(label=_("Category today"), choices=[("", _("All categories")), *Category.choices])
    days = Choice(label=_("Days at home"), choices=[("", _("Any number")), *AT_HOME.items()])
    reason = Choice(label=_("Reason"), choices=[("", _("All reasons")), *Reason.choices])
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: User, on: dt.date, search_is_lost: bool = False) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.search_is_lost = search_is_lost
        self._offer("school", [("", _("All schools")), *_schools(user, on=on)])
        self._offer("lead", [("", _("Everybody")), *_leads(user, on=on)])
        if not reads(user, Section.EXEMPTION):
            del self.fields["category"]
        if not reads(user, Section.REASONS):
            del self.fields["reason"]

    def _offer(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean_q(self) -> str:
        if self.search_is_lost:
            raise forms.ValidationError(_("This search is no longer kept. Type again what you look for."))
        text: str = self.cleaned_data["q"]
        return text

    @property
    def wanted(self) -> Wanted:
        """What is asked; only of a form that is valid."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in {"q", "sort"}}
        return Wanted(text=self.cleaned_data["q"], **asked)

    @property
    def codes(self) -> dict[str, str]:
        """What is filtered by, for the log: codes and keys, never what was searched for."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name not in {"q", "sort"}}
        return {f"filter_{name}": value for name, value in chosen.items() if value}

    @property
    def narrows(self) -> bool:
        """Whether anything but the order is asked for."""
        return self.search_is_lost or any(self.data.get(name) for name in self.fields if name != "sort")


def _schools(user: User, *, on: dt.date) -> list[Any]:
    """By name; a school of more sites is a group, in which it can be chosen as a whole."""
    by_school: dict[int, list[SchoolSite]] = {}
    for site in places_to_choose(user, on=on):
        by_school.setdefault(site.school_id, []).append(site)
    offered: list[tuple[str, Any]] = []
    for sites in by_school.values():
        school = sites[0].school
        if len(sites) == 1:
            offered.append((sites[0].name, (str(sites[0].pk), sites[0].name)))
            continue
        whole = (str(school.pk), _("All sites of %(school)s") % {"school": school.name})
        offered.append((school.name, (school.name, [whole, *((str(site.pk), site.name) for site in sites)])))
    choices = [choice for _name, choice in sorted(offered, key=lambda pair: pair[0])]
    if any(membership.role == Role.CASE_MANAGER for membership in active_memberships(user)):
        choices.append((NO_SCHOOL, _("No school (enrolled nowhere)")))
    return choices


def _leads(user: User, *, on: dt.date) -> list[tuple[str, Any]]:
    others = [(str(lead.pk), str(lead)) for lead in leads_to_choose(user, on=on) if lead != user]
    return [(MINE, _("Me")), (NOBODY, _("Nobody yet")), *others]
