"""An installation for delivery tests: a store, a clock that is moved by hand, and short ways to fill it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from chainwatch.models import (
    SHANGHAI,
    Event,
    EventKind,
    Evidence,
    Message,
    Precision,
    event_id,
    to_timestamp_ms,
)
from chainwatch.models.schedule import Schedule
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.notify import addresses
from chainwatch.notify.addresses import Policy
from chainwatch.notify.dispatch import Dispatcher
from chainwatch.notify.options import Options
from chainwatch.notify.pool import Pool
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import Keyring
from chainwatch.store import channels, events, messages, outbox, schema, subscriptions, telling
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database
from consumers.route import Router

LOOPBACK = Policy((ip_network("127.0.0.0/8"),), frozenset({"mqtt"}))
START = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
KEY = "k" * 43


class Flat:
    """A taxonomy in which ids are paths."""

    def ancestors(self, node_id: str) -> list[str]:
        parts = node_id.split("/")
        return ["/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]

    def around(self, region_id: str) -> list[str]:
        return [region_id, *self.ancestors(region_id)]


def event(name: str = "智能物联 规模", kind: EventKind = EventKind.TARGET_NEW, **fields: object) -> Event:
    evidence = Evidence(
        article=f"article of {name}",
        revision="r1",
        part="text",
        span=(0, 4),
        quote="1万亿元",
        sentence=f"到2025年，{name}突破1万亿元。",
        url="https://news.example/a_b?id=7",
        source="示例日报",
        title="示例标题",
        published=START - timedelta(hours=1),
        precision=Precision.MINUTE,
        rule="target.until/1",
    )
    values: dict[str, object] = {
        "id": event_id(kind, name, "", "超1万亿元"),
        "kind": kind,
        "subject": f"fact of {name}",
        "title": name,
        "nodes": ("hz5/智能物联/视觉智能",),
        "region": "杭州",
        "after": {"shown": "超1万亿元", "deadline": "2025", "metric": "规模", "scope": "核心"},
        "evidence": (evidence,),
    }
    return Event.model_validate(values | fields)


@dataclass
class World:
    database: Database
    pool: Pool
    now: datetime = START
    chance: float = 0.5
    spoken: list[str] = field(default_factory=list)
    options: Options = field(default_factory=Options)
    wordings: Wordings = field(default_factory=Wordings)
    keyring: Keyring = field(default_factory=lambda: Keyring([KEY]))

    def channel(self, url: str, name: str = "one", **fields: object) -> Channel:
        address = addresses.read(url, LOOPBACK)
        values: dict[str, object] = {
            "id": f"ch-{name}",
            "name": name,
            "service": address.service,
            "masked": address.masked,
            "text_format": address.text_format,
            "limit_size": address.limit.size,
            "limit_unit": address.limit.unit,
            "takes_title": address.takes_title,
            "owner": "",
            "created_ms": 0,
        }
        channel = Channel(**(values | fields))  # type: ignore[arg-type]
        with self.database.write() as connection:
            channels.add(connection, channel, self.keyring.encrypt(address.url, channel.id), (), self.ms)
        return channel

    def subscribe(self, *to: str, name: str = "s", wanted: Filter | None = None, **fields: object) -> Subscription:
        values: dict[str, object] = {"id": f"sub-{name}", "name": name, "filter": wanted or Filter(), "channels": to}
        one = Subscription.model_validate(values | fields)
        with self.database.write() as connection:
            return subscriptions.save(connection, one, self.ms)

    def happen(self, *made: Event) -> list[Message]:
        with self.database.write() as connection:
            recorded = events.put(connection, made, self.ms)
            told = {one.id: telling.told_of(connection, one) for one in recorded}
            routed = Router(subscriptions.active(connection), Flat()).route(recorded, self.now, told)
            outbox.put(connection, routed)
        return routed

    def dispatch(self) -> int:
        dispatcher = Dispatcher(
            self.database,
            self.keyring,
            self.pool,
            self.wordings,
            self.options,
            clock=lambda: self.now,
            chance=lambda: self.chance,
            terminal=self.spoken.append,
        )
        return dispatcher.run(lambda: False, once=True)

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    @property
    def ms(self) -> int:
        return to_timestamp_ms(self.now)

    def states(self) -> dict[str, int]:
        with self.database.read() as connection:
            return messages.counts(connection)

    def all_messages(self) -> Sequence[messages.Stored]:
        with self.database.read() as connection:
            return messages.listed(connection, limit=10_000)

    def find(self, channel: str) -> Channel:
        with self.database.read() as connection:
            found = channels.find(connection, channel)
        assert found is not None
        return found


def make_store(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'store.db'}")
    schema.create(database)
    return database


NIGHTLY = Schedule(quiet=("22:00", "07:00"))
