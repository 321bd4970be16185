"""Pool: pre-forked children that send. A hanging one costs its own slot until its time is up, then it is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any, Self

from chainwatch.notify.addresses import Policy
from chainwatch.notify.job import Job, Outcome, Result
from chainwatch.problem import Problem

ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "TZ", "PYTHONPATH")
"""What children inherit: no proxy, no setting, no secret."""
READY_AFTER = 30.0
"""Seconds the first child may take."""


@dataclass(slots=True)
class Slot:
    """One child, and the job it has."""

    pipe: Connection
    pid: int
    handle: int
    """A pidfd: signals meet this process or none."""
    job: Any = None
    until: float = 0.0
    """Monotonic time at which the job is given up."""


@dataclass(slots=True)
class Pool:
    """Children that wait for jobs. `submit` one, `collect` what is done. Not shared between threads.

    Args:
        policy: what addresses may do.
        size: children forked at the start.
        most: children, and so sends at a time, when others hang.
        seconds: for one send, before the child is killed.
        memory: bytes of address space a child may add.
    """

    policy: Policy
    size: int = 4
    most: int = 32
    seconds: float = 20.0
    memory: int = 512 << 20
    _zygote: subprocess.Popen[bytes] | None = None
    _control: socket.socket | None = None
    _free: list[Slot] = field(default_factory=list)
    _busy: dict[int, Slot] = field(default_factory=dict)

    def start(self) -> None:
        """Load Apprise in the parent of the children, and fork them all."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "chainwatch.notify.zygote", str(theirs.fileno()), str(self.memory)]
        command += [",".join(map(str, self.policy.networks)), ",".join(sorted(self.policy.services))]
        self._zygote = subprocess.Popen(  # noqa: S603  our own module, no input of a user
            command,
            pass_fds=[theirs.fileno()],
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        ours.settimeout(READY_AFTER)
        self._control = ours
        self._free = [self._fork() for _ in range(self.size)]

    @property
    def free(self) -> int:
        """How many jobs can be submitted now."""
        return self.most - len(self._busy)

    def submit(self, job: Job, ticket: Any) -> None:
        """Give a job to a free child, or to a new one. `ticket` comes back with the result."""
        slot = self._free.pop() if self._free else self._fork()
        slot.job, slot.until = ticket, time.monotonic() + self.seconds
        self._busy[slot.handle] = slot
        try:
            slot.pipe.send_bytes(job.to_bytes())
        except OSError:
            slot.until = 0.0  # found dead: collected as such at once

    def collect(self, timeout: float, *extra: Any) -> Iterator[tuple[Any, Result]]:
        """(ticket, result) of the jobs that are done or out of time; waits up to `timeout` s for the first.

        Args:
            timeout: seconds.
            extra: further things to wait for (a socket that wakes the dispatcher).
        """
        now = time.monotonic()
        nearest = min((slot.until for slot in self._busy.values()), default=now + timeout)
        pipes = {slot.pipe: slot for slot in self._busy.values()}
        ready = connection.wait([*pipes, *extra], max(0.0, min(timeout, nearest - now)))
        for pipe in ready:
            if isinstance(pipe, Connection):
                yield self._answer(pipes[pipe])
        for slot in [slot for slot in self._busy.values() if slot.until <= time.monotonic()]:
            yield self._give_up(slot, "no answer in time")

    def close(self) -> None:
        """End the children; sends under way are cut off."""
        for slot in [*self._free, *self._busy.values()]:
            self._kill(slot)
        self._free, self._busy = [], {}
        if self._control is not None:
            self._control.close()
        if self._zygote is not None:
            self._zygote.wait(timeout=10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _answer(self, slot: Slot) -> tuple[Any, Result]:
        try:
            result = Result.from_bytes(slot.pipe.recv_bytes())
        except (EOFError, OSError, ValueError):
            return self._give_up(slot, "the sending process ended")
        ticket, slot.job = slot.job, None
        del self._busy[slot.handle]
        self._free.append(slot)
        return ticket, result

    def _give_up(self, slot: Slot, why: str) -> tuple[Any, Result]:
        ticket = slot.job
        del self._busy[slot.handle]
        self._kill(slot)
        return ticket, Result(Outcome.UNKNOWN, why)

    def _kill(self, slot: Slot) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(slot.handle, signal.SIGKILL)
        os.close(slot.handle)
        slot.pipe.close()

    def _fork(self) -> Slot:
        if self._control is None:
            raise RuntimeError("the pool is not started")
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [b"child"], [theirs.fileno()])
            answer = self._control.recv(8)
            if len(answer) != 8:
                raise Problem("the sending process could not be started", cure="chainwatch doctor")
            pid = int.from_bytes(answer, "big")
            return Slot(Connection(ours.detach()), pid, _pidfd(pid))
        finally:
            theirs.close()


def _pidfd(pid: int) -> int:
    opened: Callable[[int], int] = os.pidfd_open
    return opened(pid)
