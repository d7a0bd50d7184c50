from django.http import HttpRequest

from accounts.models import User


class UserRequest(HttpRequest):
    """The request of somebody who is logged in, as the middleware asks of all views but the public ones."""

    user: User
