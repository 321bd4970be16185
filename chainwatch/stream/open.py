"""Opens the stream that a URL names: the only place that knows which backends there are."""

from pathlib import Path

from chainwatch.problem import Problem
from chainwatch.stream.protocol import Stream
from chainwatch.stream.sqlite import SqliteStream

SQLITE = "sqlite:///"


def open_stream(url: str) -> Stream:
    """The stream at `sqlite:///PATH`. Raises Problem for any other form."""
    if url.startswith(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        if not path.parent.is_dir():
            raise Problem("no such folder", place=str(path.parent), cure="chainwatch init makes the home folder")
        return SqliteStream(path)
    scheme = url.partition(":")[0]
    raise Problem(f"no stream backend for {scheme}:", place="stream", cure="stream = 'sqlite:///PATH'")
