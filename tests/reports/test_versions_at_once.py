"""Two people, or two workers, at the same report at the same moment, on connections of their own."""

import pytest
from django.utils import translation

from accounts.roles import Role
from audit.models import Event
from common.errors import DomainError
from reports.models import DraftTurn, Version
from reports.queries.versions import is_whole, seal_of
from reports.services import drafts
from reports.services import versions as services
from tests.at_once import at_once
from tests.cast import NOW, TODAY, Cast, cast
from tests.factories.accounts import member
from tests.reports.handing_in import LATER, OCTOBER, draft, issue, issued, the

__all__ = ["cast"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def db(transactional_db: None) -> None:
    """The cast in a database that commits."""


def test_two_reporters_issue_at_once(cast: Cast) -> None:
    other = member(None, Role.REPORTER, cast.swv.organisation)
    made = draft(cast)

    def as_(by: object) -> Version:
        with translation.override("en"):
            return issue(cast, made, by=by)

    results = at_once(lambda: as_(the(cast, "reporter")), lambda: as_(other))
    (won,) = [result for result in results if isinstance(result, Version)]
    (lost,) = [result for result in results if isinstance(result, DomainError)]
    assert (lost.status, str(lost)) == (409, f"{won.issued_by} has issued this report already.")
    kept = Version.objects.get()
    assert (kept.issued_by, kept.digest, is_whole(kept)) == (won.issued_by, won.digest, True)
    assert Event.objects.filter(action="report.issued").count() == 1


def test_one_issues_while_another_counts_again(cast: Cast) -> None:
    made, by = draft(cast), the(cast, "reporter")
    mark = seal_of(made)
    results = at_once(
        lambda: issue(cast, made, mark=mark),
        lambda: services.recount(version_id=made.pk, by=by, at=LATER),
    )
    (refused,) = [result for result in results if isinstance(result, DomainError)]
    kept = Version.objects.get()
    assert (refused.status, kept.is_issued) == (409, refused is results[1])
    assert kept.known_at == (NOW if kept.is_issued else LATER)


def test_two_begin_the_same_report(cast: Cast) -> None:
    results = at_once(lambda: draft(cast), lambda: draft(cast))
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "Version"]
    assert Version.objects.count() == 1


def test_two_begin_the_same_correction(cast: Cast) -> None:
    first, by = issued(cast), the(cast, "reporter")
    results = at_once(*[lambda: services.correct(version_id=first.pk, by=by, at=LATER)] * 2)
    assert {result.pk for result in results} == {Version.objects.get(number=2).pk}


def test_two_workers_make_the_drafts(cast: Cast) -> None:
    results = at_once(*[lambda: drafts.make_due(at=NOW, on=TODAY)] * 3)
    assert sum(results) == Version.objects.count() == DraftTurn.objects.count() == 4
    assert Version.objects.filter(partnership=cast.swv, first_day=OCTOBER.first).count() == 1
