"""The template of the quarterly list, for administrators."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.views.opening import FORM, Request
from common.errors import NotAllowed
from common.render import render_page
from reports import access
from reports.forms.templates import OptionsForm, formset_of
from reports.queries.inspectorate import template_of
from reports.rules.columns import Column
from reports.rules.samples import sample_rows
from reports.services.templates import restore_template, save_template
from schools.models import Partnership


@require_safe
def list_templates(request: Request) -> HttpResponse:
    """Leads to the template of the one partnership that somebody administers, or lets choose."""
    found = list(access.partnerships_administered_by(request.user))
    if not found:
        raise NotAllowed(_("Administrators of a partnership choose the columns of its quarterly list."))
    if len(found) == 1:
        return redirect("list_template", found[0].pk)
    return render_page(request, "reports/lists/templates.html", {"partnerships": found})


@require_http_methods(FORM)
def list_template(request: Request, partnership: int) -> HttpResponse:
    """The columns; a POST saves them, or shows first what they would give."""
    found = _partnership(request, partnership)
    template = template_of(found.pk)
    sent = request.POST if request.method == "POST" else None
    options = OptionsForm(sent, initial={"with_5a": template.with_5a})
    columns = formset_of(template.columns, sent)
    shown, is_right = list(template.columns), sent is not None and _is_right(options, columns)
    if is_right and "preview" not in request.POST:
        with_5a = options.cleaned_data["with_5a"]
        changed = save_template(partnership=found, columns=columns.columns, with_5a=with_5a, by=request.user)
        said = _("The template has been saved.") if changed else _("Nothing was changed.")
        messages.success(request, said)
        return redirect("list_template", found.pk)
    if is_right:
        shown = columns.columns
    context = {
        "partnership": found,
        "template": template,
        "options": options,
        "columns": columns,
        "preview": _preview(found, shown),
        "is_unsaved": is_right,
    }
    status = 200 if sent is None or is_right else 422
    return render_page(request, "reports/lists/template.html", context, status=status)


@require_POST
def list_template_restore(request: Request, partnership: int) -> HttpResponse:
    done = restore_template(partnership=_partnership(request, partnership), by=request.user)
    messages.success(request, _("The default template holds again.") if done else _("Nothing was changed."))
    return redirect("list_template", partnership)


def _is_right(options: OptionsForm, columns: Any) -> bool:
    return all([options.is_valid(), columns.is_valid()])


def _preview(partnership: Partnership, columns: list[Column]) -> dict[str, Any]:
    """Headers, and the values of made-up rows under their headers."""
    rows = sample_rows(partnership.number)
    return {
        "headers": [column.header for column in columns],
        "rows": [[(column.header, column.value(row)) for column in columns] for row in rows],
    }


def _partnership(request: Request, pk: int) -> Partnership:
    """Of another partnership the template is not found."""
    return access.one_of(access.partnerships_administered_by(request.user), pk)
