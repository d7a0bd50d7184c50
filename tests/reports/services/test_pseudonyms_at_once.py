"""Two make a list at once, on real connections: both write the same pseudonyms."""

import pytest

from reports.models import Pseudonym
from reports.services.pseudonyms import pseudonyms_of
from tests.at_once import at_once
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_make_pseudonyms_at_once() -> None:
    swv = PartnershipFactory()
    site = SchoolSiteFactory(partnerships=[swv])
    keys = [make_case(partnership=swv, site=site).pk for _ in range(30)]
    orders = [keys, keys[::-1], keys[10:] + keys[:10], keys[5:25]]
    found = at_once(*(lambda order=order: pseudonyms_of(order, partnership_id=swv.pk) for order in orders))
    kept = dict(Pseudonym.objects.values_list("case_id", "code"))
    assert len(kept) == len(set(kept.values())) == 30
    for order, answer in zip(orders, found, strict=True):
        assert answer == {key: kept[key] for key in order}
