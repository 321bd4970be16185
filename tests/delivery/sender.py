"""A dispatcher in a process of its own, for the kill tests: `python -m tests.delivery.sender STORE`."""

import sys
from pathlib import Path

import structlog

from chainwatch.notify.backoff import Backoff
from chainwatch.notify.dispatch import Dispatcher
from chainwatch.notify.options import Options
from chainwatch.notify.pool import Pool
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import Keyring
from chainwatch.store.database import Database
from tests.delivery.world import KEY, LOOPBACK

OPTIONS = Options(
    send_seconds=1.0,
    lease_seconds=2.5,
    idle_seconds=0.1,
    digest_over=10_000,
    backoff=Backoff(first=0.1, longest=0.5, tries=100_000, failures=6),
)


def main(store: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    database = Database(f"sqlite:///{store}")
    with Pool(LOOPBACK, size=3, most=6, seconds=OPTIONS.send_seconds) as pool:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        dispatcher = Dispatcher(database, Keyring([KEY]), pool, Wordings(), OPTIONS)
        while True:
            dispatcher.run(lambda: False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
