"""What the tests of rules and reminders share."""

from tests.cases.views import on_the_day
from tests.cast import cast

__all__ = ["cast", "on_the_day"]
