"""In which state a spell was on a day, out of what people did and what imports brought."""

from reports.rules.periods import Period
from reports.rules.states import Move, ended_in, entered, state_on
from tests.reports.making import day

SIGNALLED = day("01-05")


def move(on: str, state: str, *, transition: str = "x", before: str = "", source: str = "app") -> Move:
    return Move(day(on), transition, before, state, source)


def brought(on: str, state: str) -> Move:
    return move(on, state, source="import")


def taken_back(state: str) -> Move:
    return move("06-01", "signalled", transition="take_back", before=state, source="import")


def states(*moves: Move, signalled_on: str = "01-05") -> list[tuple[str, str]]:
    return [(f"{it.on:%m-%d}", it.to_state) for it in entered(moves, day(signalled_on))]


def test_a_state_holds_from_its_day() -> None:
    moves = entered([move("01-05", "signalled"), move("02-01", "arrangement")], SIGNALLED)
    found = [state_on(moves, day(it)) for it in ("01-04", "01-05", "01-31", "02-01")]
    assert found == ["signalled", "signalled", "signalled", "arrangement"]


def test_of_two_on_a_day_the_last_counts() -> None:
    moves = [move("01-05", "signalled"), move("01-05", "return"), move("01-05", "arrangement")]
    assert state_on(entered(moves, SIGNALLED), day("01-05")) == "arrangement"


def test_an_import_brings_another_day() -> None:
    moves = [brought("01-05", "signalled"), brought("02-01", "arrangement"), brought("03-01", "return")]
    assert states(*moves, brought("03-10", "arrangement")) == [
        ("01-05", "signalled"),
        ("03-01", "return"),
        ("03-10", "arrangement"),
    ]


def test_an_import_that_brings_another_day_keeps_the_order_of_the_columns() -> None:
    moves = [brought("01-05", "signalled"), brought("02-01", "arrangement"), brought("03-01", "closed")]
    assert states(*moves, brought("03-01", "arrangement"))[1:] == [
        ("03-01", "arrangement"),
        ("03-01", "closed"),
    ]


def test_an_import_takes_a_state_back() -> None:
    moves = [brought("01-05", "signalled"), brought("02-01", "arrangement"), taken_back("arrangement")]
    assert states(*moves) == [("01-05", "signalled")]


def test_another_day_of_the_signal() -> None:
    moves = [brought("01-05", "signalled"), move("02-01", "arrangement")]
    assert states(*moves, signalled_on="01-20") == [("01-20", "signalled"), ("02-01", "arrangement")]


def test_days_in_a_state_that_ended_in_the_period() -> None:
    moves = entered(
        [move("01-05", "signalled"), move("02-01", "arrangement"), move("03-01", "return")], SIGNALLED
    )
    assert ended_in(moves, Period(day("02-01"), day("02-28"))) == [("signalled", 27)]
    assert ended_in(moves, Period(day("01-01"), day("03-01"))) == [("signalled", 27), ("arrangement", 28)]
    assert ended_in(moves, Period(day("03-02"), day("03-31"))) == []
    assert ended_in([], Period(day("03-02"), day("03-31"))) == []
