"""An evaluator of somebody else's, which does to its process what the reply says."""

import ctypes
import os
import time
from collections.abc import Callable

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored


class HostileSettings(PluginSettings):
    time_limit_s: float | None = None
    refuses_to_open: bool = False


def spin() -> None:
    while True:
        pass


def eat() -> None:
    eaten: list[bytearray] = []
    while True:
        eaten.append(bytearray(16 * 1024**2))


def refuse() -> None:
    raise ValueError("I do not like this answer")


def first_time(folder: str) -> bool:
    try:
        os.mkdir(folder)  # The only trace a side process can leave.
    except FileExistsError:
        return False
    return True


DEEDS: dict[str, Callable[[], object]] = {
    "segfault": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "leave": exit,
    "sleep": lambda: time.sleep(600),
    "spin": spin,
    "eat": eat,
    "raise": refuse,
    "print": lambda: print("\x00\x00\x00\x00[]", flush=True),  # noqa: T201
    "read": lambda: os.read(0, 100),
}
ANSWERS: dict[str, Callable[[], object]] = {
    "who": lambda: Scored(value=1, answer=str(os.getpid())),
    "variables": lambda: Scored(value=1, answer=" ".join(sorted(os.environ))),
    "nothing": lambda: None,
    "large": lambda: Scored(value=1, details={"large": "x" * 3 * 1024**2}),
    "surrogate": lambda: Scored(value=1, answer="\ud800"),
}


class Hostile:
    def __init__(self, settings: HostileSettings) -> None:
        self._refuses = settings.refuses_to_open
        self._prepared = False

    def prepare(self) -> None:
        if self._refuses:
            raise ImportError("no module named 'something'")
        self._prepared = True

    async def evaluate(self, case: Case, reply: Reply) -> object:
        deed, _, folder = reply.text.partition(" ")
        if deed in DEEDS and (not folder or first_time(folder)):
            DEEDS[deed]()
        if deed in ANSWERS:
            return ANSWERS[deed]()
        return Scored(value=float(self._prepared), answer=case.id)


plugin = Plugin(HostileSettings, Hostile)
