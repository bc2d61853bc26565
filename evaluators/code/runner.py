"""The program inside the sandbox: limits itself, runs what it is given, and says how that went.

It is started as `python -I -S -c <this file>` and knows the standard library only. One line of JSON comes in: `token`,
`program`, `limits`, `user`, the unprivileged user to become (null: none), and `result`, the name of a number to tell
(null: none). A line goes out: `token`, `trouble`, null if the program ran to its end, and `result`; before that, a line
`begun` when the clock starts. Whoever leaves early, be it with `os._exit(0)`, leaves without saying so.
"""

import json
import os
import resource
import sys
from typing import Any


def limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            value = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (value, value))


def become(user: int | None) -> None:
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


def close_ears() -> int:
    """The program reads and prints nothing that anybody sees; the number of the way out is kept for the end."""
    channel = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return channel


def run(program: str, names: dict[str, Any]) -> str | None:
    """What the program ended with, None if it ended well; `names` are its global ones."""
    try:
        # As HumanEval's own script: what an answer does only where it is the main program is not done.
        exec(compile(program, "<answer>", "exec"), names)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the program's
        return f"{type(error).__name__}: {error}"[:500] if str(error) else type(error).__name__
    return None


def main() -> None:
    given: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    become(given["user"])
    limit(given["limits"])
    channel = close_ears()
    os.write(channel, b"begun\n")
    names: dict[str, Any] = {}
    trouble = run(given["program"], names)
    result = names.get(given["result"]) if trouble is None else None
    told = result if type(result) in (int, float) else None
    line = json.dumps({"token": given["token"], "trouble": trouble, "result": told}) + "\n"
    os.write(channel, line.encode())
    # Threads and exit handlers of the program have had their time.
    os._exit(0)


main()
