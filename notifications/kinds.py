"""What each kind of notice says, who may still be told, and to which topic of the preferences it belongs.

Rows hold a kind and its values; the words follow the reader's language.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.enums import Frequency, Urgency

if TYPE_CHECKING:
    from notifications.models import Notice

__all__ = ["Frequency", "Urgency", "register", "register_topic", "text_of"]

# user and notices of theirs -> the keys (pk) of those that may be told to them at this moment
MayGet = Callable[[Any, "Sequence[Notice]"], set[int]]

OTHER = "messages"

A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Text:
    title: str
    body: str


@dataclass(frozen=True)
class Topic:
    """What somebody chooses one frequency of mail for. A required one can be softened, never turned off."""

    name: str
    label: str | Promise
    help_text: str | Promise
    default: Frequency
    required: bool


@dataclass(frozen=True)
class _Kind:
    title: str | Promise
    body: str | Promise
    topic: str
    may_get: MayGet | None


_kinds: dict[str, _Kind] = {}
_topics: dict[str, Topic] = {}


def register_topic(
    name: str,
    label: str | Promise,
    help_text: str | Promise = "",
    *,
    default: Frequency,
    required: bool = False,
) -> None:
    """Name a topic, in `AppConfig.ready`; `default` counts for who chose nothing."""
    if required and default == Frequency.OFF:
        raise ValueError("A required topic is mailed.")
    _topics[name] = Topic(name, label, help_text, default, required)


def register(
    kind: str,
    title: str | Promise,
    body: str | Promise = "",
    *,
    topic: str = OTHER,
    may_get: MayGet | None = None,
) -> None:
    """Name a kind, in `AppConfig.ready`. Title and body are lazy texts with values as `%(number)s`.

    Never the name of a pupil: a notice is read outside the case, and mailed. `may_get` is asked each time
    that notices of this kind are shown or mailed; without, everybody may read what was told to him.
    """
    _kinds[kind] = _Kind(title, body, topic, may_get)


def text_of(kind: str, context: Mapping[str, Any]) -> Text:
    """The words in the current language, days too. KeyError: the kind is unknown, or lacks a value."""
    words = _kinds[kind]
    values = {name: _in_words(value) for name, value in context.items()}
    return Text(title=str(words.title) % values, body=str(words.body) % values)


def _in_words(value: Any) -> Any:
    """A day as "2026-11-20" is a day in the language of the reader."""
    if not (isinstance(value, str) and A_DAY.fullmatch(value)):
        return value
    try:
        return date_format(dt.date.fromisoformat(value), "j F Y")
    except ValueError:
        return value


def topics() -> list[Topic]:
    """All of them: those that are required first, "other messages" last."""
    return sorted(_topics.values(), key=lambda topic: (topic.name == OTHER, not topic.required))


def topic_of(kind: str) -> Topic:
    """Kinds that are gone belong to the other messages."""
    known = _kinds.get(kind)
    return _topics.get(known.topic if known else OTHER, _topics[OTHER])


def kinds_of(topic: str) -> list[str]:
    return [kind for kind, known in _kinds.items() if known.topic == topic]


def allowed(user: Any, notices: "Iterable[Notice]") -> "list[Notice]":
    """Those that may be told to this user now, in the same order; each source of rights is asked once."""
    notices = list(notices)
    by_source: defaultdict[MayGet, list[Notice]] = defaultdict(list)
    for notice in notices:
        known = _kinds.get(notice.kind)
        if known and known.may_get:
            by_source[known.may_get].append(notice)
    refused: set[int] = set()
    for may_get, theirs in by_source.items():
        refused |= {notice.pk for notice in theirs} - may_get(user, theirs)
    return [notice for notice in notices if notice.pk not in refused]


register_topic(
    OTHER,
    _("Other messages"),
    _("What is about the application itself."),
    default=Frequency.AT_ONCE,
)
