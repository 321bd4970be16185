"""The child process that speaks to the outside: one job at a time, with limits on memory and reach.

It holds no database, no key and no setting but the networks it may reach. Whoever hangs it is killed by its parent.
"""

import resource
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from multiprocessing.connection import Connection
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from chainwatch.egress import Refused, guard, refusal
from chainwatch.notify import addresses
from chainwatch.notify.addresses import Address, Policy
from chainwatch.notify.job import Job, Outcome, Result, of_status
from chainwatch.notify.services import WEBHOOK
from chainwatch.problem import Problem

LARGEST_ANSWER = 1 << 20
"""Bytes of an answer that are read."""
CONNECT, READ = 5.0, 10.0
"""Seconds to connect, and between two pieces of an answer."""
_LOCAL = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename"})


@dataclass(slots=True)
class Seen:
    """What the last HTTP exchange of a job answered."""

    status: int | None = None
    retry_after: float | None = None
    broke: bool = False
    """The request went out and no whole answer came."""
    refused: str = ""


def serve(pipe: Connection, policy: Policy, memory: int) -> None:
    """Answer jobs until the parent closes the pipe.

    Args:
        pipe: to the parent.
        policy: what addresses may do.
        memory: bytes of address space beyond what is used at the start.
    """
    seen = Seen()
    addresses.silence_apprise()
    _watch_http(seen)
    _limit_memory(memory)
    _watch_connections(seen, policy)
    guard(policy.networks)
    sys.addaudithook(_no_local_action)
    while True:
        try:
            job = Job.from_bytes(pipe.recv_bytes())
        except EOFError:
            return
        seen.status = seen.retry_after = None
        seen.broke, seen.refused = False, ""
        pipe.send_bytes(send(job, policy, seen).to_bytes())


def send(job: Job, policy: Policy, seen: Seen) -> Result:
    """One job. Whatever goes wrong becomes a Result without any part of the address."""
    try:
        address = addresses.read(job.url, policy)
        deliver: Callable[[Address, Job, Seen], bool] = _post if address.service in WEBHOOK else _notify
        arrived = deliver(address, job, seen)
    except Problem as problem:
        return Result(Outcome.UNUSABLE, problem.what)
    except MemoryError:
        return Result(Outcome.UNKNOWN, "the answer was too large")
    except Exception as error:  # noqa: BLE001  a plugin may raise anything; the text could hold the address
        arrived = False
        if not seen.status and not seen.refused:
            return _of_exception(error, seen)
    return _judge(seen, arrived=arrived)


def _post(address: Address, job: Job, _seen: Seen) -> bool:
    service = addresses.instance(address)
    scheme = "https" if service.secure else "http"
    port = f":{service.port}" if service.port else ""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(
            service.method,
            f"{scheme}://{service.host}{port}{service.fullpath}",
            data=job.body.encode(),
            params=service.params,
            headers={"User-Agent": "chainwatch", **service.headers, **job.headers},
            auth=(service.user, service.password) if service.user else None,
            timeout=(CONNECT, READ),
            allow_redirects=False,
            stream=True,
        )
        answer.close()
    return 200 <= answer.status_code < 300


def _notify(address: Address, job: Job, _seen: Seen) -> bool:
    service = addresses.instance(address)
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT, READ
    return bool(service.notify(body=job.body, title=job.title, body_format=address.text_format))


def _judge(seen: Seen, *, arrived: bool) -> Result:
    if arrived:
        return Result(Outcome.DELIVERED, status=seen.status)
    if seen.refused:
        return Result(Outcome.UNUSABLE, seen.refused)
    if seen.status is None:
        return Result(Outcome.UNKNOWN if seen.broke else Outcome.RETRY, "no connection, or no answer")
    outcome = of_status(seen.status)
    if outcome is Outcome.DELIVERED:  # HTTP was content, the service's own answer was not
        outcome = Outcome.RETRY
    return Result(outcome, f"HTTP {seen.status}", retry_after=seen.retry_after, status=seen.status)


def _of_exception(error: Exception, seen: Seen) -> Result:
    refused = _refusal_in(error)
    if refused:
        return Result(Outcome.UNUSABLE, refused)
    outcome = Outcome.UNKNOWN if seen.broke else Outcome.RETRY
    return Result(outcome, type(error).__name__)


def _refusal_in(error: BaseException | None) -> str:
    """The words of our own egress guard, wherever in the chain of causes a library has put them."""
    known: set[int] = set()
    queue = [error]
    while queue:
        one = queue.pop()
        if one is None or id(one) in known:
            continue
        known.add(id(one))
        if isinstance(one, Refused):
            return f"it leads to {one.reason}"
        queue += [one.__cause__, one.__context__, *(arg for arg in one.args if isinstance(arg, BaseException))]
        reason = getattr(one, "reason", None)
        queue.append(reason if isinstance(reason, BaseException) else None)
    return ""


def _watch_http(seen: Seen) -> None:
    """Note status and Retry-After of every HTTP exchange: Apprise tells only yes or no."""
    plain = HTTPAdapter.send

    def watched(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            answer = plain(self, request, *args, **{**kwargs, "proxies": {}})
        except requests.ConnectTimeout:
            raise
        except requests.RequestException as error:
            seen.refused = seen.refused or _refusal_in(error)
            seen.broke = seen.broke or not _before_sending(error)
            raise
        seen.status = answer.status_code
        seen.retry_after = _seconds(answer.headers.get("Retry-After"))
        return answer

    HTTPAdapter.send = watched  # type: ignore[method-assign]


def _watch_connections(seen: Seen, policy: Policy) -> None:
    """Note why the guard refuses: libraries that are not HTTP swallow its error."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            reason = refusal(str(arguments[1][0]), policy.networks)
            seen.refused = f"it leads to {reason}" if reason else seen.refused

    sys.addaudithook(hook)


def _before_sending(error: requests.RequestException) -> bool:
    """Whether the connection was never made, so that nothing can have arrived."""
    cause = error.args[0] if error.args else None
    return type(getattr(cause, "reason", None)).__name__ in {"NewConnectionError", "NameResolutionError", "SSLError"}


def _seconds(header: str | None) -> float | None:
    if header is None:
        return None
    if header.strip().isdigit():
        return min(float(header), 86_400.0)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    from datetime import UTC, datetime  # noqa: PLC0415  rarely needed

    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), 86_400.0)


def _limit_memory(memory: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  before the hooks, plain is enough
        pages = int(file.read().split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.stack_size(256 * 1024)


def _no_local_action(event: str, arguments: tuple[Any, ...]) -> None:
    """Programs, and writing to files, are nothing a notification needs."""
    if event in _LOCAL:
        raise PermissionError(f"a channel may not use {event}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise PermissionError("a channel may not write files")
