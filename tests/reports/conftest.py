"""What the tests of reports share."""

from tests.cases.views import on_the_day
from tests.cast import cast
from tests.factories.register import bring_in, places

__all__ = ["bring_in", "cast", "on_the_day", "places"]
