"""Several workers that start at once on a new database make it once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.cli.init import prepare
from chainwatch.settings import load_settings
from chainwatch.store import schema
from chainwatch.store.database import Database
from tests.kafka.broker import free_ports
from tests.postgres.server import Server

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
quiet = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    one = Server(tmp_path / "server")
    one.start()
    yield one
    one.kill()


def test_workers_that_start_at_once_make_the_tables_once(server: Server) -> None:
    url = server.create("race")
    ready, failures = threading.Barrier(4), list[Exception]()

    def make() -> None:
        database = Database(url)
        ready.wait()
        try:
            schema.create(database)
        except Exception as error:  # noqa: BLE001  any failure is what is looked for
            failures.append(error)
        database.close()

    workers = [threading.Thread(target=make) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    database = Database(url)
    schema.check(database)
    database.close()


@quiet
def test_a_worker_starts_again_while_the_brokers_are_away_but_not_for_the_first_time(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chainwatch.cli import context  # noqa: PLC0415  only to shorten the wait for brokers

    whole = context.stream_of
    monkeypatch.setattr(context, "stream_of", lambda settings: whole(settings, deadline=0.2))
    away = f"kafka://127.0.0.1:{free_ports(1)[0]}"
    url = server.create("away")
    given = {"CHAINWATCH_HOME": str(tmp_path / "home"), "CHAINWATCH_STORE": url, "CHAINWATCH_STREAM": away}
    with pytest.raises(Exception, match="cannot be connected to"):
        prepare(load_settings(given))
    prepare(load_settings(given))
    assert (tmp_path / "home" / "archive").is_dir()
