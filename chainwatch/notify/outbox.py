"""Outbox: routes events and stores their messages, inside the caller's transaction. Sends nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from chainwatch.models import CORRECTING, Event, Message
from chainwatch.store import messages, subscriptions
from consumers.route import Hierarchy, Router


class Outbox:
    """Keeps the Router of the subscriptions in force; makes a new one when they change.

    Args:
        taxonomy: hierarchy of nodes and regions.
    """

    def __init__(self, taxonomy: Hierarchy) -> None:
        self._taxonomy = taxonomy
        self._state: tuple[int, int] | None = None
        self._router = Router((), taxonomy)

    def address(self, connection: Connection, made: Sequence[Event], now: datetime) -> list[Message]:
        """The messages of the events, stored. Corrections also reach whoever was told before."""
        if not made:
            return []
        told = {event.id: messages.told_of(connection, event) for event in made if event.kind in CORRECTING}
        routed = self.router(connection).route(made, now, told)
        messages.put(connection, routed)
        return routed

    def router(self, connection: Connection) -> Router:
        """Of the subscriptions as they are now."""
        state = subscriptions.state(connection)
        if state != self._state:
            self._router = Router(subscriptions.active(connection), self._taxonomy)
            self._state = state
        return self._router
