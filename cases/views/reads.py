"""The log of reads for privacy officers: who opened which case, without the case."""

from django.http import HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.services import record
from cases.forms.reads import ReadsForm
from cases.queries.reads import reads_of, watches_over_reads
from cases.views.opening import Request
from common.errors import NotAllowed
from common.render import render_page


@require_safe
def reads(request: Request) -> HttpResponse:
    """Asks for a case number and shows who opened that case, or was refused."""
    if not watches_over_reads(request.user):
        raise NotAllowed(_("Only the privacy officer of a partnership reads who opened which case."))
    asked = "number" in request.GET
    form = ReadsForm(request.GET if asked else None, user=request.user)
    if not asked or not form.is_valid():
        return render_page(request, "cases/reads.html", {"form": form}, status=422 if asked else 200)
    number = form.cleaned_data["number"]
    events, earlier = reads_of(number, before=request.GET.get("before", ""))
    record("log.read", by=request.user, target=f"case {number}")
    context = {
        "form": form,
        "number": number,
        "events": events,
        "earlier_url": f"?{urlencode({'number': number, 'before': earlier})}" if earlier else "",
    }
    return render_page(request, "cases/reads.html", context)
