"""A backup is whole or is refused, and only goes into an empty database."""

import json
import stat
import tarfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from common.backup import BackupFailed, make_backup, restore_backup
from common.dates import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    User.objects.create_user("somebody@example.org")
    default_storage.save("register/a/file.csv", ContentFile(b"dossier;swv"))
    made = tmp_path / "backup.tar"
    make_backup(made, at=now())
    return made


def test_it_holds_every_row_and_file_and_only_its_owner_may_read_it(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with tarfile.open(backup) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        kept = tar.extractfile("files/register/a/file.csv")
        assert kept is not None
        assert kept.read() == b"dossier;swv"
    assert manifest["engine"] == connection.vendor
    assert manifest["counts"]["accounts_user"] == 1
    assert set(manifest["counts"]) == set(connection.introspection.table_names())
    assert list(manifest["files"]) == ["register/a/file.csv"]


def test_one_that_exists_is_not_overwritten(backup: Path) -> None:
    before = backup.read_bytes()

    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(backup))

    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir() if path.name.startswith(".backup")] == []


def test_it_does_not_go_into_a_database_that_is_in_use(backup: Path) -> None:
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(backup))

    assert User.objects.count() == 1


@pytest.mark.parametrize("damage", ["cut", "changed", "something else", "missing"])
def test_a_damaged_one_is_refused(backup: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", lambda cursor=None: [])
    whole = backup.read_bytes()
    broken = {
        "cut": whole[: len(whole) // 2],
        "changed": whole.replace(b"dossier;swv", b"dossier;SWV"),
        "something else": b"dossier;swv",
        "missing": b"",
    }
    backup.write_bytes(broken[damage])
    if damage == "missing":
        backup.unlink()

    with pytest.raises(BackupFailed, match=r"damaged|no backup"):
        restore_backup(backup)
