"""Hearing that the server was told to stop, before it waits for answers: some would never end by themselves."""

import asyncio
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def told_to_stop(hear: Callable[[], None]) -> Generator[None]:
    """Calls `hear` in the event loop when SIGTERM or SIGINT comes within, beside whoever else handles it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    former: dict[int, Any] = {
        number: handler for number in (signal.SIGTERM, signal.SIGINT) if callable(handler := signal.getsignal(number))
    }

    def both(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hear)
        former[number](number, frame)

    for number in former:
        signal.signal(number, both)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
