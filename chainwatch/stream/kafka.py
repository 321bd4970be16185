"""The stream on Kafka: the same Protocol as the embedded log. The only file that imports kafka-python.

Written around three faults of kafka-python 3.0 (docs/adr/070): an idempotent producer that never recovers once a
sent batch expires, one that is poisoned by a record the broker refuses, and a `poll` that spins for ever after an
exception among its records. So: batches never expire but our own deadline does and builds a new producer; records
are checked before they are sent; values stay bytes, what is damaged in the log is stepped over (`kafka_damage`), and
a watchdog ends the process when a poll overstays.

`append` is durable when it returns (acks=all). When it raises, the broker may have kept some of the records:
appended again they have the same ids, and readers drop known ids.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NoError,
    NotCoordinatorError,
)
from kafka.structs import OffsetAndMetadata

from chainwatch.problem import Problem
from chainwatch.stream.access import Access, Blobs
from chainwatch.stream.kafka_damage import damaged_records, may_be_damage
from chainwatch.stream.kafka_group import KafkaMember
from chainwatch.stream.kafka_reach import why_unreachable
from chainwatch.stream.keeping import COPIES, LARGEST, Keeping
from chainwatch.stream.protocol import ARCHIVED, Consumer, Draft, Record

log = structlog.get_logger(__name__)

WINDOW = 1_000
"""Records on their way at a time: the client's own memory has no bound."""
DEADLINE = 60.0
"""Seconds an append may take before its producer is thrown away."""
ANSWER_MS = 30_000
"""For one answer of a broker, where the deadline is not shorter still."""


class KafkaStream:
    """Topics on a Kafka cluster. Safe to share between threads; open one in each process.

    Args:
        access: how to reach the brokers.
        blobs: where values beyond `LARGEST` go; without it they are refused with a Problem.
        session: seconds after which a member that does not poll loses its partitions.
        deadline: seconds an append or a question to the brokers may take.
    """

    def __init__(
        self, access: Access, *, blobs: Blobs | None = None, session: float = 30.0, deadline: float = DEADLINE
    ) -> None:
        self.access, self.blobs, self.session, self.deadline = access, blobs, session, deadline
        self._lock = threading.RLock()
        self._producer: KafkaProducer | None = None
        self._reader: KafkaConsumer | None = None
        self._admin: KafkaAdminClient | None = None
        self._partitions: dict[str, int] = {}

    # topics

    def ensure_topic(self, topic: str, partitions: int, retention_ms: int | None = None) -> None:
        """Create the topic, or give it more partitions. Retention is for ever where none is named."""
        with self._lock, self._problems(topic):
            known = self.topics()
            admin = self._admin_client()
            if topic not in known:
                copies = min(COPIES, len(admin.describe_cluster()["brokers"]))
                configs = topic_configs(copies, retention_ms)
                wanted = {"num_partitions": partitions, "replication_factor": copies, "configs": configs}
                answer = admin.create_topics({topic: wanted}, wait_for_metadata=True, raise_errors=False)
                log.info("topic created", topic=topic, partitions=partitions, copies=copies, answer=str(answer)[:200])
            elif known[topic] < partitions:
                admin.create_partitions({topic: partitions})
                self._wait_for_partitions(topic, partitions)
            self._partitions.pop(topic, None)

    def _wait_for_partitions(self, topic: str, partitions: int) -> None:
        deadline = time.monotonic() + self.deadline
        while self.topics().get(topic, 0) < partitions:
            if time.monotonic() > deadline:
                raise Problem("the new partitions did not appear", place=topic, retry=True)
            time.sleep(0.05)

    def topics(self) -> dict[str, int]:
        """Topic → number of partitions, the cluster's own topics left out."""
        with self._lock, self._problems():
            described = self._admin_client().describe_topics()
        return {one["name"]: len(one["partitions"]) for one in described if not one["name"].startswith("__")}

    def keeping(self, topic: str) -> Keeping:
        """How the brokers keep the topic."""
        self._count(topic)
        with self._lock, self._problems(topic):
            admin = self._admin_client()
            (described,) = admin.describe_topics([topic])
            asked = ConfigResource(ConfigResourceType.TOPIC, topic)
            told = admin.describe_configs([asked], config_filter="all")["topic"][topic]
            brokers = len(admin.describe_cluster()["brokers"])
        value = {name: str(entry["value"]) for name, entry in told.items()}
        return Keeping(
            brokers=brokers,
            copies=min(len(one["replica_nodes"]) for one in described["partitions"]),
            in_step=min(len(one["isr_nodes"]) for one in described["partitions"]),
            least_in_step=int(value["min.insync.replicas"]),
            retention_ms=int(value["retention.ms"]),
            retention_bytes=int(value["retention.bytes"]),
            cleanup=value["cleanup.policy"],
            largest_batch=int(value["max.message.bytes"]),
            unclean_election=value["unclean.leader.election.enable"] == "true",
        )

    def _count(self, topic: str) -> int:
        if topic not in self._partitions:
            self._partitions = self.topics()
        if topic not in self._partitions:
            raise Problem("no such topic or partition", place=topic, cure="chainwatch stream topics lists them")
        return self._partitions[topic]

    # writing

    def append(self, topic: str, drafts: Sequence[Draft]) -> list[tuple[int, int]]:
        """Append in order; (partition, offset) of each. Raises Problem(retry=True) when the brokers are away."""
        if not drafts:
            return []
        with self._lock:
            self._count(topic)
            placed: list[tuple[int, int]] = []
            for start in range(0, len(drafts), WINDOW):
                placed += self._send(topic, [self._fitted(topic, draft) for draft in drafts[start : start + WINDOW]])
            return placed

    def _fitted(self, topic: str, draft: Draft) -> Draft:
        size = len(draft.value) + len(draft.key.encode()) + sum(len(k) + len(v) for k, v in draft.headers.items())
        if size <= LARGEST:
            return draft
        if self.blobs is None:
            what = f"a record of {size:,} bytes, a broker takes {LARGEST:,}"
            raise Problem(what, place=f"{topic} {draft.key}", cure="open the stream with an archive for large values")
        digest = self.blobs.put(draft.value)
        log.warning("value moved to the archive, too large for the broker", key=draft.key, bytes=size, digest=digest)
        return Draft(draft.key, b"", draft.timestamp_ms, {**draft.headers, ARCHIVED: digest.encode()})

    def _send(self, topic: str, drafts: Sequence[Draft]) -> list[tuple[int, int]]:
        now, until = time.time_ns() // 1_000_000, time.monotonic() + self.deadline
        try:
            producer = self._open_producer()
            futures = [
                producer.send(
                    topic,
                    value=draft.value,
                    key=draft.key.encode(),
                    headers=list(draft.headers.items()),
                    timestamp_ms=max(0, min(draft.timestamp_ms, now)),
                )
                for draft in drafts
            ]
            producer.flush(timeout=self.deadline)
            told = [future.get(timeout=max(until - time.monotonic(), 0.1)) for future in futures]
        except Exception as error:
            self._drop_producer()
            if isinstance(error, KafkaError):
                raise self._away(topic, error) from error
            raise
        return [(one.partition, one.offset) for one in told]

    def _open_producer(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = KafkaProducer(
                **self.access.options(),
                acks="all",
                enable_idempotence=True,
                compression_type="zstd",
                linger_ms=5,
                batch_size=256 << 10,
                delivery_timeout_ms=10**9,
                max_block_ms=int(self.deadline * 1000),
                bootstrap_timeout_ms=int(self.deadline * 1000),
                metrics_enabled=False,
            )
        return self._producer

    def _drop_producer(self) -> None:
        """A wedged producer never closes: it is closed aside, and its thread may stay behind, as a daemon."""
        producer, self._producer = self._producer, None
        if producer is not None:
            threading.Thread(target=_close_quietly, args=(producer,), daemon=True).start()

    # reading

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on, without a group. Trimmed offsets are skipped."""
        with self._lock, self._problems(topic):
            spot = self._spot(topic, partition)
            reader = self._open_reader()
            begin, end = self._range(spot)
            offset = max(offset, begin)
            if offset >= end:
                return []
            reader.assign([spot])
            reader.seek(spot, offset)
            found: list[Record] = []
            deadline = time.monotonic() + self.deadline
            while len(found) < limit and (not found or found[-1].offset + 1 < end) and reader.position(spot) < end:
                if time.monotonic() > deadline:
                    raise Problem("the brokers did not answer in time", place=topic, retry=True)
                try:
                    batch = reader.poll(timeout_ms=500, max_records=limit - len(found)).get(spot, [])
                except Exception as error:
                    lost = self._damaged_at(reader, spot) if may_be_damage(error) else []
                    if not lost:
                        raise
                    found += lost[: limit - len(found)]
                    reader = self._reopen_reader(spot, found[-1].offset + 1)
                else:
                    found += [self.record(one) for one in batch]
            return found

    def record(self, raw: Any) -> Record:
        """A record as kafka-python gives it, as ours; a value in the archive is fetched, if the archive has it."""
        headers = {name: value or b"" for name, value in raw.headers}
        value = raw.value or b""
        key = (raw.key or b"").decode("utf-8", "replace")
        if ARCHIVED in headers and self.blobs is not None:
            try:
                value = self.blobs.get(headers[ARCHIVED].decode("ascii", "replace"))
                del headers[ARCHIVED]
            except Problem as problem:  # one record's fault must not stop its partition
                log.error("the archive cannot give a value", key=key, offset=raw.offset, why=str(problem))  # noqa: TRY400  the reason is enough
        return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, key, value, headers)

    def begin_offset(self, topic: str, partition: int) -> int:
        """Offset of the oldest record kept."""
        with self._lock, self._problems(topic):
            return self._range(self._spot(topic, partition))[0]

    def end_offset(self, topic: str, partition: int) -> int:
        """Offset that the next record will get."""
        with self._lock, self._problems(topic):
            return self._range(self._spot(topic, partition))[1]

    def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        """Offset of the first record whose timestamp is at or after the time; the end offset where there is none."""
        with self._lock, self._problems(topic):
            spot = self._spot(topic, partition)
            answer = self._open_reader().offsets_for_times({spot: timestamp_ms})[spot]
            return int(answer.offset) if answer is not None and answer.offset >= 0 else self._range(spot)[1]

    def _spot(self, topic: str, partition: int) -> TopicPartition:
        if not 0 <= partition < self._count(topic):
            raise Problem("no such topic or partition", place=f"{topic}/{partition}")
        return TopicPartition(topic, partition)

    def _range(self, spot: TopicPartition) -> tuple[int, int]:
        reader = self._open_reader()
        return int(reader.beginning_offsets([spot])[spot]), int(reader.end_offsets([spot])[spot])

    def _damaged_at(self, reader: KafkaConsumer, spot: TopicPartition) -> list[Record]:
        return damaged_records(self.reading_options(), spot, reader.position(spot))

    def _reopen_reader(self, spot: TopicPartition, offset: int) -> KafkaConsumer:
        """A reader that met damage would spin if it ever stood there again."""
        self.forget_clients()
        reader = self._open_reader()
        reader.assign([spot])
        reader.seek(spot, offset)
        return reader

    def _open_reader(self) -> KafkaConsumer:
        if self._reader is None:
            self._reader = KafkaConsumer(**(self.reading_options() | self._asking()))
        return self._reader

    def _asking(self) -> dict[str, Any]:
        """Keyword arguments of the clients that ask: how long brokers may take to be found, and to answer."""
        limit = int(self.deadline * 1000)
        return {**self.access.options(), "bootstrap_timeout_ms": limit, "request_timeout_ms": min(limit, ANSWER_MS)}

    def reading_options(self) -> dict[str, Any]:
        """Keyword arguments of every consumer: bytes as they are, positions never Kafka's own."""
        return {
            **self.access.options(),
            "enable_auto_commit": False,
            "auto_offset_reset": "none",
            "isolation_level": "read_committed",
            "allow_auto_create_topics": False,
            "fetch_max_wait_ms": 50,
            "max_partition_fetch_bytes": 8 << 20,
            "bootstrap_timeout_ms": int(self.deadline * 1000),
            "metrics_enabled": False,
        }

    # groups

    def consumer(
        self,
        topic: str,
        group: str,
        *,
        on_assigned: Callable[[frozenset[int]], Mapping[int, int]],
        on_lost: Callable[[frozenset[int]], None],
    ) -> Consumer:
        """Join a group; Kafka assigns, `on_assigned` says where each new partition starts."""
        with self._lock, self._problems(topic):
            self._count(topic)
            options = self.reading_options() | {
                "group_id": group,
                "session_timeout_ms": int(self.session * 1000),
                "heartbeat_interval_ms": max(int(self.session * 1000 / 10), 100),
            }
            return KafkaMember(topic, options, self.record, on_assigned, on_lost)

    def committed(self, topic: str, group: str) -> dict[int, int]:
        """What the group last told by `commit`."""
        with self._lock, self._problems(topic):
            told: Mapping[TopicPartition, OffsetAndMetadata]
            told = self._coordinated(lambda admin: admin.list_group_offsets(group)[group])
        return {spot.partition: at.offset for spot, at in told.items() if spot.topic == topic and at.offset >= 0}

    def tell(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """Set what a group without members last told, for lag tools; a failure is only logged: the store decides."""
        told = {TopicPartition(topic, number): OffsetAndMetadata(at, "", -1) for number, at in offsets.items()}
        with self._lock, self._problems(topic):
            answers = self._coordinated(lambda admin: admin.alter_group_offsets(group, told))
        refused = {spot.partition: error.__name__ for spot, error in answers.items() if error is not NoError}
        if refused:
            log.warning("Kafka did not take the group's offsets", topic=topic, group=group, partitions=refused)

    def groups(self) -> dict[str, int]:
        """Group → number of live members."""
        with self._lock, self._problems():
            names = sorted(one["group_id"] for one in self._admin_client().list_groups())
            described = self._coordinated(lambda admin: admin.describe_groups(names)) if names else {}
        return {name: len(described[name]["members"]) for name in names}

    def trim(self, topic: str, before_ms: int) -> int:
        """Drop each partition's records before the first one at or after the time; how many went."""
        gone, upto = 0, {}
        for partition in range(self._count(topic)):
            spot = TopicPartition(topic, partition)
            begin, offset = self.begin_offset(topic, partition), self.offset_at(topic, partition, before_ms)
            if offset > begin:
                gone, upto[spot] = gone + offset - begin, offset
        if upto:
            with self._lock, self._problems(topic):
                self._admin_client().delete_records(upto, timeout_ms=int(self.deadline * 1000))
        return gone

    def close(self) -> None:
        """Release sockets and threads."""
        with self._lock:
            for client in (self._producer, self._reader, self._admin):
                if client is not None:
                    _close_quietly(client)
            self._producer = self._reader = self._admin = None

    # errors

    def _admin_client(self) -> KafkaAdminClient:
        if self._admin is None:
            self._admin = KafkaAdminClient(**self._asking())
        return self._admin

    def _coordinated(self, ask: Callable[[KafkaAdminClient], Any]) -> Any:
        """What the groups' coordinator answers, which is made when a new cluster is first asked for it."""
        until = time.monotonic() + self.deadline
        while True:
            try:
                return ask(self._admin_client())
            except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _problems(self, topic: str = "") -> "_Problems":
        return _Problems(self, topic)

    def _away(self, topic: str, error: KafkaError) -> Problem:
        place = f"kafka://{','.join(self.access.bootstrap)}" + (f" {topic}" if topic else "")
        what, cure = f"{type(error).__name__}: {error}"[:300], "check that the brokers run, and their log"
        if "bootstrap" in str(error):
            what, cure = why_unreachable(self.access)
        return Problem(what, place=place, cure=cure, retry=True)

    def forget_clients(self) -> None:
        """Throw reader and admin client away after an error: the next call builds new ones."""
        for client in (self._reader, self._admin):
            if client is not None:
                threading.Thread(target=_close_quietly, args=(client,), daemon=True).start()
        self._reader = self._admin = None


class _Problems:
    """Turns kafka-python's errors into a Problem that says which brokers, and drops the client that failed."""

    def __init__(self, stream: KafkaStream, topic: str) -> None:
        self._stream, self._topic = stream, topic

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, KafkaError):
            self._stream.forget_clients()
            raise self._stream._away(self._topic, error) from error  # noqa: SLF001  one class in two parts


def topic_configs(copies: int, retention_ms: int | None) -> dict[str, str]:
    """What a topic of ours must have: nothing expires unless asked, and an acknowledged record is on two brokers."""
    return {
        "retention.ms": str(-1 if retention_ms is None else retention_ms),
        "min.insync.replicas": "2" if copies >= 3 else "1",
        "message.timestamp.type": "CreateTime",
        "cleanup.policy": "delete",
        "compression.type": "producer",
    }


def _close_quietly(client: Any) -> None:
    try:
        client.close(timeout=5) if isinstance(client, KafkaProducer) else client.close()
    except Exception as error:  # noqa: BLE001  a client that failed may fail at anything; it is thrown away
        log.info("a discarded client did not close", error=str(error)[:200])
