"""One Chromium for all journeys, a server on the test database, and the day on which the cast lives."""

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, sync_playwright

from accounts.models import User
from tests.cast import NOW, cast
from tests.e2e.browser import CHROMIUM, FLAGS, WIDE, Visitor
from tests.factories.accounts import PASSWORD

__all__ = ["cast"]

FAILURES = Path(django_settings.VAR_DIR) / "failures"

#: How far the browser may be behind before a test calls it missing, in milliseconds.
PATIENCE = 10_000

Open = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's own loop runs in this thread; the ORM of the tests may be used beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _the_day_of_the_cast() -> Iterator[None]:
    """The server's clock stands on the day of the cast, and runs."""
    with time_machine.travel(NOW.astimezone(dt.UTC), tick=True):
        yield


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, chromium: Browser, transactional_db: None, live_server: Any
) -> Iterator[Open]:
    """`visit(user)` opens a browser of his own in which he is logged in; `visit()` one of nobody.

    After the test nothing may have gone wrong in any of them.
    """
    visitors: list[Visitor] = []

    def open_one(
        user: User | None = None,
        *,
        language: str = "nl",
        viewport: Any = None,
        recently: bool = False,
        scripts: bool = True,
    ) -> Visitor:
        context = chromium.new_context(viewport=viewport or WIDE, locale="nl-NL", java_script_enabled=scripts)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "language", "value": language, "url": live_server.url}])
        if user is not None:
            User.objects.filter(pk=user.pk).update(language=language)
            context.add_cookies(
                [
                    {"name": name, "value": value, "url": live_server.url}
                    for name, value in login(user, recently)
                ]
            )
        visitor = Visitor(context, live_server.url, language=language, scripts=scripts)
        visitors.append(visitor)
        return visitor

    yield open_one
    failed = getattr(request.node, "failed", False)
    for number, visitor in enumerate(visitors):
        if failed:
            _keep(visitor, f"{request.node.name}-{number}")
        visitor.context.close()
    problems = [problem for visitor in visitors for problem in visitor.problems]
    assert problems == []


def login(user: User, recently: bool) -> list[tuple[str, str]]:
    """The cookie of a session of this user; `recently`: as if the password was typed just now."""
    client = Client()
    client.force_login(user)
    if recently:
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return [(django_settings.SESSION_COOKIE_NAME, client.cookies[django_settings.SESSION_COOKIE_NAME].value)]


def _keep(visitor: Visitor, name: str) -> None:
    """The page as it was when the test failed: a picture and its HTML."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    file = FAILURES / re.sub(r"[^\w.-]+", "_", name)[:120]
    page = visitor.context.pages[-1]
    page.screenshot(path=f"{file}.png", full_page=True)
    Path(f"{file}.html").write_text(f"<!-- {page.url} -->\n{page.content()}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
