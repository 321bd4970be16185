"""`chainwatch relay`: carries the crawlers' spool to the stream, and the store's events to the stream "events"."""

import threading
import time
from collections.abc import Callable

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.health import probing
from chainwatch.cli.output import FAILED, OK
from chainwatch.cli.stopping import stop_signals
from chainwatch.runner.outgoing import relay_events
from chainwatch.settings import Settings
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES, PARTITIONS, Stream
from chainwatch.stream.relay import Relay

TRIM_S = 3600.0


def relay() -> int:
    """Carry the spool over to Kafka (nothing to do on the embedded log), and events to their topic, until stopped."""
    with Context() as context:
        settings = context.settings
        logs.configure(settings.log_level, settings.log_format)
        failed = threading.Event()
        with stop_signals() as stopping, probing(context):
            stream = context.stream_there(stopping)
            if stream is not None:
                _carry(context, stream, stopping, failed)
    return OK if not failed.is_set() else FAILED


def _carry(context: Context, stream: Stream, stopping: Callable[[], bool], failed: threading.Event) -> None:
    """Events in this thread, the spool in another; where one fails, the other ends."""
    settings = context.settings
    spooling: threading.Thread | None = None
    if spool_url(settings.stream_url, settings.home) != settings.stream_url:
        spooling = threading.Thread(target=_carry_spool, args=(settings, stream, stopping, failed), name="spool")
        spooling.start()
    try:
        relay_events(context.database, stream, lambda: stopping() or failed.is_set())
    except BaseException:
        failed.set()
        raise
    finally:
        if spooling is not None:
            spooling.join()


def _carry_spool(settings: Settings, stream: Stream, stopping: Callable[[], bool], failed: threading.Event) -> None:
    try:
        spool = open_stream(spool_url(settings.stream_url, settings.home))
        spool.ensure_topic(ARTICLES, PARTITIONS)
        carrier = Relay(spool, stream, ARTICLES)
        while not stopping() and not failed.is_set():
            carrier.run(_stopping_by(time.monotonic() + TRIM_S, lambda: stopping() or failed.is_set()))
            carrier.trim(time.time_ns() // 1_000_000)
        spool.close()
    except BaseException:
        failed.set()
        raise


def _stopping_by(until: float, stopping: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: stopping() or time.monotonic() > until
