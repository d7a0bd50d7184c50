"""Pseudonyms: random, once for each case, the same ever after."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.models import Pseudonym
from reports.services import pseudonyms
from reports.services.pseudonyms import pseudonyms_of
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db


def test_the_same_case_has_the_same_pseudonym_ever_after() -> None:
    swv = PartnershipFactory()
    cases = [make_case(partnership=swv, site=SchoolSiteFactory(partnerships=[swv])) for _ in range(5)]
    keys = [case.pk for case in cases]
    first = pseudonyms_of(keys[:3], partnership_id=swv.pk)
    again = pseudonyms_of(keys, partnership_id=swv.pk)
    assert {key: again[key] for key in keys[:3]} == first
    assert len(set(again.values())) == 5
    assert pseudonyms_of(keys, partnership_id=swv.pk) == again
    assert Pseudonym.objects.count() == 5
    assert pseudonyms_of([], partnership_id=swv.pk) == {}


def test_a_pseudonym_follows_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn by the system's source of randomness: the same case gets another one in another installation."""
    swv = PartnershipFactory()
    case = make_case(partnership=swv, site=SchoolSiteFactory(partnerships=[swv]))
    codes = set()
    for _ in range(20):
        Pseudonym.objects.all().delete()
        codes.add(pseudonyms_of([case.pk], partnership_id=swv.pk)[case.pk])
    assert len(codes) == 20
    for code in codes:
        assert re.fullmatch(r"[BCDFGHJKMNPQRSTVWXZ][2-9BCDFGHJKMNPQRSTVWXZ]{7}", code)


def test_a_code_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    swv = PartnershipFactory()
    cases = [make_case(partnership=swv, site=SchoolSiteFactory(partnerships=[swv])) for _ in range(3)]
    drawn = iter(["B2222222", "B2222222", "B2222222", "B2222222", "C3333333", "D4444444"])
    monkeypatch.setattr(pseudonyms, "new_code", lambda: next(drawn))
    found = pseudonyms_of([case.pk for case in cases], partnership_id=swv.pk)
    assert sorted(found.values()) == ["B2222222", "C3333333", "D4444444"]


def test_as_many_statements_for_one_as_for_many() -> None:
    swv = PartnershipFactory()
    keys = [make_case(partnership=swv, site=SchoolSiteFactory(partnerships=[swv])).pk for _ in range(6)]
    counts = []
    for chosen in (keys[:1], keys):
        with CaptureQueriesContext(connection) as seen:
            pseudonyms_of(chosen, partnership_id=swv.pk)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6
