"""Receivers that answer with far too much, or with a drop at a time, while others wait for their messages."""

from http.server import BaseHTTPRequestHandler

import pytest

from chainwatch.memory import peak_bytes
from chainwatch.notify.pool import Pool
from tests.delivery.receiver import Hit, Receiver, trickle
from tests.delivery.world import LOOPBACK, World, event

pytestmark = pytest.mark.slow
MEGABYTE = 1 << 20
FLOOD, SLOW, WELL = 300, 20, 20
GIVEN_UP_S = 6.0


def flood(handler: BaseHTTPRequestHandler, _hit: Hit) -> None:
    """Three hundred megabytes of answer, as far as anybody reads them."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(FLOOD * MEGABYTE))
    handler.end_headers()
    try:
        for _ in range(FLOOD):
            handler.wfile.write(b"x" * MEGABYTE)
    except OSError:
        handler.close_connection = True


def test_a_flood_of_an_answer_costs_neither_memory_nor_a_second_message(
    world: World, receiver: Receiver, pool: Pool
) -> None:
    receiver.usual = flood
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    assert world.states() == {"delivered": 1}
    assert len(receiver.hits) == 1
    assert max(peak_bytes(slot.pid) for slot in pool._free) < 256 * MEGABYTE


def test_twenty_slow_receivers_hold_nobody_else_up(world: World, receiver: Receiver) -> None:
    slow, well = [f"slow{n}" for n in range(SLOW)], [f"well{n}" for n in range(WELL)]
    receiver.paths = {f"/{name}": trickle for name in slow}
    for name in (*slow, *well):
        world.channel(receiver.url(f"/{name}"), name, failures=1 if name in slow else 0)
    world.subscribe(*slow, *well)
    world.happen(event())
    with Pool(LOOPBACK, seconds=GIVEN_UP_S) as world.pool:
        world.dispatch()
    begun = min(hit.at for hit in receiver.hits)
    waited = sorted(hit.at - begun for hit in receiver.hits if hit.path.removeprefix("/") in well)
    assert len(waited) == WELL
    assert waited[-1] < GIVEN_UP_S, "nobody waited for a slow one to be given up"
    assert world.states() == {"unknown": SLOW, "delivered": WELL}
