"""Keys in one array ask the same as a list of them, on both databases."""

import pytest

from common.arrays import among
from schools.models import Organisation
from tests.factories.schools import PartnershipFactory


@pytest.mark.django_db
def test_many_keys_at_once() -> None:
    first, second, third = (PartnershipFactory().pk for _ in range(3))

    found = Organisation.objects.filter(pk__in=among([third, first, first])).values_list("pk", flat=True)

    assert sorted(found) == sorted([first, third])
    assert Organisation.objects.filter(pk__in=among([])).count() == 0
    assert sorted(Organisation.objects.exclude(pk__in=among([first])).values_list("pk", flat=True)) == sorted(
        Organisation.objects.exclude(pk=first).values_list("pk", flat=True)
    )
    assert second in Organisation.objects.exclude(pk__in=among([first])).values_list("pk", flat=True)
