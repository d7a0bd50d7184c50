"""What higher rooms hang in lower ones: entries of the main menu and panels, filled in `AppConfig.ready`.

Apps import downwards only: a page that shows something of an app above it asks this registry.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise


def signed_in(user: Any) -> bool:
    return bool(user.is_authenticated)


@dataclass(frozen=True)
class NavItem:
    label: str | Promise
    url_name: str
    order: int
    visible: Callable[[Any], bool]
    badge: Callable[[Any], int | str | None] | None


@dataclass(frozen=True)
class ProfileLink:
    """A page about oneself, named on the profile page. The sources of the slot "profile_links" take the user
    and answer a list of these."""

    term: str | Promise
    label: str | Promise
    url_name: str


_nav: dict[str, NavItem] = {}
_slots: defaultdict[str, list[tuple[int, Callable[..., Any]]]] = defaultdict(list)


def register_nav(
    label: str | Promise,
    url_name: str,
    order: int,
    *,
    visible: Callable[[Any], bool] = signed_in,
    badge: Callable[[Any], int | str | None] | None = None,
) -> None:
    """Put a page in the main menu. `visible` and `badge` take the user; a lower `order` stands first."""
    _nav[url_name] = NavItem(label, url_name, order, visible, badge)


def navigation(user: Any, path: str) -> list[dict[str, Any]]:
    """The main menu of a user: label, url, active (the page at `path` is it or lies under it) and badge."""
    shown = [item for item in sorted(_nav.values(), key=lambda item: item.order) if item.visible(user)]
    urls = [reverse(item.url_name) for item in shown]
    active = max((url for url in urls if _covers(url, path)), key=len, default=None)
    return [
        {
            "label": item.label,
            "url": url,
            "active": url == active,
            "badge": item.badge(user) if item.badge else None,
        }
        for item, url in zip(shown, urls, strict=True)
    ]


def _covers(url: str, path: str) -> bool:
    """A page covers what lies under it; the start page covers itself only."""
    return path == url or (url != get_script_prefix() and path.startswith(url))


def register(slot: str, source: Callable[..., Any], *, order: int = 0) -> None:
    """Fill a slot. What the callable takes and returns is between the slot's owner and who fills it."""
    if (order, source) not in _slots[slot]:
        _slots[slot].append((order, source))


def collect(slot: str, *args: Any, **kwargs: Any) -> list[Any]:
    """What each callable of the slot answers, in order."""
    return [source(*args, **kwargs) for _, source in sorted(_slots[slot], key=lambda entry: entry[0])]
