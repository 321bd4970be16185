"""Refuses inward addresses at the moment of connecting, whoever asked: crawler, sender or a library below them.

An audit hook sees every `socket.connect` of this process with the address that is really used, so a redirect, a
rebinding name or a trick in a URL ends here. It does not see C libraries (database drivers, `syslog`).
"""

import errno
import sys
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

NAT64 = IPv6Network("64:ff9b::/96")
EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class Refused(PermissionError):  # noqa: N818  it reads as what happened: "Refused: …"
    """An inward address. Carries an errno, since Twisted and asyncio read only that."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(errno.EACCES, f"chainwatch refuses {host}: {reason}; see the setting allow_networks")
        self.host, self.reason = host, reason


def guard(allowed: Sequence[Network] = ()) -> None:
    """Refuse inward connections of this process from now on. It cannot be undone: call it in a child process.

    Args:
        allowed: networks that may be reached although they are inward (the setting `allow_networks`).
    """
    networks = tuple(allowed)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS or arguments[1] is None:
            return
        host = _host(arguments[1])
        reason = refusal(host, networks)
        if reason:
            raise Refused(host, reason)

    sys.addaudithook(hook)


def refusal(host: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why this address of a connection is refused; None where it is outward or allowed.

    A host name is refused: libraries resolve before they connect, and what a name means may change in between.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "no plain IP address"
    meant = _meant(address)
    if any(one.version == network.version and one in network for one in {address, meant} for network in allowed):
        return None
    if not meant.is_global or meant.is_multicast or meant.is_reserved:
        return "an inward address"
    return None


def _meant(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo, compatible), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    number = int(address)
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in NAT64 or (1 < number < 2**32):
        return IPv4Address(number & 0xFFFFFFFF)
    if address.sixtofour:
        return address.sixtofour
    return address.teredo[1] if address.teredo else address


def _host(address: Any) -> str:
    """The host of a socket address: the first item of an internet one, the path of a local one."""
    first = address[0] if isinstance(address, tuple) and address else address
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)
