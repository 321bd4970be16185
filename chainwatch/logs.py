"""Logs: one event per decision, facts as fields, to stderr; console for people, JSON for machines.

Everything goes through the standard library's logging, where Scrapy, kafka-python and SQLAlchemy log too. A line about
an article has its id as `article`, one about a message those of its `articles`. Apprise is cut off: at WARNING it
prints tokens of channel addresses.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog

CUT_OFF = ("apprise",)
"""Loggers that never reach a handler: they print secrets."""

CHATTY = ("kafka",)
"""Loggers whose information is about sockets: only their warnings are told, and each form of them once a minute."""
MINUTE = 60.0
FACTS = ("article", "url")
"""Fields that a line of the standard library's logging may bring; Scrapy's own would bring whole objects."""


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
    handler.addFilter(Seldom())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=FACTS), *shared],
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


class Seldom(logging.Filter):
    """Lets a chatty logger's line through if none of its form came within a minute.

    A client whose servers are away tries, and complains, ten times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is told."""
        if record.name.partition(".")[0] not in CHATTY:
            return True
        form = record.name, str(record.msg)
        if record.created - self._last.get(form, -MINUTE) < MINUTE:
            return False
        self._last[form] = record.created
        return True


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment."""

    @property
    def stream(self) -> TextIO:
        """Asked for each line."""
        return sys.stderr

    @stream.setter
    def stream(self, _given: TextIO) -> None:
        """The one of the start is not kept."""
