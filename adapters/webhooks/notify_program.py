"""The program that a notification is sent by: reads a request from its input, and answers with one line of JSON.

What it may reach is checked where the interpreter itself tells of it (PEP 578), after a name was resolved: the very
address that is dialled. It starts no programs, and reads no files but those of Python and of the system's certificates.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final

from adapters.network.guard import AddressRefused, NetworkGuard

DIALS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOCAL: Final = frozenset(
    {
        "subprocess.Popen",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "syslog.openlog",
        "syslog.syslog",
    }
)
READABLE: Final = tuple(
    os.path.realpath(place)
    for place in (sys.prefix, sys.base_prefix, "/etc/ssl", "/etc/pki", "/etc/mime.types", "/usr/share", "/usr/lib")
)


def held_to(guard: NetworkGuard) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook, which raises AddressRefused or PermissionError for what is not allowed."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in DIALS:
            # A socket of this machine has a path for an address, which is no number either.
            address: Any = arguments[1]
            if isinstance(address, str | bytes) or not guard.permits(str(address[0])):
                raise AddressRefused("address refused")
        elif event in LOCAL:
            raise PermissionError("this machine is not told")
        elif event == "open" and not _readable(arguments[0], arguments[1]):
            raise PermissionError("this file is not read here")

    return hook


def _readable(path: Any, mode: Any) -> bool:
    if not isinstance(path, str):
        return isinstance(path, int)
    place = os.path.realpath(path)
    reading = mode is None or not set("wax+") & set(str(mode))
    return reading and any(place == each or place.startswith(each + os.sep) for each in READABLE)


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """Whether the address is known, and with a text, whether it was sent and what the library said."""
    import apprise

    library: Any = apprise
    target = library.Apprise.instantiate(request["url"])
    if target is None or "body" not in request:
        return {"known": target is not None, "sent": False, "said": ""}
    with library.LogCapture(level=30, fmt="%(message)s") as log:
        sent = bool(target.notify(title=request["title"], body=request["body"]))
        return {"known": True, "sent": sent, "said": log.getvalue().strip()}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.dont_write_bytecode = True
    sys.addaudithook(held_to(NetworkGuard(asked["allow"])))
    sys.stdout.write(json.dumps(answered(asked)) + "\n")
