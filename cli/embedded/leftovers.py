"""What an unclean stop of PostgreSQL leaves behind: its pid file, perhaps the server itself.

To be called by who holds the data folder's lock, so whatever still runs there has lost its supervisor.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from cli.embedded.errors import ServiceFailed

STOP_S = 20.0


def clear_leftovers(cluster: Path) -> None:
    """Ends an orphaned server of this cluster and removes a pid file that names nobody. Raises ServiceFailed."""
    pid_file = cluster / "postmaster.pid"
    pid = _first_number(pid_file)
    if pid is not None and _works_in(pid, cluster):
        _end(pid, cluster)
    # PostgreSQL trusts a stale file whose number another process now bears, and would refuse to start.
    pid_file.unlink(missing_ok=True)


def _first_number(pid_file: Path) -> int | None:
    try:
        return abs(int(pid_file.read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def _works_in(pid: int, cluster: Path) -> bool:
    """Whether that process is a server of this cluster: PostgreSQL's working folder is its cluster."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve()
    return False


def _end(pid: int, cluster: Path) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + STOP_S / 2
        while time.monotonic() < deadline:
            if not _works_in(pid, cluster):
                return
            time.sleep(0.05)
    raise ServiceFailed(f"A PostgreSQL server (process {pid}) still runs in {cluster}; stop it first.")
