"""Names below `.test` are this machine, in child processes of the tests that put this folder on PYTHONPATH."""

import socket
from typing import Any

_getaddrinfo, _gethostbyname = socket.getaddrinfo, socket.gethostbyname


def _here(host: Any) -> Any:
    return "127.0.0.1" if isinstance(host, str) and host.endswith(".test") else host


def _patched(host: Any, *args: Any, **kwargs: Any) -> Any:
    return _getaddrinfo(_here(host), *args, **kwargs)


socket.getaddrinfo = _patched
socket.gethostbyname = lambda name: _gethostbyname(_here(name))
