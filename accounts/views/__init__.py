from django.http import HttpRequest, QueryDict

from accounts.models import User


class UserRequest(HttpRequest):
    """The request of somebody who is logged in, as the middleware asks of all views but the public ones."""

    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: also an empty one, when it was sent."""
    return request.POST if request.method == "POST" else None
