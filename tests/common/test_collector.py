"""The collector rests within, and works on as it did before."""

import gc

import pytest

from common.collector import collector_at_rest


def test_rests_within_and_goes_on_afterwards() -> None:
    with collector_at_rest():
        assert not gc.isenabled()
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()

    assert gc.isenabled()


def test_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), collector_at_rest():
        raise ZeroDivisionError

    assert gc.isenabled()
