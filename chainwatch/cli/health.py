"""`chainwatch health`: asks the worker on this machine whether it can work; for container and service checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chainwatch.cli.context import Context, stream_of
from chainwatch.cli.output import FAILED, JSON, OK, emit_one
from chainwatch.probe import ask, probe, readiness, registry_of
from chainwatch.problem import Problem
from chainwatch.stream.open import SQLITE, spool_url


def health(*, port: int | None = None, as_json: JSON = False) -> int:
    """Ask the worker that serves `metrics_port`. Exit 1 where it does not answer or is not ready.

    Parameters
    ----------
    port
        Another port than the setting's.
    """
    asked = port or Context().settings.metrics_port
    if not asked:
        raise Problem("no worker can be asked", place="metrics_port", cure="set metrics_port, or give --port")
    ready, said = ask(asked)
    emit_one({"port": asked, "ready": ready, "said": said.strip()}, {"ready": "ready", "said": "said"}, as_json=as_json)
    return OK if ready else FAILED


LOOK_S = 2.0
"""Seconds that brokers may take to answer a look: whoever asks waits for four."""


@contextmanager
def probing(context: Context, deadline: float = LOOK_S) -> Iterator[int]:
    """The probe of a worker, where the settings name a port for it; yields the port.

    It looks at the stream by a handle of its own, so that it can be asked before the brokers are there, and while the
    worker waits for them.
    """
    settings = context.settings
    if not settings.metrics_port:
        yield 0
        return
    stream = stream_of(settings, deadline=deadline)
    ready = readiness(context.database, stream)
    appended = spool_url(settings.stream_url, settings.home)
    spool = None if appended == settings.stream_url else Path(appended.removeprefix(SQLITE))
    try:
        with probe(
            settings.metrics_port, registry_of(context.database, stream, spool), ready, settings.metrics_host
        ) as port:
            yield port
    finally:
        stream.close()
