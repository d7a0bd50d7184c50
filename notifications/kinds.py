"""What each kind of notice says. Rows hold a kind and its values; the words follow the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Text:
    title: str
    body: str


@dataclass(frozen=True)
class _Kind:
    title: str | Promise
    body: str | Promise


_kinds: dict[str, _Kind] = {}


def register(kind: str, title: str | Promise, body: str | Promise = "") -> None:
    """Name a kind, in `AppConfig.ready`. Title and body are lazy texts with values as `%(number)s`.

    Never the name of a pupil: a notice is read outside the case, and mailed.
    """
    _kinds[kind] = _Kind(title, body)


def text_of(kind: str, context: Mapping[str, Any]) -> Text:
    """The words in the current language. KeyError: the kind is unknown, or lacks a value."""
    words = _kinds[kind]
    return Text(title=str(words.title) % context, body=str(words.body) % context)
