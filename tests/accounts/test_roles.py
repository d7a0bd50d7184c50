from types import SimpleNamespace

import pytest

from accounts.roles import BELONGS, KINDS, Role, role_fits

# role: where it fits, of all places there are
FITS = {
    "coordinator": {"school", "site"},
    "case_manager": {"partnership"},
    "reporter": {"partnership"},
    "administrator": {"partnership"},
    "privacy_officer": {"partnership"},
    "care_worker": {"care"},
    "attendance_officer": {"office"},
    "platform_operator": {"nowhere"},
}


@pytest.mark.parametrize("role", FITS)
def test_role_fits(world: SimpleNamespace, role: str) -> None:
    places = {
        "partnership": world.here.partnership,
        "school": world.here.school,
        "site": world.here.site,
        "care": world.here.care,
        "office": world.here.office,
        "board": world.board,
        "municipality": world.municipality,
        "nowhere": None,
    }

    assert {name for name, place in places.items() if role_fits(role, place)} == FITS[role]


def test_every_role_says_where_it_belongs() -> None:
    assert set(FITS) == set(Role.values) == set(KINDS) == set(BELONGS)
