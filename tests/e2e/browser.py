"""A visitor in a real Chromium: what he does, and everything that must not go wrong while he does it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils.translation import gettext, override
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

#: Debian's Chromium; nothing is downloaded.
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}

REFUSED = re.compile(r"the server responded with a status of (\d+)")


class Visitor:
    """Somebody with a browser of his own. Whatever the browser complains about is kept in `problems`."""

    def __init__(
        self, context: BrowserContext, address: str, *, language: str = "nl", scripts: bool = True
    ) -> None:
        self.context, self.address, self.language, self.scripts = context, address, language, scripts
        self.problems: list[str] = []
        self.expected: set[int] = set()
        self.page = context.new_page()
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        """Errors, and with them each breach of the Content-Security-Policy; `_answered` judges statuses."""
        if message.type in {"error", "warning"} and not REFUSED.search(message.text):
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        """A page that is left while it loads, and a download, are not failures."""
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"status {response.status}: {response.request.method} {response.url}")

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Within this, pages with these statuses are no problem."""
        before = set(self.expected)
        self.expected |= set(statuses)
        try:
            yield
        finally:
            self.expected.clear()
            self.expected |= before

    def text(self, english: str, **given: str) -> str:
        """What is said in the language of this visitor."""
        with override(self.language):
            return gettext(english) % given if given else gettext(english)

    # --- Going somewhere

    def goto(self, name: str, *args: Any, status: int = 200) -> None:
        """The page of a URL name, which answers with this status."""
        self.goto_path(reverse(name, args=args), status=status)

    def goto_path(self, path: str, *, status: int = 200) -> None:
        with self.expecting(status):
            response = self.page.goto(self.address + path)
        assert response is not None
        assert (path, response.status) == (path, status)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    # --- Doing something

    def fill(self, **fields: str | bool) -> None:
        """Fills in fields by their names in the form; a select by its value, radio buttons too."""
        for name, value in fields.items():
            field = self.page.locator(f"main [name={name!r}]")
            kind = field.first.evaluate("it => it.type")
            if isinstance(value, bool):
                field.set_checked(value)
            elif kind in {"radio", "checkbox"}:
                self.page.locator(f"main [name={name!r}][value={value!r}]").check()
            elif kind.startswith("select"):
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, english: str, *, within: Locator | None = None) -> None:
        """Presses the button or link that says this in the visitor's language; waits for the next page."""
        root, text = within or self.page.locator("main"), self.text(english)
        button = root.get_by_role("button", name=text, exact=True)
        button.or_(root.get_by_role("link", name=text, exact=True)).first.click()
        self.page.wait_for_load_state("load")

    def enter(self) -> None:
        """Sends the form with the Enter key, and waits for the next page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def told(self, english: str, **given: str) -> None:
        """The page says this in the visitor's language."""
        self.sees(self.text(english, **given))

    def sees_not(self, text: str) -> None:
        """After something was seen: the page is there, and this is not on it."""
        expect(self.page.locator("body")).not_to_contain_text(text)

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def focused(self) -> str:
        """What has the focus: its name in the form, else its id, else its text."""
        found: str = self.page.evaluate(
            "() => { const it = document.activeElement;"
            " return it.getAttribute('name') || it.id || it.textContent.trim(); }"
        )
        return found


def axe_violations(page: Page) -> list[str]:
    """What axe has against the page as it stands, one line for each element."""
    found = Axe().run(page).response["violations"]
    return [
        f"{it['id']}: {node['target']} {node['failureSummary']!r}" for it in found for node in it["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wide


def wide_elements(page: Page) -> list[str]:
    """The elements that stick out on the right, to find the cause by."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('body *')]"
        ".filter(it => it.getBoundingClientRect().right > window.innerWidth + 1)"
        ".map(it => it.tagName + '.' + it.className).slice(0, 5)"
    )
    return found
