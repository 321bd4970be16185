"""/metrics, /healthz and /readyz of a worker, on the loopback address unless told otherwise."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest

from chainwatch.metrics import Collector
from chainwatch.problem import Problem
from chainwatch.store.database import Database
from chainwatch.stream.protocol import Stream

Ready = Callable[[], str | None]
"""None when the worker can work, else why not."""


def registry_of(database: Database, stream: Stream) -> CollectorRegistry:
    """Our metrics and those of this process (memory, handles, CPU seconds)."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(Collector(database, stream))
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


@contextmanager
def probe(port: int, registry: CollectorRegistry, ready: Ready, host: str = "127.0.0.1") -> Iterator[int]:
    """Serve in a thread of its own until the block ends; yields the port. Raises Problem where the port is taken."""
    try:
        server = ThreadingHTTPServer((host, port), _handler(registry, ready))
    except OSError as error:
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


def ask(port: int, path: str = "/readyz") -> tuple[bool, str]:
    """Whether the worker at the port answers well, and what it says."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=4) as answer:
            return True, answer.read().decode()
    except OSError as error:
        return False, str(error)


def _handler(registry: CollectorRegistry, ready: Ready) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8")
            elif self.path == "/healthz":
                self._answer(200, b"alive\n")
            elif self.path == "/readyz":
                why = ready()
                self._answer(200 if why is None else 503, (why or "ready").encode() + b"\n")
            else:
                self._answer(404, b"/metrics, /healthz, /readyz\n")

        def _answer(self, status: int, body: bytes, media_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are no news."""

    return Handler
