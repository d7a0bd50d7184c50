"""The import of a register on screen: who may, what happens to the file, and what if a worker dies."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Membership, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, RegisterUpload
from cases.queries.uploads import LEASE
from cases.services.register import importing, uploads
from tests.factories.accounts import UserFactory, member
from tests.factories.register import NOW, Places, row, write_register

pytestmark = pytest.mark.django_db

State = RegisterUpload.State
URL = "/dossiers/register/"


@pytest.fixture(autouse=True)
def _at_two_o_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(places: Places) -> User:
    return member(UserFactory(language="en"), Role.CASE_MANAGER, places.po.organisation)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(manager: User) -> Client:
    return browser(manager)


def a_file(tmp_path: Path, *rows: dict[str, str], name: str = "lijst.csv") -> SimpleUploadedFile:
    content = write_register(tmp_path / "upload.csv", rows).read_bytes()
    return SimpleUploadedFile(name, content)


def upload(client: Client, tmp_path: Path, *rows: dict[str, str]) -> RegisterUpload:
    response = client.post(URL, {"file": a_file(tmp_path, *rows)})
    found = RegisterUpload.objects.latest("uploaded_at")
    assert response.status_code == 302
    assert response["Location"] == f"{URL}{found.pk}/"
    return found


def work(at: dt.datetime = NOW) -> int:
    return uploads.work(clock=lambda: at)


def fresh(found: RegisterUpload) -> RegisterUpload:
    return RegisterUpload.objects.get(pk=found.pk)


def files() -> list[str]:
    return default_storage.listdir("register")[1] if default_storage.exists("register") else []


# --- The way through


def test_from_file_to_cases(client: Client, manager: User, places: Places, tmp_path: Path) -> None:
    found = upload(
        client,
        tmp_path,
        row(),
        row(dossier="A-2", voornaam="Sem", sector="x"),
        row(dossier="A-3", sector="so"),
    )
    address = f"{URL}{found.pk}/"
    assert "being checked" in client.get(address).content.decode()
    assert work() == 1
    assert not Case.objects.exists()
    page = client.get(address).content.decode()
    assert "Check of the register" in page
    assert "Import 1 row" in page
    assert [problem["line"] for problem in client.get(address).context["problems"]] == [3, 4]
    assert fresh(found).report == {
        "rows": 3,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": 2,
        "warnings": 0,
        "refusals": fresh(found).report["refusals"],
        "oddities": [],
    }
    assert client.post(f"{address}importeren/")["Location"] == address
    assert "being imported" in client.get(address).content.decode()
    assert work() == 1
    case = Case.objects.get()
    assert (case.source_reference, case.entered_by) == ("A-1", manager)
    assert fresh(found).state == State.IMPORTED
    assert "The register was imported" in client.get(address).content.decode()
    assert files() == []
    events = Event.objects.filter(action__startswith="register.").order_by("pk")
    assert [(event.action, event.actor_id) for event in events] == [
        ("register.uploaded", str(manager.pk)),
        ("register.confirmed", str(manager.pk)),
        ("register.imported", str(manager.pk)),
    ]
    assert events[2].details["created"] == 1


def test_a_workbook_goes_in_as_well(client: Client, places: Places) -> None:
    from common.tabular import write_xlsx

    buffer = io.BytesIO()
    write_xlsx(buffer, list(row()), [list(row().values())])
    client.post(URL, {"file": SimpleUploadedFile("Lijst.XLSX", buffer.getvalue())})
    work()
    found = RegisterUpload.objects.get()
    client.post(f"{URL}{found.pk}/importeren/")
    work()
    assert Case.objects.count() == 1


def test_the_second_press_does_nothing(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    assert client.post(f"{URL}{found.pk}/importeren/").status_code == 302
    assert fresh(found).state == State.CHECKING
    work()
    for _press in range(2):
        assert client.post(f"{URL}{found.pk}/importeren/").status_code == 302
    work()
    client.post(f"{URL}{found.pk}/importeren/")
    assert (fresh(found).state, work(), Case.objects.count()) == (State.IMPORTED, 0, 1)


def test_refused_rows_as_a_file(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row(sector="=x"), row(dossier="A-2"))
    work()
    response: Any = client.get(f"{URL}{found.pk}/geweigerd.csv")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    (header, *refused) = csv.reader(io.StringIO(content), delimiter=";")
    assert header == ["Line", "Column", "Value", "Reason"]
    assert [line[:3] for line in refused] == [["2", "sector", "'=x"]]
    assert response["Content-Disposition"].startswith("attachment")


def test_problems_come_in_pages_and_not_all_are_kept(
    client: Client, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(uploads, "MOST_LISTED", 60)
    found = upload(client, tmp_path, *(row(dossier=f"A-{n}", sector="x") for n in range(70)))
    work()
    response = client.get(f"{URL}{found.pk}/?page=2")
    assert len(response.context["problems"]) == 10
    assert "There are 10 more" in response.content.decode()
    assert "There is nothing in this file to import" in response.content.decode()


def test_the_part_that_refreshes(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    headers = {"HX-Request": "true"}
    part = client.get(f"{URL}{found.pk}/", headers=headers)
    assert part.content.decode().strip().startswith('<div class="stack" id="progress"')
    work()
    assert client.get(f"{URL}{found.pk}/", headers=headers)["HX-Refresh"] == "true"


def test_the_page_of_an_upload_in_the_middle(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    RegisterUpload.objects.filter(pk=found.pk).update(rows_done=500, rows_total=2000)
    page = client.get(f"{URL}{found.pk}/").content.decode()
    assert '<progress id="rows" max="2000" value="500">' in page


# --- What is no register


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("lijst.txt", b"dossier;swv\n", "ends in .csv or .xlsx"),
        ("lijst.xlsx", b"dossier;swv\n", "not what its name says"),
        ("lijst.csv", b"PK\x03\x04rest", "not what its name says"),
        ("lijst.xlsx", b"PK\x03\x04rest", "damaged"),
        ("lijst.csv", b"\x00\x01\x02binary", "not a CSV file"),
        ("lijst.csv", b"dossier;swv\nA;B\n", "required column is missing"),
        ("lijst.csv", b"", "empty"),
    ],
)
def test_another_file_is_refused_at_once(client: Client, name: str, content: bytes, says: str) -> None:
    response = client.post(URL, {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not RegisterUpload.objects.exists()
    assert files() == []


def test_no_file_and_too_large_a_file(client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    assert client.post(URL, {}).status_code == 422
    monkeypatch.setattr("cases.forms.register.MOST_MEGABYTES", 0)
    response = client.post(URL, {"file": a_file(tmp_path, row())})
    assert (response.status_code, RegisterUpload.objects.count()) == (422, 0)


def test_not_more_than_a_few_files_at_once(client: Client, tmp_path: Path) -> None:
    for _number in range(uploads.MOST_AT_ONCE):
        upload(client, tmp_path, row())
    response = client.post(URL, {"file": a_file(tmp_path, row())})
    assert response.status_code == 422
    assert len(files()) == uploads.MOST_AT_ONCE


def test_the_name_of_the_file_never_becomes_a_path(client: Client, tmp_path: Path) -> None:
    client.post(URL, {"file": a_file(tmp_path, row(), name="../../Jan Jansen.csv")})
    found = RegisterUpload.objects.get()
    assert found.file_name == "Jan Jansen.csv"
    assert len(Path(found.file.name).stem) == 32
    assert found.file.name.startswith("register/")


# --- Who may


def test_only_case_managers_see_it(places: Places, client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    others = [
        member(None, Role.COORDINATOR, places.school.organisation),
        member(None, Role.REPORTER, places.po.organisation),
        member(None, Role.ADMINISTRATOR, places.po.organisation),
    ]
    for other in others:
        visitor = browser(other)
        assert visitor.get(URL).status_code == 403
        assert visitor.post(URL, {"file": a_file(tmp_path, row())}).status_code == 403
        for part in ("", "geweigerd.csv"):
            assert visitor.get(f"{URL}{found.pk}/{part}").status_code == 403
        for part in ("importeren/", "weg/"):
            assert visitor.post(f"{URL}{found.pk}/{part}").status_code == 403
    assert Client().get(URL).status_code == 302
    assert RegisterUpload.objects.count() == 1


def test_an_upload_is_its_owners_only(places: Places, client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    work()
    colleague = browser(member(None, Role.CASE_MANAGER, places.po.organisation))
    for part in ("", "geweigerd.csv"):
        assert colleague.get(f"{URL}{found.pk}/{part}").status_code == 404
    for part in ("importeren/", "weg/"):
        assert colleague.post(f"{URL}{found.pk}/{part}").status_code == 404
    assert colleague.get(URL).context["uploads"].count() == 0
    assert fresh(found).state == State.CHECKED


def test_rows_of_another_partnership_stay_out(client: Client, tmp_path: Path) -> None:
    elsewhere = row(dossier="V", swv="VO2801", vestiging="07EF01", sector="vo", leerjaar="")
    found = upload(client, tmp_path, row(), elsewhere)
    work()
    (refusal,) = fresh(found).report["refusals"]
    assert (refusal["line"], refusal["column"]) == (3, "swv")
    client.post(f"{URL}{found.pk}/importeren/")
    work()
    assert Case.objects.count() == 1


def test_who_lost_the_role_imports_nothing(client: Client, manager: User, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    work()
    client.post(f"{URL}{found.pk}/importeren/")
    Membership.objects.filter(user=manager).update(ended_at=NOW)
    work()
    assert (fresh(found).state, Case.objects.count(), files()) == (State.FAILED, 0, [])
    assert client.get(f"{URL}{found.pk}/").status_code == 403


# --- Workers that die, files that stay


class Killed(BaseException):
    """As a worker dies: nothing of ours gets to clean up."""


def test_a_dead_workers_import_is_taken_over(client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    found = upload(client, tmp_path, *(row(dossier=f"A-{n}", voornaam=f"Noor {n}") for n in range(5)))
    work()
    client.post(f"{URL}{found.pk}/importeren/")
    hold = uploads._hold

    def die(*args: Any, **values: Any) -> None:
        hold(*args, **values)
        if values.get("rows_done") == 4:
            raise Killed

    monkeypatch.setattr(uploads, "_hold", die)
    with pytest.raises(Killed):
        work()
    monkeypatch.setattr(uploads, "_hold", hold)
    assert Case.objects.count() == 4
    assert (fresh(found).state, fresh(found).rows_done) == (State.IMPORTING, 4)
    assert work(NOW + LEASE) == 0
    assert work(NOW + LEASE + dt.timedelta(seconds=1)) == 1
    assert Case.objects.count() == 5
    report = fresh(found).report
    assert (fresh(found).state, report["created"], report["unchanged"]) == (State.IMPORTED, 5, 0)


def test_who_was_taken_over_stops(client: Client, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    found = upload(client, tmp_path, row(), row(dossier="A-2", voornaam="Sem"))
    work()
    client.post(f"{URL}{found.pk}/importeren/")
    hold = uploads._hold

    def lose(upload: RegisterUpload, **values: Any) -> None:
        hold(upload, **values)
        RegisterUpload.objects.update(claimed_at=NOW + dt.timedelta(hours=1))

    monkeypatch.setattr(uploads, "_hold", lose)
    work()
    assert Case.objects.count() == 1
    assert fresh(found).state == State.IMPORTING
    assert files() != []


def test_a_file_that_kills_every_worker_is_given_up(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    RegisterUpload.objects.update(report={"attempts": uploads.MOST_ATTEMPTS})
    work()
    assert (fresh(found).state, files()) == (State.FAILED, [])
    assert "could not be worked through" in client.get(f"{URL}{found.pk}/").content.decode()


def test_what_goes_wrong_is_logged_without_names(
    client: Client, tmp_path: Path, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*args: Any, **options: Any) -> None:
        raise RuntimeError("Noor van Dijk")

    monkeypatch.setattr(uploads, "import_register", break_down)
    found = upload(client, tmp_path, row())
    work()
    assert fresh(found).state == State.FAILED
    assert "register_failed" in caplog.text
    assert "Noor" not in caplog.text
    assert "Something went wrong on our side" in client.get(f"{URL}{found.pk}/").content.decode()


def test_discarding_destroys_the_file(
    client: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    found = upload(client, tmp_path, row())
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{URL}{found.pk}/weg/")["Location"] == URL
    assert (RegisterUpload.objects.count(), files()) == (0, [])
    assert client.get(f"{URL}{found.pk}/").status_code == 404


def test_an_import_underway_is_not_discarded(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    RegisterUpload.objects.update(state=State.IMPORTING)
    assert client.post(f"{URL}{found.pk}/weg/").status_code == 409
    assert files() != []


def test_a_day_later_nothing_is_left(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    work()
    assert uploads.destroy_stale(at=NOW + dt.timedelta(hours=22)) == 0
    assert fresh(found).state == State.CHECKED
    much_later = NOW + dt.timedelta(days=3650)  # the file itself has the day on which this test runs
    assert uploads.destroy_stale(at=much_later) == 1
    assert (RegisterUpload.objects.count(), files()) == (0, [])


def test_a_file_that_is_gone(client: Client, tmp_path: Path) -> None:
    found = upload(client, tmp_path, row())
    default_storage.delete(found.file.name)
    work()
    assert fresh(found).state == State.FAILED


def test_the_task_is_woken_after_commit(
    client: Client, tmp_path: Path, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(uploads.current_app, "send_task", lambda name, **options: sent.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        found = upload(client, tmp_path, row())
    work()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{URL}{found.pk}/importeren/")
    assert sent == ["cases.tasks.work_on_uploads"] * 2


def test_a_broker_that_is_down_keeps_nobody_out(
    client: Client, tmp_path: Path, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(name: str, **options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(uploads.current_app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, tmp_path, row())
    assert work() == 1
