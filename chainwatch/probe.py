"""/metrics, /healthz and /readyz of a worker, on the loopback address unless told otherwise."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest

from chainwatch.metrics import Collector
from chainwatch.problem import Problem
from chainwatch.store.database import Database
from chainwatch.stream.protocol import Stream

Ready = Callable[[], str | None]
"""None when the worker can work, else why not."""
T = TypeVar("T")
HANGS = "store or stream hangs: a look at them has not ended in time"
READY_S, SCRAPE_S = 3.5, 25.0
"""Seconds that an answer may take: a health check waits for four or five, a scrape for ten or more."""


def registry_of(database: Database, stream: Stream, spool: Path | None = None) -> CollectorRegistry:
    """Our metrics and those of this process (memory, handles, CPU seconds)."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(Collector(database, stream, spool))
    return registry


def readiness(database: Database, stream: Stream) -> Ready:
    """Whether store and stream answer."""

    def ready() -> str | None:
        try:
            with database.read() as connection:
                connection.exec_driver_sql("SELECT 1")
            stream.topics()
        except Exception as error:  # noqa: BLE001  whatever it is, the worker is not ready, and says why
            return f"{type(error).__name__}: {error}"[:300]
        return None

    return ready


class Looker:
    """One thread that looks at store and stream for everybody who asks.

    Each request has a thread of its own, and a SQLite connection belongs to a thread: looks made there would leave a
    connection behind each. Nor do askers pile up before a server that hangs: whoever waited in vain is not looked for.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        threading.Thread(target=self._work, daemon=True, name="looker").start()

    def __call__(self, look: Callable[[], T], patience: float) -> T:
        """What the look finds. Raises TimeoutError where that takes longer than `patience` seconds."""
        future: Future[T] = Future()
        self._asked.put((future, look))
        try:
            return future.result(patience)
        finally:
            future.cancel()

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            future, look = asked
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(look())
            except Exception as error:  # noqa: BLE001  it belongs to whoever asked
                future.set_exception(error)

    def end(self) -> None:
        """End the thread, after the look under way."""
        self._asked.put(None)


@contextmanager
def probe(port: int, registry: CollectorRegistry, ready: Ready, host: str = "127.0.0.1") -> Iterator[int]:
    """Serve in a thread of its own until the block ends; yields the port. Raises Problem where the port is taken."""
    look, measure = Looker(), Looker()
    metrics = partial(measure, partial(generate_latest, registry), SCRAPE_S)
    try:
        server = ThreadingHTTPServer((host, port), _handler(metrics, partial(_in_time, look, ready)))
    except OSError as error:
        look.end()
        measure.end()
        raise Problem(
            f"cannot listen: {error.strerror}", place=f"metrics_port {port}", cure="choose another"
        ) from error
    thread = threading.Thread(target=server.serve_forever, daemon=True, name="probe")
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        look.end()
        measure.end()


def _in_time(look: Looker, ready: Ready) -> str | None:
    try:
        return look(ready, READY_S)
    except TimeoutError:
        return HANGS


def ask(port: int, path: str = "/readyz") -> tuple[bool, str]:
    """Whether the worker at the port answers well, and what it says."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=4) as answer:
            return True, answer.read().decode()
    except HTTPError as refused:
        return False, refused.read().decode("utf-8", "replace")
    except OSError as error:
        return False, str(error)


def _handler(metrics: Callable[[], bytes], ready: Ready) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._metrics()
            elif self.path == "/healthz":
                self._answer(200, b"alive\n")
            elif self.path == "/readyz":
                why = ready()
                self._answer(200 if why is None else 503, (why or "ready").encode() + b"\n")
            else:
                self._answer(404, b"/metrics, /healthz, /readyz\n")

        def _metrics(self) -> None:
            try:
                self._answer(200, metrics(), "text/plain; version=0.0.4; charset=utf-8")
            except TimeoutError:
                self._answer(503, HANGS.encode())

        def _answer(self, status: int, body: bytes, media_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are no news."""

    return Handler
