"""The form by which the facts of a case are corrected or changed, and that of exemptions."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.enums import Article, Authorised, Extent, Offer, Reason
from cases.forms.plans import HoursField
from cases.forms.sending import CaseForm, with_empty
from cases.models import Exemption
from cases.queries.places import sites_to_signal_for
from cases.services.correction import version_of
from cases.services.facts import current
from cases.services.intake import ExemptionGiven
from common.forms import DateField, ModelChoiceField
from schools.models import Municipality, SchoolSite, Sector

YES_NO = (("yes", _("yes")), ("no", _("no")))
YES_NO_UNKNOWN = (("", _("unknown")), *YES_NO)
TRUTHS = {True: "yes", False: "no", None: ""}
#: Reasons in their order of weight: this many.
MOST_REASONS = 3


def yes_no(label: Any, *, or_unknown: bool = True) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=YES_NO_UNKNOWN if or_unknown else YES_NO,
        coerce=lambda value: {"yes": True, "no": False}.get(value),
        empty_value=None,
        required=not or_unknown,
    )


class FactsForm(CaseForm):
    """Shows the facts as they are; what differs when it comes back is written down."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    first_name = forms.CharField(label=_("First name"), max_length=100)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    birth_date = DateField(label=_("Date of birth"))
    municipality = ModelChoiceField(
        Municipality.objects.none(), label=_("Home municipality"), empty_label=_("Choose a municipality")
    )
    year_group = forms.IntegerField(
        label=_("Year group"),
        min_value=1,
        max_value=8,
        required=False,
        widget=forms.NumberInput(attrs={"size": "4"}),
    )
    site = ModelChoiceField(
        SchoolSite.objects.none(), label=_("School"), required=False, empty_label=_("No school")
    )
    sector = forms.ChoiceField(
        label=_("Sector"),
        choices=Sector.choices,
        help_text=_("Another school brings its own sector."),
    )

    enrolled = yes_no(_("Enrolled at a school"), or_unknown=False)
    extent = forms.ChoiceField(label=_("Extent of the absence"), choices=Extent.choices)
    hours_attended = HoursField(label=_("Hours a week at school"), required=False)
    authorised = forms.ChoiceField(label=_("Authorised"), choices=Authorised.choices)
    ill = yes_no(_("Ill"))
    can_attend_partly = yes_no(_("Able to attend partly according to the plan"))
    holds_from = DateField(
        label=_("From which day"),
        required=False,
        help_text=_(
            "Was it wrong from the start? Leave this empty: then it holds from the first day absent."
        ),
    )

    first_day_absent = DateField(label=_("First day absent"))
    signalled_on = DateField(label=_("Signalled on"))
    back_on = DateField(label=_("Back at school on"), required=False)

    offer = forms.ChoiceField(
        label=_("What has been offered"), choices=with_empty(_("unknown"), Offer.choices), required=False
    )
    offer_since = DateField(label=_("Offer since"), required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = current(self.case)
        self._choose_from(by)
        for name, value in known.items():
            if name in self.fields:
                self.fields[name].initial = getattr(
                    value, "pk", TRUTHS.get(value, value) if _is_truth(value) else value
                )
        self.fields["holds_from"].initial = self.today
        self.fields["seen"].initial = version_of(self.case)
        self._add_reasons(known["reasons"].split())

    def _choose_from(self, by: User) -> None:
        """The municipalities of today and the one recorded; the schools of the user and the one recorded."""
        municipalities = Municipality.objects.select_related("organisation").order_by("organisation__name")
        self.fields["municipality"].queryset = municipalities  # type: ignore[attr-defined]
        own = sites_to_signal_for(by).filter(partnerships=self.case.partnership_id).values("pk")
        sites = SchoolSite.objects.filter(pk__in=own) | SchoolSite.objects.filter(pk=self.case.site_id)
        sites = sites.select_related("organisation").order_by("organisation__name", "pk")
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]

    def _add_reasons(self, codes: list[str]) -> None:
        labels = [_("Main reason"), _("Second reason"), _("Third reason")]
        self.kept_reasons = codes[MOST_REASONS:]
        for number in range(MOST_REASONS):
            self.fields[f"reason_{number + 1}"] = forms.ChoiceField(
                label=labels[number],
                choices=with_empty(_("none") if number else _("not recorded"), Reason.choices),
                initial=codes[number] if number < len(codes) else "",
                required=False,
            )

    @property
    def reason_fields(self) -> Iterator[forms.BoundField]:
        return (self[f"reason_{number + 1}"] for number in range(MOST_REASONS))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in (
            "birth_date",
            "first_day_absent",
            "signalled_on",
            "back_on",
            "offer_since",
            "holds_from",
        ):
            self.refuse_future(name)
        site = cleaned.get("site")
        if site is not None and site.pk != self.case.site_id:
            cleaned["sector"] = site.sector
        if cleaned.get("enrolled") and site is None and "site" not in self.errors:
            self.add_error("site", _("Choose the school where the pupil is enrolled."))
        chosen = [code for number in range(MOST_REASONS) if (code := cleaned.get(f"reason_{number + 1}"))]
        if len(set(chosen)) < len(chosen):
            self.add_error("reason_1", _("Choose each reason once."))
        cleaned["reasons"] = " ".join([*chosen, *(code for code in self.kept_reasons if code not in chosen)])
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The facts that the form holds, by the names that the service takes."""
        return {name: self.cleaned_data[name] for name in FACTS}


FACTS = (
    "first_name",
    "last_name",
    "birth_date",
    "municipality",
    "year_group",
    "site",
    "sector",
    "enrolled",
    "extent",
    "hours_attended",
    "authorised",
    "ill",
    "can_attend_partly",
    "first_day_absent",
    "signalled_on",
    "back_on",
    "offer",
    "offer_since",
    "reasons",
)


def _is_truth(value: Any) -> bool:
    return value is None or isinstance(value, bool)


class ExemptionForm(CaseForm):
    article = forms.ChoiceField(
        label=_("Article of the law"), choices=with_empty(_("Choose an article"), Article.choices)
    )
    valid_from = DateField(
        label=_("Valid from"), required=False, help_text=_("Left empty: from the first day absent.")
    )
    valid_to = DateField(label=_("Last day"), required=False, help_text=_("Left empty: without an end date."))

    field_order = ("article", "valid_from", "valid_to")

    def __init__(self, *args: Any, exemption: Exemption | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if exemption is not None:
            for name in ("article", "valid_from", "valid_to"):
                self.fields[name].initial = getattr(exemption, name)

    @property
    def given(self) -> ExemptionGiven:
        return ExemptionGiven(
            **{name: self.cleaned_data[name] for name in ("article", "valid_from", "valid_to")}
        )
