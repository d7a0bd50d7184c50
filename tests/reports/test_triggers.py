"""The database refuses to change what was issued, whoever asks and however: not only the services."""

import pytest
from django.db import DatabaseError, connection, transaction

from reports.models import Version, VersionLines
from tests.append_only import triggers_lifted
from tests.cast import Cast, cast
from tests.reports.handing_in import OCTOBER, SEPTEMBER, draft, issued

__all__ = ["cast"]

pytestmark = pytest.mark.django_db(transaction=True)

STATEMENTS = [
    "UPDATE reports_version SET comment = 'x' WHERE issued_at IS NOT NULL",
    "UPDATE reports_version SET issued_at = NULL, issued_by_id = NULL, digest = ''",
    "UPDATE reports_version SET id = id + 100 WHERE issued_at IS NOT NULL",
    "DELETE FROM reports_version WHERE issued_at IS NOT NULL",
    "UPDATE reports_versionlines SET \"values\" = '[]'",
    "DELETE FROM reports_versionlines",
]

#: What removes or replaces rows without DELETE or UPDATE, on each database.
ROUNDABOUT = {
    "postgresql": ["TRUNCATE reports_version CASCADE", "TRUNCATE reports_versionlines"],
    "sqlite": [
        "INSERT OR REPLACE INTO reports_version SELECT * FROM reports_version",
        "INSERT OR REPLACE INTO reports_versionlines SELECT * FROM reports_versionlines",
    ],
}


@pytest.fixture
def db(transactional_db: None) -> None:
    """The cast in a database that commits."""


def rows() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Version, VersionLines)]


@pytest.mark.parametrize("statement", [*STATEMENTS, *ROUNDABOUT[connection.vendor]])
def test_changing_and_removing_is_refused(cast: Cast, statement: str) -> None:
    issued(cast, SEPTEMBER)
    before = rows()
    with pytest.raises(DatabaseError, match="stays as it is"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert rows() == before


def test_lines_move_neither_from_nor_to_an_issued_report(cast: Cast) -> None:
    kept, other = issued(cast, SEPTEMBER), draft(cast, OCTOBER)
    VersionLines.objects.filter(version=other).delete()
    before = rows()
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        VersionLines.objects.filter(version=kept).update(version=other)
    with pytest.raises(DatabaseError, match="stays as it is"), triggers_back(kept):
        VersionLines.objects.create(version=kept, values=[])
    assert rows() == before


class triggers_back:
    """Takes the lines of a version away within a transaction that is undone."""

    def __init__(self, version: Version) -> None:
        self.version, self.block = version, transaction.atomic()

    def __enter__(self) -> None:
        self.block.__enter__()
        with triggers_lifted():
            VersionLines.objects.filter(version=self.version).delete()

    def __exit__(self, *error: object) -> None:
        self.block.__exit__(*error)  # type: ignore[arg-type]


def test_models_are_refused_as_well(cast: Cast) -> None:
    version = issued(cast, SEPTEMBER)
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        version.delete()
    version.comment = "x"
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        version.save()
    assert Version.objects.get().comment == "Klopt."


def test_a_draft_may_be_changed_and_removed(cast: Cast) -> None:
    issued(cast, SEPTEMBER)
    made = draft(cast, OCTOBER)
    Version.objects.filter(pk=made.pk).update(comment="x")
    VersionLines.objects.filter(version=made).update(values=[])
    Version.objects.get(pk=made.pk).delete()
    assert [(it.first_day, it.is_issued) for it in Version.objects.all()] == [(SEPTEMBER.first, True)]
