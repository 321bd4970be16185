import subprocess
import sys
from ipaddress import ip_network

import pytest

from chainwatch.egress import refusal

INWARD = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1"),
    *("::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2002:7f00:1::1", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1"),
    *("localhost", "127.1", "2130706433", "0x7f000001", "", "/run/docker.sock", "metadata.internal"),
]


@pytest.mark.parametrize("host", INWARD)
def test_inward_addresses_and_names_are_refused(host: str) -> None:
    assert refusal(host) is not None


@pytest.mark.parametrize("host", ["1.1.1.1", "202.102.94.124", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"])
def test_outward_addresses_pass(host: str) -> None:
    assert refusal(host) is None


@pytest.mark.parametrize(
    ("host", "passes"), [("127.0.0.1", True), ("::ffff:127.0.0.1", True), ("127.0.1.1", False), ("10.0.0.1", False)]
)
def test_an_allowed_network_opens_only_itself(host: str, passes: bool) -> None:
    assert (refusal(host, [ip_network("127.0.0.0/24")]) is None) is passes


PROGRAM = """
import asyncio, errno, socket, sys
from chainwatch.egress import Refused, guard
server = socket.create_server(("127.0.0.1", 0)); server.settimeout(5)
port = server.getsockname()[1]
guard()
def refused(call):
    try:
        call()
    except Refused as error:
        assert error.errno == errno.EACCES
        return True
    return False
def one(address): return lambda: socket.socket().connect(address)
assert refused(one(("127.0.0.1", port))) and refused(one(("localhost", port)))
assert refused(lambda: socket.create_connection(("127.0.0.1", port)))
assert refused(lambda: socket.socket().connect_ex(("127.0.0.1", port)))
assert refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)))
assert refused(lambda: socket.socket(socket.AF_UNIX).connect("/run/nothing.sock"))
assert refused(lambda: asyncio.run(asyncio.open_connection("127.0.0.1", port)))
a, b = socket.socketpair(); a.sendall(b"ok"); assert b.recv(2) == b"ok"
server.setblocking(False)
try:
    server.accept()
except BlockingIOError:
    print("nobody came")
"""


def test_no_library_reaches_a_loopback_server_once_the_guard_stands() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("nobody came", "")
