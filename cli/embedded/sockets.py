"""Loopback ports: which are free, which to prefer, and whose they are before anybody listens."""

import random
import socket
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

LOOPBACK = "127.0.0.1"

LOWEST = 10_000
"""Below it are the ports of well-known services."""
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Ports:
    """Ports that this process has chosen and that no other supervisor of this machine chooses meanwhile.

    Between the choice and the server that listens lie seconds, in which the port still looks free. A socket in Linux's
    abstract namespace, named after the port, marks it; the kernel takes it back when we die.
    """

    def __init__(self) -> None:
        self._marks: dict[int, socket.socket] = {}

    def __enter__(self) -> "Ports":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while self._marks:
            self._marks.popitem()[1].close()

    def take(self, *preferred: int | None) -> int:
        """The first preferred port that is free and nobody else's, else any such."""
        refused = set(self._marks)
        while not self._mark(port := free_port(preferred, avoid=refused)):
            refused.add(port)
        return port

    def _mark(self, port: int) -> bool:
        mark = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if sys.platform == "linux":
                mark.bind(f"\0benchmark-port-{port}")
        except OSError:
            mark.close()
            return False
        self._marks[port] = mark
        return True


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
    """The first preferred port that is free, else any free one.

    Not one that the kernel would choose: those it also gives to outgoing connections, and a connection made between the
    choice and the start of the server would take the port away.
    """
    for port in preferred:
        if port and port not in avoid and is_free(port, host):
            return port
    while (port := random.randrange(LOWEST, _first_ephemeral())) in avoid or not is_free(port, host):
        continue
    return port


def _first_ephemeral() -> int:
    """The lowest port that the kernel gives to connections (32768 unless the machine was told otherwise)."""
    with suppress(OSError, ValueError, IndexError):
        first = int(EPHEMERAL.read_text().split()[0])
        if first > LOWEST + 1_000:
            return first
    return 32_768
