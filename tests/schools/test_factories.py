import pytest

from tests.factories.schools import CarePartnerFactory, PartnershipFactory, SchoolFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db


def test_a_site_gets_its_school_partnerships_and_a_number_that_starts_with_the_brin():
    swv = PartnershipFactory(number="PO9999")
    school = SchoolFactory(number="99ZZ")
    first = SchoolSiteFactory(school=school, partnerships=[swv])
    second = SchoolSiteFactory(school=school)
    assert [first.number, second.number] == ["99ZZ01", "99ZZ02"]
    assert list(first.partnerships.all()) == [swv]
    assert list(second.partnerships.all()) == []
    assert first.organisation.kind == "vestiging"
    assert swv.organisation.number == "PO9999"


def test_only_an_attendance_office_gets_a_municipality():
    assert CarePartnerFactory(kind="leerplicht").municipality is not None
    assert CarePartnerFactory().municipality is None
