"""The demo's web site on a loopback port: a news site, and a government site of each Hanweb generation."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jinja2
import orjson

from chainwatch import resources
from chainwatch.demo import pages as demo_pages
from chainwatch.demo.pages import CITY_COLUMN, CITY_UNIT, PROVINCE_COLUMN, PROVINCE_WEB, Page, on_day


class DemoSite:
    """Serves the pages of the current `day`; raise it to let the site publish more."""

    def __init__(self, note: str, pages: list[Page], port: int) -> None:
        self.note, self.pages, self.day = note, pages, 1
        folder = resources.demo_dir() / "skeletons"
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True)
        self.server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.port: int = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def answer(self, target: str) -> tuple[str, bytes] | None:
        """(media type, body) of a path with query; None: not found."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        answers: dict[str, Callable[[], tuple[str, bytes]]] = {
            "/robots.txt": lambda: ("text/plain", b"User-agent: *\nAllow: /\n"),
            "/api/roll/get": lambda: ("application/json", self._roll(query)),
            f"/col/col{CITY_COLUMN}/index.html": lambda: ("text/html", self._city_list()),
            f"/col/col{PROVINCE_COLUMN}/index.html": lambda: ("text/html", self._province_list()),
            "/api-gateway/jpaas-publish-server/front/page/build/unit": lambda: ("application/json", self._unit(query)),
        }
        if parts.path in answers:
            return answers[parts.path]()
        for page in on_day(self.pages, self.day):
            if page.path == parts.path:
                return "text/html", self._render(f"{page.site}_article", page=_Shown(page, self.base), note=self.note)
        return None

    def _city_list(self) -> bytes:
        return self._render("city_list", pages=self._of("city"), unit=CITY_UNIT, column=CITY_COLUMN)

    def _province_list(self) -> bytes:
        return self._render("province_list", web=PROVINCE_WEB, column=PROVINCE_COLUMN)

    def _of(self, site: str) -> list[Page]:
        return [page for page in on_day(self.pages, self.day) if page.site == site]

    def _render(self, name: str, **values: object) -> bytes:
        return self._templates.get_template(f"{name}.html.j2").render(**values).encode()

    def _roll(self, query: dict[str, str]) -> bytes:
        size, number = int(query.get("num", "50")), int(query.get("page", "1"))
        found = self._of("sina")
        rows = [
            {
                "title": page.title,
                "url": self.base + page.path,
                "intro": page.paragraphs[0],
                "media_name": page.source,
                "docid": f"comos:{page.docid[1:]}",
                "ctime": str(int(page.published.timestamp())),
                "intime": str(int(page.published.timestamp())),
                "mtime": str(int(page.published.timestamp())),
            }
            for page in found[(number - 1) * size : number * size]
        ]
        return orjson.dumps({"result": {"status": {"code": 0, "msg": "succ"}, "total": len(found), "data": rows}})

    def _unit(self, query: dict[str, str]) -> bytes:
        asked = orjson.loads(query.get("paramJson", "{}"))
        size, number = int(asked.get("pageSize", 20)), int(asked.get("pageNo", 1))
        found = self._of("province")
        shown = found[(number - 1) * size : number * size]
        html = self._render("province_unit", pages=shown, size=size, count=len(found))
        return orjson.dumps({"success": True, "data": {"html": html.decode()}})


class _Shown:
    """A page with its full address."""

    def __init__(self, page: Page, base: str) -> None:
        self._page, self.url = page, base + page.path

    def __getattr__(self, name: str) -> object:
        return getattr(self._page, name)


def _handler(site: DemoSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = site.answer(self.path)
            media_type, body = found or ("text/plain", b"not found")
            self.send_response(200 if found else 404)
            self.send_header(
                "Content-Type", media_type if media_type == "application/json" else f"{media_type}; charset=utf-8"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The demo tells its own story."""

    return Handler


@contextmanager
def serve(note: str, pages: list[demo_pages.Page], port: int = 0) -> Iterator[DemoSite]:
    """The site in a thread of its own, stopped at the end."""
    site = DemoSite(note, pages, port)
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
        thread.join(timeout=5)
