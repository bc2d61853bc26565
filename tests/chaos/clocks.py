"""Clocks that jump: a process that is started under one has the time of day it is told. What it measures stays true.

By libfaketime, which steps between a program and the C library; Temporal's server asks the kernel itself and cannot be
fooled so. A new time is believed within a second.
"""

import platform
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from cli.embedded.processes import Service
from tests.chaos.mortals import Mortal

SHARED_MEMORY = Path("/dev/shm")
BELIEVED_S = 1
LIBRARY = Path("vendor", "libfaketime", "src", "libfaketime.so.1")


class Clock:
    """The time of day of the services that are started under it; `file` holds by how much it is wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set_wrong(0)

    def over(self, service: Service) -> Service:
        """The service under this clock; as it is where clocks cannot jump.

        Only the program itself is told, by `env` right before it: what becomes another user first would leave shared
        memory behind that it cannot open then.
        """
        library = jumping_library()
        if library is None:
            return service
        told = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(BELIEVED_S),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        place = next((at for at, part in enumerate(service.command) if Path(part).name == service.name), 0)
        before, program = service.command[:place], service.command[place:]
        return replace(service, command=(*before, "env", *(f"{name}={told[name]}" for name in told), *program))

    def set_wrong(self, seconds: int) -> None:
        """From now on it is that much fast, or slow where negative."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.chmod(0o644)
        fresh.replace(self._file)


def jumping_library() -> Path | None:
    """Where the library is, or None: it is not installed, or not for this machine."""
    package = find_spec("libfaketime")
    if package is None or package.origin is None or platform.machine() != "x86_64":
        return None
    library = Path(package.origin).parent / LIBRARY
    return library if library.exists() else None


def clear_shared_memory(mortal: Mortal) -> None:
    """Removes what the library leaves of processes that were killed."""
    for pid in mortal.pids:
        for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            with suppress(OSError):
                (SHARED_MEMORY / name).unlink()
