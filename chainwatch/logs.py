"""Logs: one event per decision, facts as fields, to stderr; console for people, JSON for machines.

Everything goes through the standard library's logging, where Scrapy, kafka-python and SQLAlchemy log too. The
article's id is bound once and stands in every line until the next one. Apprise is cut off: at WARNING it prints
tokens of channel addresses.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog

CUT_OFF = ("apprise",)
"""Loggers that never reach a handler: they print secrets."""

CHATTY = ("kafka",)
"""Loggers whose information is about sockets: only their warnings are told."""


def configure(level: str = "info", form: Literal["console", "json"] = "console", stream: TextIO | None = None) -> None:
    """Set up this process. Call once, at the start of a command or a worker process."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream) if stream else _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    for name in CUT_OFF:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [logging.NullHandler()], False


def bind(**facts: str | int | None) -> None:
    """Put facts (article="comos:…") into every following line of this task, until bound anew."""
    structlog.contextvars.bind_contextvars(**facts)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment."""

    @property
    def stream(self) -> TextIO:
        """Asked for each line."""
        return sys.stderr

    @stream.setter
    def stream(self, _given: TextIO) -> None:
        """The one of the start is not kept."""
