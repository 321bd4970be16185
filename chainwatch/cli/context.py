"""What a command works with: settings, store and stream of the installation, opened when first asked for."""

import os
from collections.abc import Callable
from functools import cached_property
from typing import Self

import structlog

from chainwatch import logs
from chainwatch.archive import Archive
from chainwatch.matching.bundle import Bundle
from chainwatch.problem import Problem
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.settings import Settings, load_settings
from chainwatch.store.database import Database
from chainwatch.store.schema import open_store
from chainwatch.stream.access import Security
from chainwatch.stream.open import open_stream
from chainwatch.stream.protocol import ARTICLES, EVENTS, PARTITIONS, Stream
from chainwatch.waiting import wait

log = structlog.get_logger(__name__)

AWAY_S = 5.0
"""Seconds between two tries to open a stream whose brokers are away."""
LOOK_S = 3.0
"""Seconds that brokers may take to answer such a try."""


class Context:
    """Settings and open handles of one run of one command. In a `with` statement it closes what it opened.

    Args:
        settings: given by the demo, which has a home of its own; else read from file and environment.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._given = settings
        if not structlog.is_configured():
            logs.configure("warning")  # also a command that keeps no log must not mix one into its data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for handle in (self.__dict__.pop("stream", None), self.__dict__.pop("database", None)):
            if handle is not None:
                handle.close()

    @cached_property
    def settings(self) -> Settings:
        """Read once."""
        return self._given or load_settings(os.environ)

    @cached_property
    def database(self) -> Database:
        """The store; refuses a home that `init` has not made and a store of another revision."""
        home = self.settings.home
        if self.settings.store is None and not (home / "store.db").exists():
            raise Problem("no installation here", place=str(home), cure="chainwatch init, or set CHAINWATCH_HOME")
        return open_store(self.settings.store_url)

    @cached_property
    def bundle(self) -> Bundle:
        """The rule files in force here: those shipped, and the user's own."""
        return read_bundle(rules_dir(), self.settings.rules_dir)

    @cached_property
    def stream(self) -> Stream:
        """The stream, with its topics."""
        return open_topics(self.settings)

    def stream_there(self, stopping: Callable[[], bool]) -> Stream | None:
        """The stream, waited for while its brokers are away; None when told to stop before they are back."""
        while not stopping():
            try:
                self._look_at_stream()
            except Problem as problem:
                if not problem.retry:
                    raise
                log.warning("the stream is away, waiting for it", problem=str(problem), seconds=AWAY_S)
                wait(AWAY_S, stopping)
            else:
                return self.stream
        return None

    def _look_at_stream(self) -> None:
        """Raises Problem where the brokers do not answer soon: whoever waits for them must hear when to stop."""
        look = stream_of(self.settings, deadline=LOOK_S)
        try:
            look.topics()
        finally:
            look.close()


def stream_of(settings: Settings, url: str | None = None, deadline: float | None = None) -> Stream:
    """The stream of an installation as it is, or another one reached in the same way. Asks nothing of the brokers yet.

    Args:
        settings: name the stream, and how brokers are reached.
        url: of another stream.
        deadline: seconds that brokers may take to answer.
    """
    password = settings.kafka_password
    security = Security(
        settings.kafka_security_protocol,
        settings.kafka_sasl_mechanism,
        settings.kafka_user,
        password.get_secret_value() if password else None,
        settings.kafka_ca_file,
    )
    blobs = Archive(settings.archive_dir)
    return open_stream(url or settings.stream_url, security=security, blobs=blobs, deadline=deadline)


def open_topics(settings: Settings) -> Stream:
    """The stream of an installation, with its topics made."""
    stream = stream_of(settings)
    days = settings.stream_retention_days
    for topic in (ARTICLES, EVENTS):
        stream.ensure_topic(topic, PARTITIONS, None if days is None else days * 86_400_000)
    return stream
