"""The form by which a pupil is signalled: one page, the usual answers filled in."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.enums import Article, Authorised, Extent, Offer, Reason
from cases.models import Case
from cases.queries.lookalike import like_for
from cases.queries.places import Place, municipalities_on, places_for
from cases.services.intake import ExemptionGiven, Intake
from common.dates import age_on, months_after
from common.forms import DateField, ModelChoiceField
from schools.models import Municipality, Sector

#: A pupil of another age is asked about once more, not refused.
USUAL_AGES = range(3, 24)
#: So is a first day absent longer ago.
USUAL_MONTHS = 24

YES, NO = "ja", "nee"
YES_NO = [(YES, _("yes")), (NO, _("no"))]
YES_NO_UNKNOWN = [("", _("unknown")), *YES_NO]
ANSWERS = {YES: True, NO: False, "": None}


@dataclass(frozen=True)
class Doubt:
    """Something odd that may still be right. Who has seen it and sends the form again means it."""

    code: str
    sentence: Any = ""
    case: Case | None = None


class SignalForm(forms.Form):
    """What the register asks, with the usual answers filled in. `doubts` are asked about once."""

    token = forms.UUIDField(
        widget=forms.HiddenInput,
        required=False,
        error_messages={"invalid": _("This form is damaged. Open the page again.")},
    )
    place = forms.ChoiceField(label=_("School"))
    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name, with prefixes"), max_length=150)
    birth_date = DateField(label=_("Date of birth"), help_text=_("For example 4-5-2012"))
    municipality = ModelChoiceField(
        label=_("Home municipality"),
        queryset=Municipality.objects.none(),
        required=False,
    )
    year_group = forms.TypedChoiceField(
        label=_("Year group"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("unknown")), *((year, str(year)) for year in range(1, 9))],
    )
    sector = forms.ChoiceField(
        label=_("Kind of education"),
        required=False,
        choices=[("", _("that of the school")), *Sector.choices],
        help_text=_("Only needed for a pupil without a school."),
    )
    enrolled = forms.ChoiceField(
        label=_("Is the pupil enrolled at this school?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        initial=YES,
    )
    first_day_absent = DateField(label=_("First day not at school"))
    signalled_on = DateField(label=_("Signalled on"), help_text=_("Today, unless it was known earlier."))
    extent = forms.ChoiceField(
        label=_("How much is the pupil absent?"),
        choices=Extent.choices,
        widget=forms.RadioSelect,
        initial=Extent.FULL,
    )
    hours_attended = forms.DecimalField(
        label=_("Hours a week at school"),
        required=False,
        min_value=0,
        max_value=40,
        decimal_places=1,
        localize=True,
        widget=forms.TextInput(attrs={"size": "6", "inputmode": "decimal"}),
        help_text=_("Only for a pupil who is partly at school."),
    )
    authorised = forms.ChoiceField(
        label=_("Is the absence authorised?"), choices=Authorised.choices, initial=Authorised.UNKNOWN
    )
    ill = forms.ChoiceField(label=_("Is the pupil ill?"), required=False, choices=YES_NO_UNKNOWN)
    can_attend_partly = forms.ChoiceField(
        label=_("Could the pupil attend partly?"), required=False, choices=YES_NO_UNKNOWN
    )
    main_reason = forms.ChoiceField(
        label=_("Main reason"), required=False, choices=[("", _("not known yet")), *Reason.choices]
    )
    other_reasons = forms.MultipleChoiceField(
        label=_("Other reasons"),
        required=False,
        choices=Reason.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    offer = forms.ChoiceField(
        label=_("What has been offered?"), required=False, choices=[("", _("not known yet")), *Offer.choices]
    )
    offer_since = DateField(label=_("Since"), required=False)
    exemption = forms.ChoiceField(
        label=_("Article of the Leerplichtwet"),
        required=False,
        choices=[("", _("no exemption")), *Article.choices],
    )
    exemption_from = DateField(
        label=_("Valid from"), required=False, help_text=_("Empty: from the first day absent.")
    )
    exemption_to = DateField(label=_("Valid up to and including"), required=False)

    def __init__(self, data: Any = None, *, user: User, on: dt.date) -> None:
        super().__init__(data, initial={"token": uuid.uuid4(), "signalled_on": on})
        self.user, self.on = user, on
        self.places = {place.key: place for place in places_for(user)}
        self.doubts: list[Doubt] = []
        self._offer_places()
        self._offer_municipalities()

    # --- What can be chosen

    @property
    def only_place(self) -> Place | None:
        """The place, where there is no choice."""
        return next(iter(self.places.values())) if len(self.places) == 1 else None

    def _offer_places(self) -> None:
        if self.only_place:
            del self.fields["place"]
        else:
            field: Any = self.fields["place"]
            more = len({place.partnership for place in self.places.values()}) > 1
            names = [(key, place.name(with_partnership=more)) for key, place in self.places.items()]
            field.choices = [("", _("Choose")), *names]
        if all(place.site for place in self.places.values()):
            del self.fields["sector"]

    def _offer_municipalities(self) -> None:
        field: Any = self.fields["municipality"]
        field.queryset = municipalities_on(self.on)
        usual = {place.site.municipality_id for place in self.places.values() if place.site}
        if len(usual) == 1:
            self.initial["municipality"] = usual.pop()
        field.empty_label = str(_("the municipality of the school"))

    # --- What cannot be

    def clean_birth_date(self) -> dt.date:
        return self._not_in_future("birth_date")

    def clean_first_day_absent(self) -> dt.date:
        return self._not_in_future("first_day_absent")

    def clean_signalled_on(self) -> dt.date:
        return self._not_in_future("signalled_on")

    def clean_offer_since(self) -> dt.date | None:
        return self._not_in_future("offer_since") if self.cleaned_data["offer_since"] else None

    def _not_in_future(self, name: str) -> dt.date:
        day: dt.date = self.cleaned_data[name]
        if day > self.on:
            raise ValidationError(_("This day lies in the future."), code="future")
        return day

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        self._in_order(
            "birth_date", "first_day_absent", _("The first day absent lies before the date of birth.")
        )
        self._in_order("first_day_absent", "signalled_on", _("This lies before the first day absent."))
        self._in_order(
            "exemption_from", "exemption_to", _("This lies before the first day of the exemption.")
        )
        self._belongs("hours_attended", to=given.get("extent") == Extent.PARTIAL, where="extent")
        self._belongs("offer_since", to=given.get("offer"), where="offer")
        self._belongs("other_reasons", to=given.get("main_reason"), where="main_reason")
        for name in ("exemption_from", "exemption_to"):
            self._belongs(name, to=given.get("exemption"), where="exemption")
        if place := self.chosen_place:
            self._as_the_school(place)
        return given

    def _as_the_school(self, place: Place) -> None:
        """What was left open is as it is for the school; where there is none it has to be chosen."""
        given = self.cleaned_data
        if not place.site and not given.get("sector") and "sector" not in self.errors:
            self.add_error("sector", _("Choose the kind of education, as there is no school that tells it."))
        if not given.get("municipality") and "municipality" not in self.errors:
            usual = place.site.municipality if place.site else None
            if usual is None or not usual.is_valid_on(self.on):
                self.add_error("municipality", _("Choose the municipality in which the pupil lives."))
            given["municipality"] = usual

    def _in_order(self, first: str, last: str, sentence: Any) -> None:
        one, other = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if one and other and other < one:
            self.add_error(last, sentence)

    def _belongs(self, name: str, *, to: Any, where: str) -> None:
        """What says something about another answer cannot stand without it."""
        if self.cleaned_data.get(name) and not to and where not in self.errors:
            self.add_error(where, BELONGS[where])

    # --- What is odd

    @property
    def codes(self) -> str:
        """The doubts, as the page gives them back when it is sent again."""
        return " ".join(doubt.code for doubt in self.doubts)

    def is_meant(self) -> bool:
        """Whether nothing is odd, or only what was shown before. Looks for pupils who are like this one."""
        self.doubts = [*self._odd(), *self._alike()]
        seen = set(self.data.get("confirmed", "").split())
        return {doubt.code for doubt in self.doubts} <= seen

    def _odd(self) -> Sequence[Doubt]:
        odd = []
        age = age_on(self.cleaned_data["birth_date"], self.on)
        if age not in USUAL_AGES:
            odd.append(
                Doubt(
                    "age",
                    _("The age of the pupil would be %(age)s. Is the date of birth right?") % {"age": age},
                )
            )
        if self.cleaned_data["first_day_absent"] < months_after(self.on, -USUAL_MONTHS):
            odd.append(
                Doubt("long", _("The first day not at school is more than two years ago. Is that right?"))
            )
        return odd

    def _alike(self) -> Sequence[Doubt]:
        names = {name: self.cleaned_data[name] for name in ("first_name", "last_name", "birth_date")}
        return [Doubt(case.number, case=case) for case in like_for(self.user, **names)]

    # --- What it says

    @property
    def chosen_place(self) -> Place | None:
        return self.only_place or self.places.get(self.cleaned_data.get("place", ""))

    @property
    def intake(self) -> Intake:
        """What was filled in; only of a form that is valid."""
        given, place = self.cleaned_data, self.only_place or self.places[self.cleaned_data["place"]]
        reasons = [given["main_reason"], *given["other_reasons"]] if given["main_reason"] else []
        plain = (
            "first_name last_name birth_date year_group first_day_absent signalled_on extent hours_attended "
            "authorised offer offer_since"
        )
        return Intake(
            partnership=place.partnership,
            site=place.site,
            sector=place.site.sector if place.site else given["sector"],
            municipality_id=given["municipality"].pk,
            enrolled=place.site is not None and given["enrolled"] == YES,
            ill=ANSWERS[given["ill"]],
            can_attend_partly=ANSWERS[given["can_attend_partly"]],
            reasons=tuple(dict.fromkeys(reasons)),
            exemption=self._exemption(),
            **{name: given[name] for name in plain.split()},
        )

    def _exemption(self) -> ExemptionGiven | None:
        given = self.cleaned_data
        if not given["exemption"]:
            return None
        return ExemptionGiven(given["exemption"], given["exemption_from"], given["exemption_to"])


#: Why an answer is needed, where another one says something about it.
BELONGS: dict[str, Any] = {
    "extent": _("You filled in hours at school. Then the pupil is partly absent."),
    "offer": _("You filled in since when. Choose what has been offered."),
    "main_reason": _("Choose which of the reasons is the main one."),
    "exemption": _("You filled in a day. Choose the article of the exemption."),
}
