"""The list of cases: filter, search, pages, and the same list as a file."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.services import record
from cases import exports
from cases.forms.listing import IN_ADDRESS, CaseFilterForm
from cases.models.case import CaseQuerySet
from cases.permissions import Section
from cases.queries import listing
from cases.queries.places import may_signal
from cases.queries.visibility import count_up_to_cap
from cases.views.opening import Request
from common.dates import today
from common.errors import DomainError
from common.render import render_page

#: Searches are kept in the session under a random name, so many of them: names never stand in an address.
SEARCHES, SEARCHES_KEPT = "searches", 20
#: As many as can be paged through.
EXPORT_CAP = listing.PAGE_SIZE * listing.LAST_PAGE


@require_safe
def case_list(request: Request) -> HttpResponse:
    """The visible cases that the address asks for, a page at a time."""
    form = _filter(request)
    context = _frame(request, form)
    if not form.is_valid():
        return render_page(request, "cases/list.html", context, status=422)
    number = _page_number(request)
    cases = _found(request, form)
    keys, more = listing.page_of(cases, number) if number else ([], False)
    context["rows"] = listing.rows(request.user, keys, on=today())
    context["count"] = _count(cases)
    has_next = more and number < listing.LAST_PAGE
    context["page"] = {"number": number, "has_previous": number > 1, "has_next": has_next}
    context["ends_here"] = more and not has_next
    context["missing"] = not keys and number != 1
    return render_page(request, "cases/list.html", context, status=404 if context["missing"] else 200)


@require_POST
def case_search(request: Request) -> HttpResponse:
    """Leads to the address of the list as filtered, in which a search is a random name."""
    asked = QueryDict(mutable=True)
    for name in IN_ADDRESS:
        if value := request.POST.get(name):
            asked[name] = value[:100]
    if text := request.POST.get("q", "").strip():
        asked["zoek"] = _keep(request, text[:200])
    address = reverse("case_list")
    return redirect(f"{address}?{asked.urlencode()}" if asked else address)


@require_safe
def case_export(request: Request, file_type: str) -> HttpResponseBase:
    """The whole list that is shown, as a file in the columns of the register."""
    form = _filter(request)
    if not form.is_valid():
        return render_page(request, "cases/list.html", _frame(request, form), status=422)
    cases = _found(request, form)
    count = cases.order_by()[: EXPORT_CAP + 1].count()
    if count > EXPORT_CAP:
        raise DomainError(
            _("One file holds up to %(most)s cases. Filter the list first.") % {"most": EXPORT_CAP}
        )
    details = {"format": file_type, "cases": count, "searched": bool(form.wanted.text), **form.codes}
    record("export.cases", by=request.user, target="cases", details=details)
    make = {"csv": exports.csv_response, "xlsx": exports.xlsx_response}[file_type]
    return make(cases, request.user)


def _filter(request: Request) -> CaseFilterForm:
    """The filter of the address, with the search that it names."""
    asked = request.GET.copy()
    token = asked.get("zoek", "")
    kept = request.session.get(SEARCHES, {}).get(token, "")
    asked["q"] = kept
    return CaseFilterForm(asked, user=request.user, on=today(), search_is_lost=bool(token and not kept))


def _keep(request: HttpRequest, text: str) -> str:
    """Remembers what was searched for; returns the name of it for the address."""
    kept: dict[str, str] = request.session.get(SEARCHES, {})
    token = secrets.token_urlsafe(9)
    request.session[SEARCHES] = dict([*kept.items(), (token, text)][-SEARCHES_KEPT:])
    return token


def _found(request: Request, form: CaseFilterForm) -> CaseQuerySet:
    on = today()
    return listing.in_order(listing.find(request.user, form.wanted, on=on), form.cleaned_data["sort"], on=on)


def _count(cases: CaseQuerySet) -> int:
    """The number found, one more than the cap where there are more than that."""
    count, more = count_up_to_cap(cases)
    return count + more


def _page_number(request: HttpRequest) -> int:
    """The page asked for; 0 where there can be no such page."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if number <= listing.LAST_PAGE else 0


def _frame(request: Request, form: CaseFilterForm) -> dict[str, Any]:
    """What stands around the rows."""
    user = request.user
    address = reverse("case_list")
    return {
        "form": form,
        "sort": listing.sort_in_use(request.GET.get("sort", "")),
        "shows_category": listing.reads(user, Section.EXEMPTION),
        "shows_through": listing.has_more_roles(user),
        "sees_cases": listing.has_cases(user),
        "may_signal": may_signal(user),
        "first_page_url": _with(request, address, page=None),
        "wider_url": _with(request, address, page=None, state=listing.ALL),
        "csv_url": _with(request, reverse("case_export", args=["csv"]), page=None),
        "xlsx_url": _with(request, reverse("case_export", args=["xlsx"]), page=None),
    }


def _with(request: HttpRequest, address: str, **changes: str | None) -> str:
    """An address with the parameters of this one that we know, some of them changed."""
    asked = QueryDict(mutable=True)
    for name in IN_ADDRESS:
        value = changes.get(name, request.GET.get(name))
        if value:
            asked[name] = value
    return f"{address}?{asked.urlencode()}" if asked else address
