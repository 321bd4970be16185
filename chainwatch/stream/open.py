"""Opens the stream that a URL names: the only place that knows which backends there are."""

from pathlib import Path

from chainwatch.problem import Problem
from chainwatch.stream.access import Access, Blobs, Security
from chainwatch.stream.protocol import Stream
from chainwatch.stream.sqlite import SqliteStream

SQLITE, KAFKA = "sqlite:///", "kafka://"


def open_stream(
    url: str, *, security: Security | None = None, blobs: Blobs | None = None, deadline: float | None = None
) -> Stream:
    """The stream at `sqlite:///PATH` or `kafka://HOST:PORT[,HOST:PORT…]`. Raises Problem for any other form.

    Nothing is asked of brokers before the first use. `deadline`: seconds that they may take to answer, a minute by
    default.
    """
    if url.startswith(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        if not path.parent.is_dir():
            raise Problem("no such folder", place=str(path.parent), cure="chainwatch init makes the home folder")
        return SqliteStream(path)
    if url.startswith(KAFKA):
        return _open_kafka(url, security or Security(), blobs, deadline)
    scheme = url.partition(":")[0]
    raise Problem(f"no stream backend for {scheme}:", place="stream", cure="sqlite:///PATH or kafka://HOST:PORT")


def spool_url(url: str, home: Path) -> str:
    """Where crawlers append: the embedded log itself, or before Kafka the local spool that a relay carries over."""
    return f"{SQLITE}{home / 'spool.db'}" if url.startswith(KAFKA) else url


def _open_kafka(url: str, security: Security, blobs: Blobs | None, deadline: float | None) -> Stream:
    brokers = tuple(part.strip() for part in url.removeprefix(KAFKA).rstrip("/").split(",") if part.strip())
    for broker in brokers or ("",):
        host, _, port = broker.rpartition(":")
        if not host or not port.isdigit():
            raise Problem(f"{broker!r} is no HOST:PORT", place="stream", cure="stream = 'kafka://HOST:PORT'")
    security.check()
    try:
        from chainwatch.stream.kafka import (  # noqa: PLC0415  an extra, imported only where it is asked for
            DEADLINE,
            KafkaStream,
        )
    except ModuleNotFoundError as error:
        cure = "pip install 'chainwatch[kafka]'"
        raise Problem(f"the Kafka client is not installed ({error.name})", place="stream", cure=cure) from error
    return KafkaStream(Access(brokers, security), blobs=blobs, deadline=deadline or DEADLINE)
