"""What the tests of escalations share."""

from tests.cast import cast
from tests.factories.register import bring_in, places

__all__ = ["bring_in", "cast", "places"]
