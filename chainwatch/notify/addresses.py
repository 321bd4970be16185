"""Addresses: reads an Apprise URL, says whether it may be used and how it may be shown. Same check at save and at send.

No message made here ever holds the address, or any part of it that could be a secret.
"""

import importlib
import logging
import re
import socket
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from chainwatch.egress import Network, refusal
from chainwatch.notify.services import (
    DENIED,
    DROPPED_KEYS,
    HEADER_SERVICES,
    LIMITS,
    LONGEST,
    RAW_SOCKETS,
    REFUSED_KEYS,
    REFUSED_NO,
    REFUSED_YES,
    TERMINAL,
    UNLIMITED,
    Limit,
)
from chainwatch.problem import Problem

LONGEST_ADDRESS = 4_000
_SCHEMA = re.compile(r"\s*(?P<schema>[A-Za-z0-9]{1,32})://")
_YES = frozenset({"yes", "y", "true", "t", "1", "on", "enable", "enabled", "+", "active", "allow", "always"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What this installation lets addresses do."""

    networks: tuple[Network, ...] = ()
    """Inward networks that may be reached."""
    services: frozenset[str] = frozenset()
    """Raw-socket services that may be used."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that passed the check. Its repr does not show it."""

    url: str
    """Cleaned: keys that are not the subscriber's to set are gone."""
    service: str
    masked: str
    """What may be shown: service, and host where the host is no secret."""
    text_format: str
    """text, markdown or html: what the service wants."""
    limit: Limit
    takes_title: bool
    dropped: tuple[str, ...] = ()
    """Keys that were taken out."""

    def __repr__(self) -> str:
        return f"Address({self.masked})"


def read(url: str, policy: Policy) -> Address:
    """Check an address. Raises Problem with the reason where it may not be used; the reason never quotes it."""
    url = url.strip()
    schema = _schema(url)
    if schema == TERMINAL:
        return Address("terminal://", TERMINAL, "terminal", "text", LONGEST, takes_title=False)
    _check_schema(schema, policy)
    cleaned, dropped = _clean(url, schema)
    service = _instance(cleaned, schema)
    host = service.host if _host_is_open(service) and isinstance(service.host, str) else None
    if host:
        _check_host(host, policy)
    for written in (service.host, *(value for _piece, _key, value in _pieces(cleaned))):
        _check_literal(str(written or ""), policy)
    port = f":{service.port}" if host and service.port else ""
    return Address(
        url=cleaned,
        service=schema,
        masked=f"{schema} {host}{port}" if host else f"{schema} ({service.service_name})",
        text_format=_format(service),
        limit=_limit(schema, service),
        takes_title=bool(service.title_maxlen),
        dropped=dropped,
    )


def instance(address: Address) -> Any:
    """The Apprise plugin for an address that passed."""
    return _instance(address.url, address.service)


def silence_apprise() -> None:
    """Apprise's own log shows tokens at any level: nothing of it leaves this process."""
    logger = logging.getLogger("apprise")
    logger.handlers[:] = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)


def _refuse(why: str, cure: str = "see docs/reference/delivery.md, Addresses") -> Problem:
    return Problem(f"this address may not be used: {why}", place="channel address", cure=cure)


def _schema(url: str) -> str:
    found = _SCHEMA.match(url)
    if found is None:
        raise _refuse(
            "it does not begin with service://", "write an Apprise URL, such as mailto://… or json://host/path"
        )
    if len(url) > LONGEST_ADDRESS:
        raise _refuse(f"it is longer than {LONGEST_ADDRESS} characters")
    if any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise _refuse("it holds control characters")
    if re.search(r"[\s,;][A-Za-z0-9]{2,32}://", url):
        raise _refuse("it holds several addresses", "add each as a channel of its own")
    return found["schema"].lower()


def _check_schema(schema: str, policy: Policy) -> None:
    if schema in DENIED:
        raise _refuse(f"{schema}:// {DENIED[schema]}")
    if schema in RAW_SOCKETS and schema not in policy.services:
        raise _refuse(
            f"{schema}:// speaks to any port of any host", f"the operator may allow it: allow_services = ['{schema}']"
        )
    if schema not in schemas():
        raise _refuse(f"{schema}:// is no service that Apprise knows", "https://appriseit.com/services/ lists them")


def schemas() -> Collection[str]:
    """Every schema that the installed Apprise knows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_manager().schemas())


def _manager() -> Any:
    _apprise()
    from apprise.manager_plugins import NotificationManager  # noqa: PLC0415  as below

    manager: Any = NotificationManager  # a singleton without types
    return manager()


def _apprise() -> Any:
    """The library, loaded only where addresses are read: it takes a second. Its own warnings and logs go nowhere."""
    silence_apprise()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("apprise")


def _pieces(url: str) -> Iterator[tuple[str, str, str]]:
    """(piece as written, key in lower case without its prefix, value) of the query part."""
    _, _, query = url.partition("?")
    for piece in re.split(r"[&;?]", query):
        key, _, value = piece.partition("=")
        yield piece, unquote(unquote(key)).strip().lower(), unquote(value).strip().lower()


def _clean(url: str, schema: str) -> tuple[str, tuple[str, ...]]:
    kept: list[str] = []
    dropped: list[str] = []
    for piece, key, value in _pieces(url):
        bare = key.lstrip("+-: ")
        if bare in REFUSED_KEYS or bare.startswith("pgp"):
            raise _refuse(f"the key {bare} {REFUSED_KEYS.get(bare, 'reads keys of this machine')}")
        if bare in REFUSED_YES and value in _YES:
            raise _refuse(f"the key {bare}={'yes'} {REFUSED_YES[bare]}")
        if bare in REFUSED_NO and value not in _YES:
            raise _refuse(f"the key {bare}={'no'} {REFUSED_NO[bare]}")
        if key.startswith("+") and schema not in HEADER_SERVICES:
            raise _refuse("own headers are for json, form and xml only")
        if key in DROPPED_KEYS:
            dropped.append(key)
        elif piece:
            kept.append(piece)
    start = url.partition("?")[0]
    return (f"{start}?{'&'.join(kept)}" if kept else start), tuple(sorted(set(dropped)))


def _instance(url: str, schema: str) -> Any:
    apprise = _apprise()
    asset = apprise.AppriseAsset(
        app_id="chainwatch",
        app_desc="chainwatch",
        app_url="",
        async_mode=False,
        http_redirects=False,
        secure_logging=True,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        allow_templates=False,
        pgp_autogen=False,
        pem_autogen=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None or (service.schema not in {schema, None} and service.schema in DENIED):
        raise _refuse(f"{schema}:// does not read like this", "see the service's page of Apprise's documentation")
    return service


def _host_is_open(service: Any) -> bool:
    """Whether every form of the service's addresses names a host of one's own, which is no secret."""
    templates = service.templates or ()
    return bool(templates) and all("{host}" in template for template in templates)


def _check_literal(host: str, policy: Policy) -> None:
    """Refuse what is an inward address as it stands; asks no name server, since the word may be a secret."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".localdomain")):
        host = "127.0.0.1"
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST) if host else []
    except (OSError, UnicodeError):
        return
    if host.isdigit() and len(host) < 8:
        return  # a small number is a count or a port, no address
    _check_found(found, policy)


def _check_host(host: str, policy: Policy) -> None:
    """Refuse a host that is inward, in whatever spelling, or whose name leads inward now."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        if host.strip("[]").replace(".", "").isdigit() or host.lower().startswith("0x"):
            raise _refuse("its host is no proper address") from None
        return  # a name that nobody knows now: it is checked again when connecting
    _check_found(found, policy)


def _check_found(found: list[Any], policy: Policy) -> None:
    for address in sorted({str(item[4][0]) for item in found}):
        reason = refusal(address, policy.networks)
        if reason:
            raise _refuse(f"its host is {reason}", "the operator may allow it: allow_networks = ['…']")


def _format(service: Any) -> str:
    formats: Sequence[Any] = service._formats()  # noqa: SLF001  Apprise has no public name for it
    override = service._format_override  # noqa: SLF001  as above
    return str((override if override in formats else formats[0]).value)


def _limit(schema: str, service: Any) -> Limit:
    if schema in UNLIMITED:
        return LONGEST
    if schema in LIMITS:
        return LIMITS[schema]
    length = service.body_maxlen
    return Limit(length if isinstance(length, int) and length > 0 else 2_000, "bytes")


def load_services() -> None:
    """Load every Apprise plugin now (a second), so that forked children share them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _manager().load_modules()
