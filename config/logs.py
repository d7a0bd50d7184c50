"""How log lines look: with the number of the request and of the user, never with a token or a text."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# The key in the address of an invitation or a new password: whoever reads it in a log could use it.
TOKEN = re.compile(r"(?<=[/=])[A-Za-z0-9_:-]{24,}")


def mask_tokens(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    for key in ("event", "request"):
        if isinstance(event.get(key), str):
            event[key] = TOKEN.sub("***", event[key])
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_structlog() -> None:
    structlog.configure(
        processors=[
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(*, json: bool, level: str) -> dict[str, Any]:
    renderer: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    mask_tokens,
                    *renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Their own handlers would print a second, unmasked line.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Two lines for each request: for who operates it, not for who tries it out.
            "django_structlog.middlewares": {"level": level if json else "WARNING"},
            # Says once more what the line of the request says.
            "django.request": {"handlers": [], "propagate": True, "level": "ERROR"},
        },
    }
