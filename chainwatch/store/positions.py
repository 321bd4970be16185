"""How far each group has consumed: the only offset that counts, written in the transaction of the results.

A partition's epoch rises whenever a worker takes it; a worker whose epoch is no longer the row's cannot commit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Integer, Table, Text, insert, select, update

from chainwatch.store.database import ledger_lock, metadata

positions = Table(
    "positions",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("group", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)


class FencedError(Exception):
    """Another worker took the partition: roll back, drop what was read of it, go on with the rest."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on, and the epoch to commit under."""

    offset: int
    epoch: int


def _where(topic: str, group: str, partition: int) -> ColumnElement[bool]:
    return (positions.c.topic == topic) & (positions.c.group == group) & (positions.c.partition == partition)


def take(connection: Connection, topic: str, group: str, partitions: Iterable[int]) -> dict[int, Position]:
    """Become the owner of partitions: raise each epoch, then read its offset (0 where nothing was consumed yet)."""
    ledger_lock(connection)
    taken: dict[int, Position] = {}
    for partition in sorted(partitions):
        where = _where(topic, group, partition)
        raised = connection.execute(update(positions).where(where).values(epoch=positions.c.epoch + 1)).rowcount
        if not raised:
            row = {"topic": topic, "group": group, "partition": partition, "offset": 0, "epoch": 1}
            connection.execute(insert(positions).values(row))
        found = connection.execute(select(positions.c.offset, positions.c.epoch).where(where)).one()
        taken[partition] = Position(found.offset, found.epoch)
    return taken


def advance(connection: Connection, topic: str, group: str, held: Mapping[int, Position]) -> None:
    """Set the offsets, each under its epoch. Raises FencedError where another worker has taken a partition."""
    for partition, position in sorted(held.items()):
        where = _where(topic, group, partition) & (positions.c.epoch == position.epoch)
        if not connection.execute(update(positions).where(where).values(offset=position.offset)).rowcount:
            raise FencedError(f"{topic}/{partition} of group {group} was taken by another worker")


def check(connection: Connection, topic: str, group: str, held: Mapping[int, Position]) -> None:
    """Before work that others see. Raises FencedError where another worker has taken a partition already."""
    for partition, position in sorted(held.items()):
        epoch = connection.execute(select(positions.c.epoch).where(_where(topic, group, partition))).scalar()
        if epoch != position.epoch:
            raise FencedError(f"{topic}/{partition} of group {group} was taken by another worker")


def listed(connection: Connection, topic: str, group: str) -> dict[int, int]:
    """Partition → offset of the next record to consume."""
    rows = connection.execute(
        select(positions.c.partition, positions.c.offset)
        .where(positions.c.topic == topic, positions.c.group == group)
        .order_by(positions.c.partition)
    )
    return {row.partition: row.offset for row in rows}
