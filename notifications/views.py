from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from common.dates import now
from common.render import render_page
from notifications.queries import newest_notice_id, notices_of, unread_count
from notifications.services import mark_all_read, mark_read

PER_PAGE = 25


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(notices_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unread": unread_count(request.user),
        "newest": newest_notice_id(request.user),
    }
    return render_page(request, "notifications/inbox.html", context)


@require_POST
def read(request: HttpRequest, notice_id: int) -> HttpResponse:
    mark_read(by=request.user, notice_id=notice_id, at=now())
    page = request.POST.get("page", "")
    return redirect(f"{reverse('inbox')}?page={page}" if page.isdecimal() and page != "1" else "inbox")


@require_POST
def read_all(request: HttpRequest, up_to: int) -> HttpResponse:
    mark_all_read(by=request.user, up_to=up_to, at=now())
    return redirect("inbox")
