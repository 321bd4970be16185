"""The machine's clock jumps ahead and back while messages wait: each still arrives, once."""

import pytest

from tests.delivery.receiver import Receiver
from tests.delivery.world import World, event


@pytest.mark.parametrize("jump", [2, -24, 24 * 40], ids=["two hours ahead", "a day back", "forty days ahead"])
def test_a_message_arrives_once_whatever_the_clock_does(world: World, receiver: Receiver, jump: int) -> None:
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event("之前"))
    world.dispatch()
    world.wait(hours=jump)
    world.happen(event("跳后"))
    world.dispatch()
    world.wait(hours=-jump)
    world.happen(event("归后"))
    world.dispatch()
    world.wait(hours=max(jump, 0))  # what fell due while the clock was ahead is due then
    world.dispatch()
    assert world.states() == {"delivered": 3}
    assert len(receiver.ids) == len(set(receiver.ids)) == 3
