"""Child processes that end with the process that started them, however that one ends: by the kernel, on Linux.

The kernel ties a child to the *thread* that started it: start children in the main thread.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc: ctypes.CDLL | None = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """For a child: `number` is sent to this process when `parent` dies. Ends it at once if that happened already."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def tied_to_us(number: signal.Signals = signal.SIGKILL) -> Callable[[], None] | None:
    """For a parent: the `preexec_fn` of a child that runs another program; None where there is no such thing."""
    if _libc is None:
        return None
    parent = os.getpid()
    return lambda: end_with(parent, number)
