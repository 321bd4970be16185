"""Channels: where messages go. The address is stored encrypted; everything else about a channel may be shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from chainwatch.store import journal
from chainwatch.store.database import insert_new, metadata

channels = Table(
    "channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("service", Text, nullable=False),
    Column("masked", Text, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("text_format", Text, nullable=False),
    Column("limit_size", Integer, nullable=False),
    Column("limit_unit", Text, nullable=False),
    Column("takes_title", Boolean, nullable=False),
    Column("owner", Text, nullable=False, default=""),
    Column("state", Text, nullable=False, default="active"),
    Column("note", Text, nullable=False, default=""),
    Column("failures", Integer, nullable=False, default=0),
    Column("ready_ms", BigInteger, nullable=False, default=0),
    Column("rate", Integer),
    Column("canary", Boolean, nullable=False, default=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("delivered_ms", BigInteger),
)
"""`state`: active, failing (tried now and then until it works), paused (by somebody).

`ready_ms`: not to be used before. `rate`: messages a minute, None for the service's own. `masked`: how the address may
be shown. `text_format`, `limit_*`, `takes_title`: what the service wants, as found when the address was checked.
"""

channel_tags = Table(
    "channel_tags",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("channel", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
)

ACTIVE, FAILING, PAUSED = "active", "failing", "paused"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel without its address, and by default as a new one is."""

    id: str
    name: str
    service: str
    masked: str
    text_format: str
    limit_size: int
    limit_unit: str
    takes_title: bool
    owner: str
    created_ms: int
    rate: int | None = None
    canary: bool = False
    state: str = ACTIVE
    note: str = ""
    failures: int = 0
    ready_ms: int = 0
    delivered_ms: int | None = None


_SHOWN = [channels.c[name] for name in Channel.__slots__]


def add(connection: Connection, channel: Channel, address: bytes, tags: Collection[str], now_ms: int) -> None:
    """Store a new channel. `address` is already encrypted."""
    row = {name: getattr(channel, name) for name in Channel.__slots__}
    connection.execute(insert(channels).values(**row, address=address))
    insert_new(connection, channel_tags, [{"tag": tag, "channel": channel.id} for tag in sorted(set(tags))])
    journal.append(connection, [("channel.added", {"channel": channel.id, "masked": channel.masked})], now_ms)


def listed(connection: Connection) -> list[Channel]:
    """All channels, by name."""
    return [Channel(*row) for row in connection.execute(select(*_SHOWN).order_by(channels.c.name))]


def find(connection: Connection, reference: str) -> Channel | None:
    """The channel with this id or name."""
    row = connection.execute(
        select(*_SHOWN).where((channels.c.id == reference) | (channels.c.name == reference))
    ).first()
    return Channel(*row) if row else None


def tags_of(connection: Connection) -> dict[str, list[str]]:
    """Channel id → its tags."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(select(channel_tags).order_by(channel_tags.c.tag)):
        found.setdefault(row.channel, []).append(row.tag)
    return found


def names(connection: Connection) -> dict[str, list[str]]:
    """What a subscription may write → channel ids: each id, each name, each `tag:NAME`."""
    known: dict[str, list[str]] = {}
    for row in connection.execute(select(channels.c.id, channels.c.name).order_by(channels.c.id)):
        known[row.id] = [row.id]
        known.setdefault(row.name, [row.id])
    for row in connection.execute(select(channel_tags).order_by(channel_tags.c.channel)):
        known.setdefault(f"tag:{row.tag}", []).append(row.channel)
    return known


def address(connection: Connection, id_: str) -> bytes | None:
    """The encrypted address."""
    return connection.execute(select(channels.c.address).where(channels.c.id == id_)).scalar()


def addresses(connection: Connection) -> list[tuple[str, bytes]]:
    """(id, encrypted address) of all channels, for a change of key."""
    return [(row.id, row.address) for row in connection.execute(select(channels.c.id, channels.c.address))]


def change(connection: Connection, id_: str, now_ms: int, **values: Any) -> None:
    """Change columns of a channel. A change of state is journalled."""
    connection.execute(update(channels).where(channels.c.id == id_).values(**values))
    if "state" in values:
        entry = {"channel": id_, "state": values["state"], "note": values.get("note", "")}
        journal.append(connection, [("channel.state", entry)], now_ms)


def remove(connection: Connection, id_: str, now_ms: int) -> None:
    """Forget a channel and its address; its messages stay as history."""
    connection.execute(delete(channel_tags).where(channel_tags.c.channel == id_))
    connection.execute(delete(channels).where(channels.c.id == id_))
    journal.append(connection, [("channel.removed", {"channel": id_})], now_ms)


def others_of(connection: Connection, owner: str, but: str) -> Sequence[Channel]:
    """Other working channels of the same owner."""
    rows = connection.execute(
        select(*_SHOWN)
        .where(channels.c.owner == owner, channels.c.owner != "", channels.c.id != but, channels.c.state == ACTIVE)
        .order_by(channels.c.name)
    )
    return [Channel(*row) for row in rows]
