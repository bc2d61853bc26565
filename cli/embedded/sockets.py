"""Loopback ports: which are free, and which to prefer."""

import socket
from collections.abc import Collection, Iterable
from contextlib import suppress

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too; without it a port stays "taken" for a minute after its last connection.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError, OverflowError):
            probe.bind((host, port))
            return True
    return False


def free_port(preferred: Iterable[int | None] = (), *, avoid: Collection[int] = (), host: str = LOOPBACK) -> int:
    """The first preferred port that is free, else any free one."""
    for port in preferred:
        if port and port not in avoid and is_free(port, host):
            return port
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        if port not in avoid:
            return port
