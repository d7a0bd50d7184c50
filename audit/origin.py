"""Where an act comes from: the web, a command or a task, and the number of the request.

`AuditMiddleware` sets it for a request. A Celery task is recognised by itself, and what is neither is a
command, so that nobody has to remember to say so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from celery import current_task

WEB, COMMAND, TASK = "web", "command", "task"


@dataclass(frozen=True)
class Origin:
    channel: str
    ip: str = ""
    request_id: str = ""


_origin: ContextVar[Origin | None] = ContextVar("audit_origin", default=None)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    return _origin.get() or Origin(channel=TASK if current_task else COMMAND, request_id=request_id())


def request_id() -> str:
    """The number under which the log lines of this request or task can be found, if there is one."""
    bound = structlog.contextvars.get_contextvars()
    return str(bound.get("request_id") or bound.get("task_id") or "")
