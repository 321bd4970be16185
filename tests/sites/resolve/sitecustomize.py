"""Names below `.test`, and those listed in TEST_SITES, are this machine.

In child processes of the tests that put this folder on PYTHONPATH.
"""

import os
import socket
from typing import Any

_SITES = frozenset(os.environ.get("TEST_SITES", "").split(","))
_getaddrinfo, _gethostbyname = socket.getaddrinfo, socket.gethostbyname


def _here(host: Any) -> Any:
    return "127.0.0.1" if isinstance(host, str) and (host.endswith(".test") or host in _SITES) else host


def _patched(host: Any, *args: Any, **kwargs: Any) -> Any:
    return _getaddrinfo(_here(host), *args, **kwargs)


socket.getaddrinfo = _patched
socket.gethostbyname = lambda name: _gethostbyname(_here(name))
