"""Small pages to see the frame, the refusals and the headers with; they touch no table."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from django.views.i18n import set_language
from django_ratelimit.exceptions import Ratelimited

from common import views
from common.errors import AlreadyDone, DomainError, Invalid, NotAllowed, NotFound
from common.render import render_page

REFUSALS: dict[str, Exception] = {
    "conflict": DomainError("Somebody else has just closed this case."),
    "not-allowed": NotAllowed("Only the case lead may close a case."),
    "not-found": NotFound("The case of Adam exists."),
    "invalid": Invalid("The first day lies after the last."),
    "done": AlreadyDone("/about/"),
    "denied": PermissionDenied("secret reason"),
    "limited": Ratelimited(),
    "suspicious": SuspiciousOperation("secret reason"),
    "broken": RuntimeError("secret reason"),
}


class NameForm(forms.Form):
    name = forms.CharField(label="Name")


@login_not_required
def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    raise REFUSALS[kind]


@login_not_required
@csrf_protect
def name(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST or None)
    return render_page(request, "tests/name.html", {"form": form}, status=422 if form.errors else 200)


urlpatterns = [
    path("about/", views.about, name="about"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("name/", name, name="name"),
    path("refuse/<str:kind>/", refuse, name="refuse"),
]

handler400 = "common.views.bad_request"
handler403 = "common.views.permission_denied"
handler404 = "common.views.page_not_found"
handler500 = "common.views.server_error"
