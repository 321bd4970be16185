"""The process that children are forked from: Apprise is loaded once, a new child takes milliseconds.

Started as `python -m chainwatch.notify.zygote FD`. Each message on the socket brings a child's end of a pipe; the
answer is the child's process id. Ends, with all children, when the dispatcher is gone.
"""

import gc
import os
import signal
import socket
import sys
from ipaddress import ip_network
from multiprocessing.connection import Connection

from chainwatch.notify import addresses, child
from chainwatch.notify.addresses import Policy


def main(handle: int, memory: int, networks: str, services: str) -> None:
    """Fork children on demand until the socket closes."""
    control = socket.socket(fileno=handle)
    policy = Policy(
        tuple(ip_network(one) for one in networks.split(",") if one),
        frozenset(one for one in services.split(",") if one),
    )
    addresses.load_services()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, handles, _flags, _address = socket.recv_fds(control, 16, 1)
        if not message or not handles:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            _child(handles[0], policy, memory)
        os.close(handles[0])
        control.sendall(pid.to_bytes(8, "big"))


def _child(handle: int, policy: Policy, memory: int) -> None:
    code = 1
    try:
        child.serve(Connection(handle), policy, memory)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
