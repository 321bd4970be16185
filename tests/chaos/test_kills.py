"""`kill -9` of crawl, consume and dispatch at random moments and at named points of a demo-sized run."""

import os
import random
from itertools import chain, count
from pathlib import Path

import pytest

from chainwatch.cli import demo
from chainwatch.demo.receiver import receive
from chainwatch.demo.site import serve
from tests.chaos.installation import WAYS, Installation, Kills, check, ledger_of, pages

pytestmark = [pytest.mark.chaos, pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")]  # apprise imports it

KILLS = 10 if os.environ.get("CHAINWATCH_CHAOS") == "short" else 51
SEED = 20_261_123


@pytest.mark.timeout(1_800)
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note, made = pages()
    with serve(note, made) as site:
        with receive() as webhook:
            calm = Installation(tmp_path / "calm", site, webhook)
            for day in range(1, demo.DAYS + 1):
                site.day = day
                calm.settle_day()
            calm.settle_deliveries()
            check(calm, Kills())
        with receive() as webhook:
            rough, kills, chance = Installation(tmp_path / "rough", site, webhook), Kills(), random.Random(SEED)
            ways = chain.from_iterable(chance.sample(WAYS, len(WAYS)) for _ in count())
            for day in range(1, demo.DAYS + 1):
                site.day = day
                while len(kills.done) < KILLS * day // demo.DAYS:
                    rough.kill_one(*next(ways), chance, kills)
                rough.settle_day()
            rough.settle_deliveries()
            sizes = check(rough, kills)
        assert ledger_of(calm) == ledger_of(rough), "the ledger is that of an undisturbed run"
    assert sizes["messages"] > 0
    with capsys.disabled():
        print(f"\nkills survived: {sizes}")  # noqa: T201  the figures of the long form are wanted on the terminal
