"""What the tests of cases share."""

from tests.cast import cast

__all__ = ["cast"]
