"""`chainwatch relay`: carries the crawlers' spool to the stream, and the store's events to the stream "events"."""

import threading
import time
from collections.abc import Callable

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.health import probing
from chainwatch.cli.output import OK
from chainwatch.cli.stopping import stop_signals
from chainwatch.runner.outgoing import relay_events
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES, PARTITIONS
from chainwatch.stream.relay import Relay

TRIM_S = 3600.0


def relay() -> int:
    """Carry the spool over to Kafka (nothing to do on the embedded log), and events to their topic, until stopped."""
    context = Context()
    settings = context.settings
    logs.configure(settings.log_level, settings.log_format)
    with stop_signals() as stopping, probing(context):
        failed = threading.Event()
        spooling: threading.Thread | None = None
        if spool_url(settings.stream_url, settings.home) != settings.stream_url:
            spooling = threading.Thread(target=_carry_spool, args=(context, stopping, failed), name="spool")
            spooling.start()
        relay_events(context.database, context.stream, lambda: stopping() or failed.is_set())
        if spooling is not None:
            spooling.join()
    context.stream.close()
    context.database.close()
    return OK if not failed.is_set() else 1


def _carry_spool(context: Context, stopping: Callable[[], bool], failed: threading.Event) -> None:
    settings = context.settings
    spool = open_stream(spool_url(settings.stream_url, settings.home))
    spool.ensure_topic(ARTICLES, PARTITIONS)
    carrier = Relay(spool, context.stream, ARTICLES)
    try:
        while not stopping():
            carrier.run(_stopping_by(time.monotonic() + TRIM_S, stopping))
            carrier.trim(time.time_ns() // 1_000_000)
    except BaseException:
        failed.set()
        raise
    finally:
        spool.close()


def _stopping_by(until: float, stopping: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: stopping() or time.monotonic() > until
