"""A webhook server that records every hit and answers as it is told: by path, or by a script of answers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hit:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return str(self.json["id"])

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


Answer = Callable[[BaseHTTPRequestHandler, Hit], None]


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _hit: Hit) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def drop(handler: BaseHTTPRequestHandler, _hit: Hit) -> None:
    """Accept the message and close the connection without an answer."""
    handler.close_connection = True
    handler.connection.close()


def hang(handler: BaseHTTPRequestHandler, _hit: Hit) -> None:
    """Say nothing until the other side gives up."""
    handler.connection.settimeout(30)
    handler.connection.recv(1)


def trickle(handler: BaseHTTPRequestHandler, _hit: Hit) -> None:
    """One header byte a moment, for ever."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            handler.wfile.write(b"a")
            time.sleep(0.2)
    except OSError:
        return


@dataclass
class Receiver:
    port: int = 0
    hits: list[Hit] = field(default_factory=list)
    script: list[Answer] = field(default_factory=list)
    """Answers to the next hits, in order; then `usual`."""
    usual: Answer = field(default_factory=lambda: status(200))
    paths: dict[str, Answer] = field(default_factory=dict)

    def url(self, path: str = "/hook", schema: str = "json") -> str:
        return f"{schema}://127.0.0.1:{self.port}{path}"

    @property
    def ids(self) -> list[str]:
        return [hit.id for hit in self.hits]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hit = Hit(self.path, dict(self.headers), body, time.monotonic())
        self.receiver.hits.append(hit)
        script = self.receiver.script
        answer = self.receiver.paths.get(self.path) or (script.pop(0) if script else self.receiver.usual)
        answer(self, hit)

    def do_GET(self) -> None:
        self.receiver.hits.append(Hit(self.path, dict(self.headers), b"", time.monotonic()))
        status(200)(self, self.receiver.hits[-1])

    def log_message(self, *_arguments: object) -> None:
        return


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, _request: object, _address: object) -> None:
        return


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Quiet(("127.0.0.1", 0), handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
