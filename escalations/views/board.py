"""The escalations page, for case managers."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.queries.worklist import manages_cases
from common import dates
from common.errors import NotAllowed
from common.render import render_page
from escalations.enums import Level
from escalations.forms.board import BoardForm
from escalations.queries.board import PAGE_SIZE, board_of, lines
from escalations.views.reminders import Request


@require_safe
def board(request: Request) -> HttpResponse:
    if not manages_cases(request.user):
        raise NotAllowed(_("Only case managers of a partnership see this."))
    on = dates.today()
    whole = board_of(request.user, on=on)
    schools = whole.schools()
    form = BoardForm(request.GET, schools=[(school.school_id, school.name) for school in schools])
    wanted = form.cleaned_data if form.is_valid() else {}
    found = whole.narrowed(level=wanted.get("level"), school=wanted.get("school"))
    page = Paginator(found.standings, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "narrows": any(value is not None for value in wanted.values()),
        "levels": whole.levels,
        "level_names": list(Level),
        "schools": schools,
        "page": page,
        "lines": lines(request.user, list(page.object_list), on=on),
        "on": on,
    }
    return render_page(request, "escalations/board.html", context, partial="results")
