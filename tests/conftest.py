"""What every test has: an empty cache (so no login limits of the test before) and its own uploads."""

import gc
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import TransactionTestCase

from tests.emptying import empty_tables

# Most of what a test makes is small and soon gone: looking for cycles less often saves a tenth of the time.
gc.set_threshold(200_000, 20, 100)


@pytest.fixture(autouse=True)
def _clean_slate(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    yield
    if django_settings.REDIS_URL:
        cache.delete_pattern("*")  # type: ignore[attr-defined]  # not clear(): other workers use the same Redis
    else:
        cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _few_rows_are_deleted() -> Iterator[None]:
    """A transactional test empties all tables afterwards."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: TransactionTestCase) -> None:
        empty_tables(lambda: flush(self))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


#: What is drawn on pages, and what asks no database at all, is the same on each of them: once is enough.
SAME_EVERYWHERE = (
    "accounts/test_pages.py",
    "accounts/views/*",
    "architecture/*",
    "cases/test_*_views.py",
    "cases/test_case_page.py",
    "common/test_[!p]*.py",
    "escalations/rules/*",
    "escalations/test_*_pages.py",
    "escalations/views/*",
    "reports/exports/*",
    "reports/rules/*",
    "reports/views/*",
    "schools/test_views.py",
    "scripts/test_drill.py",
)

#: Begun with: each takes long by itself, and the others run beside it.
LONGEST = ("scripts/test_run.py", "common/test_pulse.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--again", action="store_true", help="leave out what ran on another database and is the same on all"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what this run has no servers for or need not do again, and says how many that are; the
    longest come first.

    `services` needs PostgreSQL and Redis; `chaos` breaks its servers, so that it has to have its own.
    """
    has_services = (
        django_settings.REDIS_URL and "postgresql" in django_settings.DATABASES["default"]["ENGINE"]
    )
    lacking = set() if has_services else {"services"}
    if not config.pluginmanager.hasplugin("tests.chaos.plugin"):
        lacking.add("chaos")
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in lacking)]
    if config.getoption("--again"):
        left_out += [item for item in items if item not in left_out and _is_the_same_everywhere(item)]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: _path(item) not in LONGEST)


def _is_the_same_everywhere(item: pytest.Item) -> bool:
    """Not what needs the servers, which runs there only, nor odd input: each database breaks on its own."""
    if item.get_closest_marker("services") or item.name.startswith("test_odd"):
        return False
    return any(fnmatch(_path(item), it) for it in SAME_EVERYWHERE)


def _path(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).as_posix()
