"""Loopback ports: which are free, which to prefer, and whose they are before anybody listens."""

import socket
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from types import TracebackType

LOOPBACK = "127.0.0.1"


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
