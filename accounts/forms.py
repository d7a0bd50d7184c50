"""Forms of people: inviting, accepting, looking for somebody, the own profile, the second factor at login."""

from typing import Any

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from allauth.mfa.base.forms import AuthenticateForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from accounts.queries import administered_by, organisations_managed_by
from accounts.roles import BELONGS, Role, role_fits
from audit.services import record
from schools.models import Organisation, OrganisationKind

# Words of others' forms, here to have them in our catalogue: their Dutch is lacking, wrong or too familiar.
OF_OTHERS = (
    _("You must type the same password each time."),
    _("Authenticator code"),
    _("Name"),
    _("The password is too similar to the %(verbose_name)s."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        12,
    ),
)


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"))
    organisation = forms.ChoiceField(label=_("Organisation"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {str(it.pk): it for it in organisations_managed_by(by)}
        roles = [role for role in Role if role != Role.PLATFORM_OPERATOR]
        if not administered_by(by).exists():
            roles = [Role.ADMINISTRATOR]
        choices = [("", _("Choose a role")), *((role.value, role.label) for role in roles)]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose an organisation")),
            *_by_kind(self.organisations.values()),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        organisation = self.organisations.get(cleaned.get("organisation", ""))
        role = cleaned.get("role")
        if organisation and role and not role_fits(role, organisation):
            self.add_error("organisation", str(BELONGS[role]))
        cleaned["organisation"] = organisation
        return cleaned


def _by_kind(organisations: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices grouped by kind, in the order of the kinds."""
    groups: dict[str, list[tuple[str, str]]] = {kind: [] for kind in OrganisationKind}
    for it in organisations:
        groups[it.kind].append((str(it.pk), _with_number(it)))
    return [(str(OrganisationKind(kind).label), found) for kind, found in groups.items() if found]


def _with_number(organisation: Organisation) -> str:
    return f"{organisation.name} ({organisation.number})"


class FindForm(forms.Form):
    """Names are sent by POST: an address ends up in logs and histories."""

    mark_optional = False

    text = forms.CharField(
        label=_("Name or e-mail address"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All roles")), *Role.choices], required=False)


class AcceptForm(forms.Form):
    """What somebody without an account fills in to make one."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 12 characters. A sentence is easy to remember and hard to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned and cleaned["password"] != cleaned.get(
            "password_again", cleaned["password"]
        ):
            self.add_error("password_again", _("The two passwords are not the same."))
        return cleaned


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "language"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class NotificationAddressForm(forms.Form):
    email = forms.EmailField(
        label=_("Address for notifications"),
        required=False,
        help_text=_("Leave empty to use the address you log in with."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES)


class SecondFactorForm(AuthenticateForm):
    """A wrong code at login goes into the log, as a wrong password does; too many are status 429."""

    def clean_code(self) -> str:
        try:
            return super().clean_code()
        except forms.ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise ImmediateHttpResponse(respond_429(context.request)) from error
            user = f"user {self.user.pk}"
            record("login.failed", by=None, target=user, result="failed", details={"step": "code"})
            raise
