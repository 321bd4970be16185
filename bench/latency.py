"""Latency: an article is appended to the stream; how long until the webhook has it. Embedded, idle, real processes."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path

from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import desk_of
from chainwatch.cli.init import prepare
from chainwatch.models import SHANGHAI, Article, Precision, content_digest, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.notify.enrol import channels_for, new_id
from chainwatch.settings import Settings
from chainwatch.store import subscriptions
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES

ARTICLES_SENT = int(os.environ.get("BENCH_ARTICLES", "1000"))
CHAINS = ("视觉智能", "集成电路", "网络通信", "智能装备", "储能", "光伏", "医疗器械", "智能仪表")


class Sink:
    """The webhook: notes when each article's message arrived."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.news = threading.Condition()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                at = time.perf_counter()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with sink.news:
                    for one in body["data"]["events"]:
                        sink.arrived.setdefault(one["evidence"][0]["article"], at)
                    sink.news.notify_all()

            def log_message(self, *_arguments: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait_for(self, article: str, seconds: float) -> float | None:
        with self.news:
            self.news.wait_for(lambda: article in self.arrived, seconds)
            return self.arrived.get(article)


def article(number: int) -> Article:
    now = datetime.now(SHANGHAI)
    chain, value = CHAINS[number % len(CHAINS)], 1_000 + number
    aim = f"到{2030 + number % 20}年，全市{chain}产业规模力争达到{value}亿元"
    text = f"示例市经信局今天发布消息。{aim}，第{number}批项目同时开工。"
    title = f"示例市公布{chain}产业第{number}号目标"
    return Article(
        id=f"bench-{number}",
        title=title,
        text=text,
        region="杭州",
        site="bench",
        published=now - timedelta(minutes=1),
        precision=Precision.MINUTE,
        fetched=now,
        content_digest=content_digest(title, text),
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", allow_networks=(ip_network("127.0.0.0/8"),), workers=1)
        prepare(settings)
        sink = Sink()
        _subscribe(settings, sink.server.server_port)
        workers = [_worker(settings, "consume"), _worker(settings, "dispatch")]
        try:
            times = _measure(settings, sink)
            floor = _floor(sink)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(30)
    ordered = sorted(times)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99) - 1]
    print(
        f"append → webhook over {len(times):,} articles: p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {ordered[-1]:.0f} ms"
    )
    print(f"a bare POST to the same receiver: {floor:.1f} ms")


def _subscribe(settings: Settings, port: int) -> None:
    now = datetime.now(SHANGHAI)
    context = Context(settings)
    with context.database.write() as connection:
        to = channels_for(connection, desk_of(context), [f"json://127.0.0.1:{port}/"], owner="", now=now)
        wanted = Subscription(id=new_id("sub"), name="bench", filter=Filter(kinds=("target.*",)), channels=to)
        subscriptions.save(connection, wanted, to_timestamp_ms(now))
    context.database.close()


def _worker(settings: Settings, command: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "CHAINWATCH_HOME": str(settings.home),
        "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "CHAINWATCH_WORKERS": "1",
        "CHAINWATCH_LOG_LEVEL": "error",
    }
    return subprocess.Popen([sys.executable, "-m", "chainwatch.cli", command], env=environment)


def _measure(settings: Settings, sink: Sink) -> list[float]:
    """Milliseconds of each article, one after the other; the first ten warm up."""
    context = Context(settings)
    times: list[float] = []
    for number in range(ARTICLES_SENT + 10):
        draft = article_draft(article(number), datetime.now(SHANGHAI))
        begun = time.perf_counter()
        context.stream.append(ARTICLES, [draft])
        arrived = sink.wait_for(f"bench-{number}", 60.0)
        if arrived is None:
            raise SystemExit(f"article {number} did not arrive")
        if number >= 10:
            times.append(1000 * (arrived - begun))
    context.stream.close()
    return times


def _floor(sink: Sink) -> float:
    import requests  # noqa: PLC0415  only for the floor

    def post() -> None:
        body: dict[str, dict[str, list[str]]] = {"data": {"events": []}}
        requests.post(f"http://127.0.0.1:{sink.server.server_port}/", json=body, timeout=5)

    return statistics.median(_timed(post) for _ in range(50))


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
