"""Reads articles in child processes, so that no article can hang or crash the runner; small batches in this one.

Each child compiles the rules once. One that exceeds the time for one article is killed and replaced; its articles are
then read one by one, the one that did it is reported as failed, the others go on.
"""

import contextlib
import multiprocessing
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Protocol

from chainwatch.models import Article
from chainwatch.problem import Problem
from chainwatch.runner.packing import pack, unpack
from chainwatch.runner.reading import Read, Reading

ARTICLE_SECONDS = 10.0
"""One article may take so long; the slowest real ones take a hundredth of it."""
START_SECONDS = 120.0
"""A child may take so long to compile its rules."""
CHILD_BYTES = 2 << 30
"""Address space of a child."""
CHUNK = 8
"""Articles that a child is given at a time; the limit of one article is then that of all."""
SWITCH_SECONDS = 0.0005
"""A thread that waits to feed a child gets the interpreter after so long; Python's own 5 ms leave children idle."""
READY = b"ready"
SMALL = 4
"""A batch of so few is read here: a trip to a child costs more than reading it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that could not be read: class of the error, and what it said."""

    error: str
    reason: str


Outcome = Reading | Failure


class Readers(Protocol):
    """Reads articles, each to an outcome of its own."""

    def start(self, articles: Sequence[Article], *, apart: bool = False) -> Callable[[], list[Outcome]]:
        """Begin; the function returned waits for the outcomes, in order. `apart`: in a child, where there is one."""

    def close(self) -> None:
        """Give everything back."""


class Here:
    """Reads in this process. In the main thread each article has a limit of time, by an alarm signal."""

    def __init__(self, read: Read, seconds: float = ARTICLE_SECONDS) -> None:
        self._read, self._seconds = read, seconds

    def start(self, articles: Sequence[Article], *, apart: bool = False) -> Callable[[], list[Outcome]]:  # noqa: ARG002  there is no child
        """Reads when the outcomes are asked for."""
        return lambda: [self._one(article) for article in articles]

    def _one(self, article: Article) -> Outcome:
        with _alarm(self._seconds):
            return attempt(self._read, article)

    def close(self) -> None:
        """Nothing is held."""


def attempt(read: Read, article: Article) -> Outcome:
    """Read one article; any exception is its failure, not the runner's."""
    try:
        return read(article)
    except Exception as error:  # noqa: BLE001  whatever an article provokes is recorded with it, in quarantine
        return Failure(type(error).__name__, str(error)[:500])


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Pool:
    """Reads in `size` children; batches of up to `SMALL` articles in this process.

    Args:
        here: the reader of this process.
        make: makes the reader from `packed`; importable by name, it runs in every child.
        packed: what `make` needs (a bundle's bytes).
        seconds: for one article.
    """

    def __init__(
        self,
        here: Read,
        make: Callable[[bytes], Read],
        packed: bytes,
        size: int,
        *,
        seconds: float = ARTICLE_SECONDS,
    ) -> None:
        self._here = Here(here, seconds)
        self._free: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._children = [_Child(make, packed, seconds) for _ in range(size)]
        for child in self._children:
            self._free.put(child)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="reader")
        sys.setswitchinterval(SWITCH_SECONDS)

    def start(self, articles: Sequence[Article], *, apart: bool = False) -> Callable[[], list[Outcome]]:
        """Hand the articles to free children in small chunks."""
        if len(articles) <= SMALL and not apart:
            return self._here.start(articles)
        futures: list[Future[list[bytes]]] = [
            self._threads.submit(self._chunk, [article.to_json() for article in articles[i : i + CHUNK]])
            for i in range(0, len(articles), CHUNK)
        ]
        return lambda: [outcome for future in futures for part in future.result() for outcome in unpack(part)]

    def _chunk(self, articles: Sequence[bytes]) -> list[bytes]:
        child = self._free.get()
        try:
            return child.read(articles)
        finally:
            self._free.put(child)

    def close(self) -> None:
        """Finish what was handed out, end the children."""
        self._threads.shutdown()
        for child in self._children:
            child.end()


class LostError(Exception):
    """A child did not answer in time, or died."""


class _Child:
    """One child process and the pipe to it; started when first needed, and again after it had to be killed."""

    def __init__(self, make: Callable[[bytes], Read], packed: bytes, seconds: float) -> None:
        self._make, self._packed, self._seconds = make, packed, seconds
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def read(self, articles: Sequence[bytes]) -> list[bytes]:
        """Packed lists of outcomes, in order. Where the child is lost on several, each is read by itself."""
        try:
            return [self._ask(articles)]
        except LostError as lost:
            self.end()
            if len(articles) == 1:
                return [pack([lost.args[0]])]
        return [part for article in articles for part in self.read([article])]

    def _ask(self, articles: Sequence[bytes]) -> bytes:
        pipe = self._started()
        try:
            pipe.send_bytes(pack(articles))
            if not pipe.poll(self._seconds):
                raise LostError(Failure("TimeoutError", f"took longer than {self._seconds:g} s"))
            return pipe.recv_bytes()
        except (EOFError, OSError):
            code = self._process.exitcode if self._process else None
            raise LostError(Failure("ProcessDied", f"the reading process died, exit code {code}")) from None

    def _started(self) -> Connection:
        if self._process is not None and self._pipe is not None and self._process.is_alive():
            return self._pipe
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._make, self._packed), daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        if not ours.poll(START_SECONDS) or ours.recv_bytes() != READY:
            self.end()
            raise Problem("a reading process did not start", cure="see the log above; workers = 1 reads in one process")
        return ours

    def end(self) -> None:
        """Kill the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: Connection, make: Callable[[bytes], Read], packed: bytes) -> None:
    """Body of a child: ends when the parent's end of the pipe is gone, whatever became of the parent."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent decides; both are sent to the whole process group
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (CHILD_BYTES, CHILD_BYTES))
    read = make(packed)
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(READY)
        while True:
            articles = [Article.from_json(value) for value in unpack(pipe.recv_bytes())]
            pipe.send_bytes(pack([attempt(read, article) for article in articles]))


def make_readers(here: Read, make: Callable[[bytes], Read], packed: bytes, workers: int) -> Readers:
    """Readers for so many workers; 0: as many as cores. One worker reads in this process."""
    size = workers or _cores()
    return Here(here) if size == 1 else Pool(here, make, packed, size)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
