"""The rules of a partnership: which hold, what they would do today, and who changed what."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from common.dates import now, today
from common.errors import DomainError, Invalid, NotAllowed, NotFound
from common.render import render_page
from escalations import access
from escalations.forms.rules import ContactForm, RuleForm, SeenForm
from escalations.queries import rulebook
from escalations.queries.calendars import calendar_warnings
from escalations.queries.contacts import case_managers_of, named_contact
from escalations.queries.preview import Preview, named_of, preview_rule
from escalations.queries.rulebook import Line
from escalations.services.settings import change_rule, name_escalation_contact, reset_rule
from schools.models import Partnership, Sector

require_form = require_http_methods(["GET", "HEAD", "POST"])


class Request(HttpRequest):
    """A request of somebody who is logged in (the middleware sees to that)."""

    user: User


@dataclass(frozen=True)
class Place:
    """The partnership and sector that an address names, and what this user may do there."""

    partnership: Partnership
    sector: str
    sectors: list[Sector]
    may_change: bool

    @property
    def sector_name(self) -> str:
        return capfirst(str(Sector(self.sector).label)) if self.sector else _("All sectors")

    @property
    def name(self) -> str:
        return f"{self.partnership.name} – {self.sector_name}"


def _place(request: Request, pk: int, sector: str = "") -> Place:
    """Another partnership, or a sector that it has not, is not found."""
    if not access.sees_rules(request.user):
        raise NotAllowed(_("Only case managers and administrators of a partnership see its rules."))
    partnership = rulebook.partnership_of(request.user, pk)
    sectors = rulebook.sectors_of(pk)
    if sector and sector not in sectors:
        raise NotFound(_("This partnership has no schools in that sector."))
    return Place(partnership, sector, sectors, access.may_change_rules(request.user, pk))


def _only_who_may_change(place: Place) -> None:
    if not place.may_change:
        raise NotAllowed(_("Only an administrator of the partnership changes its rules."))


@require_safe
def rules(request: Request) -> HttpResponse:
    """Leads to the rules of the one partnership that somebody sees, or lets choose."""
    if not access.sees_rules(request.user):
        raise NotAllowed(_("Only case managers and administrators of a partnership see its rules."))
    partnerships = list(rulebook.partnerships_of(request.user))
    if len(partnerships) == 1:
        return redirect("rules_of", partnerships[0].pk, "")
    return render_page(request, "escalations/choose_rules.html", {"partnerships": partnerships})


@require_safe
def rules_of(request: Request, pk: int, sector: str) -> HttpResponse:
    place = _place(request, pk, sector)
    return _rules_page(request, place, ContactForm(partnership=place.partnership))


def _rules_page(request: Request, place: Place, form: ContactForm) -> HttpResponse:
    contact = named_contact(place.partnership.pk)
    context = {
        "place": place,
        "lines": rulebook.lines_of(place.partnership.pk, place.sector),
        "warnings": calendar_warnings(place.partnership, on=today()),
        "contact": contact,
        "contact_left": contact and not case_managers_of(place.partnership).filter(pk=contact.pk).exists(),
        "form": form,
    }
    return render_page(request, "escalations/rules.html", context, status=422 if form.is_bound else 200)


@require_POST
def escalation_contact(request: Request, pk: int) -> HttpResponse:
    place = _place(request, pk)
    _only_who_may_change(place)
    form = ContactForm(request.POST, partnership=place.partnership)
    if not form.is_valid():
        return _rules_page(request, place, form)
    name_escalation_contact(partnership=place.partnership, user=form.cleaned_data["user"], by=request.user)
    messages.success(request, _("The escalation contact has been saved."))
    return redirect("rules_of", pk, "")


@require_form
def rule(request: Request, pk: int, sector: str, code: str) -> HttpResponse:
    """A rule with its form for who may change it."""
    place, line, form = _opened(request, pk, sector, code)
    if form is None or not form.is_bound or not form.is_valid():
        return _rule_page(request, place, line, form)
    given = {"sector": sector, "rule": code, "by": request.user, "at": now(), **form.cleaned_data}
    try:
        changed = change_rule(partnership=place.partnership, **given)
    except Invalid as error:
        form.add_error(error.field, str(error))
        return _rule_page(request, place, line, form)
    said = _("The rule has been changed.") if changed else _("Nothing was changed.")
    messages.success(request, said)
    return redirect("rule", pk, sector, code)


@require_form
def preview(request: Request, pk: int, sector: str, code: str) -> HttpResponse:
    """What the rule would do today: as it stands, or as it was filled in. Saves nothing."""
    place, line, form = _opened(request, pk, sector, code)
    if form is not None and form.is_bound:
        if not form.is_valid():
            return _rule_page(request, place, line, form)
        shown = preview_rule(pk, sector, form.rule, on=today())
    else:
        shown = preview_rule(pk, sector, line.rule, on=today())
    return _rule_page(request, place, line, form, shown)


@require_POST
def reset(request: Request, pk: int, sector: str, code: str) -> HttpResponse:
    place = _place(request, pk, sector)
    _only_who_may_change(place)
    form = SeenForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else None
    done = reset_rule(
        partnership=place.partnership, sector=sector, rule=code, seen=seen, by=request.user, at=now()
    )
    messages.success(request, _("The rule has been put back.") if done else _("Nothing was changed."))
    return redirect("rule", pk, sector, code)


def _opened(request: Request, pk: int, sector: str, code: str) -> tuple[Place, Line, RuleForm | None]:
    """The rule that an address names, with its form for who may change it."""
    place = _place(request, pk, sector)
    line = rulebook.line_of(pk, sector, code)
    if request.method == "POST":
        _only_who_may_change(place)
        if line.is_waiting:
            raise DomainError(_("This rule waits for the weeks of a return to be registered."))
    form = RuleForm(request.POST if request.method == "POST" else None, line=line)
    return place, line, form if place.may_change and not line.is_waiting else None


def _rule_page(
    request: Request, place: Place, line: Line, form: RuleForm | None, shown: Preview | None = None
) -> HttpResponse:
    context = {
        "place": place,
        "line": line,
        "form": form,
        "preview": shown,
        "named": named_of(shown, request.user, on=today()) if shown else [],
        "default": Line(line.default, "", None),
        "changes": rulebook.changes_of(place.partnership.pk, line.rule.code),
    }
    status = 422 if form is not None and form.is_bound and not form.is_valid() else 200
    return render_page(request, "escalations/rule.html", context, status=status)
