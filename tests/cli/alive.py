"""What processes do, seen from outside: whether they are gone, and what they have logged."""

import asyncio
import socket
import time
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path


def is_running(pid: int) -> bool:
    """False also for a dead one that nobody has collected yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def still_running(pids: Iterable[int], *, within_s: float = 10.0) -> set[int]:
    """Those that have not ended by then."""
    deadline = time.monotonic() + within_s
    remaining = set(pids)
    while remaining and time.monotonic() < deadline:
        remaining = {pid for pid in remaining if is_running(pid)}
        time.sleep(0.05)
    return remaining


def naming(text: str) -> set[int]:
    """Processes with this text in their command line: whoever works in a test's own folder."""
    found = set[int]()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if text.encode() in command:
                found.add(int(entry.name))
    return found


async def logged(log: Path, text: str = "") -> str:
    """The log, once it ends in a whole line and holds the text."""
    return await asyncio.to_thread(_logged, log, text)


def _logged(log: Path, text: str) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        written = log.read_text() if log.exists() else ""
        if text in written and written.endswith("\n"):
            return written
        time.sleep(0.02)
    raise TimeoutError(f"{log} does not say {text!r}.")


@contextmanager
def listening(*ports: int) -> Generator[None]:
    """Somebody else holds these ports, those of them that are free."""
    with ExitStack() as held:
        for port in ports:
            server = held.enter_context(socket.socket())
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                server.bind(("127.0.0.1", port))
                server.listen()
        yield
