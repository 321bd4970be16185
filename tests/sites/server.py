"""One local server that answers as every site by host name. Pages are made from data that tests may change.

A name below `.test` leads to 127.0.0.1 for the crawler's child processes: see `resolve/sitecustomize.py`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

RESOLVE = Path(__file__).parent / "resolve"
"""Folder for PYTHONPATH of child processes."""


@dataclass(slots=True)
class Asked:
    """One request as it came."""

    host: str
    path: str
    query: dict[str, str]
    method: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path + ("?" + "&".join(f"{k}={v}" for k, v in self.query.items()) if self.query else "")


@dataclass(slots=True)
class Reply:
    """One answer. `body` may be written piece by piece by `stream`."""

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[Any], None] | None = None


Host = Callable[[Asked], Reply]


class Sites:
    """The running server: host name → what answers for it. Every request is kept in `asked`."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def url(self, host: str, path: str = "/") -> str:
        """An address of a site."""
        return f"http://{host}:{self.port}{path}"

    def paths(self, host: str) -> list[str]:
        """What was asked of a host, in order, without robots.txt."""
        return [one.target for one in self.asked if one.host == host and one.path != "/robots.txt"]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, asked: Asked) -> Reply:
        """What the site says; robots.txt is absent unless the site gives one."""
        host = self.hosts.get(asked.host)
        if host is None:
            return Reply(b"no such site", 502)
        reply = host(asked)
        if asked.path == "/robots.txt" and reply.status == 404:
            return Reply(b"", 404)
        return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sites = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                host = (self.headers.get("Host") or "").partition(":")[0]
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(host, parts.path, query, self.command, headers, body)
                sites.asked.append(asked)
                self._send(sites.answer(asked))

            def _send(self, reply: Reply) -> None:
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Type": reply.type, **reply.headers}.items():
                        self.send_header(name, value)
                    if reply.stream is not None:
                        self.send_header("Connection", "close")
                        self.end_headers()
                        reply.stream(self.wfile)
                        self.close_connection = True
                        return
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)
                except OSError:  # the crawler hung up, as it may
                    self.close_connection = True

            do_GET = do_POST = _serve  # noqa: N815  http.server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
                """Keep quiet."""

        return Handler
