"""Three brokers, PostgreSQL and nine workers, killed and frozen in turn: everything happens once, nothing is lost.

`CHAINWATCH_CHAOS=short` writes fewer articles and meets each fault once. The long form can be run in shards:
`CHAINWATCH_CHAOS_SHARD=2/4` writes the second quarter of the articles and meets a quarter of the faults.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chainwatch.cli.init import prepare
from chainwatch.demo.receiver import receive
from chainwatch.models import Article, EventKind
from chainwatch.settings import Settings
from chainwatch.store import articles, events
from chainwatch.store.schema import open_store
from chainwatch.stream.access import Access
from chainwatch.stream.envelope import decode
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import ARTICLES, EVENTS
from tests.chaos import publisher
from tests.chaos.installation import check_store, ledger_in
from tests.chaos.newsroom import Edition, write
from tests.chaos.plant import Works, all_of, works

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.kafka,
    pytest.mark.postgres,
    pytest.mark.xdist_group("kafka"),
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated"),  # apprise imports it
]

SHORT = os.environ.get("CHAINWATCH_CHAOS") == "short"
SHARD, SHARDS = map(int, os.environ.get("CHAINWATCH_CHAOS_SHARD", "1/1").split("/"))
ARTICLES_MADE = 1_200 if SHORT else 20_000 // SHARDS
FACTS = 200 if SHORT else 500
ROUNDS = 1 if SHORT else -(-4 // SHARDS)
STOPPING_S = 15.0
PATIENCE_S = 240 + ARTICLES_MADE / 20
Fault = Callable[[Works], None]

FAULTS: Sequence[Fault] = (
    lambda p: p.kill_worker("consume-0"),
    lambda p: p.freeze_worker("consume-1", 35),  # longer than a session: it comes back as a zombie
    lambda p: p.kill_broker(0),
    lambda p: p.kill_worker("dispatch-0", "after_send:2"),
    lambda p: p.kill_postgres(),
    lambda p: p.kill_worker("relay-0", "after_relay:2"),
    lambda p: p.freeze_broker(1, 8),
    lambda p: p.kill_worker("consume-2", "before_commit:2"),
    lambda p: p.kill_worker("publish-1"),
    lambda p: p.freeze_postgres(5),
    lambda p: p.kill_worker("relay-1", "after_outgoing:1"),
    lambda p: p.kill_broker(2),
)


@pytest.mark.timeout(3_600)
def test_everything_happens_once_whatever_is_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(SHARD)
    made = list(write(Edition(ARTICLES_MADE, FACTS, seed=SHARD), datetime.now(UTC)))
    faults = [fault for _ in range(ROUNDS) for fault in chance.sample(FAULTS, len(FAULTS))]
    pause = 5.0 * len(faults) / (ARTICLES_MADE / 2 / publisher.PIECE)
    begun = time.monotonic()
    with receive() as webhook, works(tmp_path, webhook, made, pause) as one:
        database = open_store(one.workers["consume-0"].environment["CHAINWATCH_STORE"])
        stream = KafkaStream(Access(tuple(one.cluster.bootstrap.split(","))))
        assert stream.keeping(ARTICLES).copies == 3
        assert one.pass_time(120, lambda: one.stored(database) > 0), one.told()
        for fault in faults:
            fault(one)
            one.pass_time(chance.uniform(3, 6))
        one.pass_time(40)
        one.undo()
        settled = one.pass_time(PATIENCE_S, lambda: one.settled(database, stream))
        assert settled, one.told()
        ends = one.stop()
        appended = {articles.key_of(article) for article in made}
        assert {articles.key_of(_article(record)) for record in all_of(stream, ARTICLES)} == appended
        sizes = check_store(database, appended, Counter(str(body["id"]) for body in webhook.bodies))
        with database.read() as connection:
            recorded = [stored.event for stored in events.after(connection, 0, 100_000)]
        carried = [record.headers["ce_id"].decode() for record in all_of(stream, EVENTS)]
        assert set(carried) == {event.id for event in recorded}, "every event reached its topic"
        rough = ledger_in(database)
        database.close()
        stream.close()
    told = Counter(event.subject for event in recorded if event.kind is EventKind.TARGET_NEW)
    assert set(told.values()) == {1}
    assert len(told) == FACTS, "one target.new for each fact"
    assert rough == undisturbed(tmp_path / "calm", made), "the ledger is that of an undisturbed run on SQLite"
    assert {name: code for name, (code, _s) in ends.items()} == dict.fromkeys(ends, 0)
    assert max(seconds for _code, seconds in ends.values()) <= STOPPING_S
    with capsys.disabled():
        slowest = max(seconds for _code, seconds in ends.values())
        print(  # noqa: T201  the figures of the long form are wanted on the terminal
            f"\nfaults: {len(one.done)} {one.done}\nended by themselves: {dict(one.ended)}\n{sizes}, "
            f"events carried {len(carried)} ({len(carried) - len(set(carried))} again), stopped in {slowest:.1f} s, "
            f"{time.monotonic() - begun:.0f} s in all"
        )


def _article(record: Any) -> Article:
    value = decode(record)
    assert isinstance(value, Article)
    return value


def undisturbed(home: Path, made: Sequence[Article]) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger of one process on SQLite and the embedded log, in another order of arrival."""
    settings = Settings(home=home, workers=1)
    prepare(settings)
    file = home / "articles.jsonl"
    file.write_bytes(b"".join(article.to_json() + b"\n" for article in made))
    publisher.main(str(home / "stream.db"), str(file), "0")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    command = [sys.executable, "-m", "chainwatch.cli", "consume", "--drain"]
    subprocess.run(command, env=kept | {"CHAINWATCH_HOME": str(home), "CHAINWATCH_WORKERS": "1"}, check=True)
    database = open_store(settings.store_url)
    try:
        return ledger_in(database)
    finally:
        database.close()
