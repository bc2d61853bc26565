"""What one rendering may use: processor time, and the size of every value it makes.

Every operation of a template that can make something large is routed through here (see `grammar`), so neither
`{{ "a" * 10**10 }}` nor forty doublings of a list get far.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import cast

from jinja2.exceptions import SecurityError

SECONDS = 1.0
"""Processor time of one rendering; time spent waiting for a turn does not count."""
LARGEST_VALUE = 8 * 1024 * 1024
"""Characters and elements of one value on the way."""
LARGEST_NUMBER_BITS = 16_384
STEPS_PER_LOOK = 256


class _Clock(threading.local):
    deadline: float = float("inf")
    steps: int = 0


_clock = _Clock()


def start() -> None:
    """Begins the budget of this thread's next rendering."""
    _clock.deadline = time.thread_time() + SECONDS
    _clock.steps = 0


def tick() -> None:
    """Counts a step. Raises SecurityError when the time is up."""
    _clock.steps += 1
    if _clock.steps % STEPS_PER_LOOK == 0:
        look()


def look() -> None:
    """Raises SecurityError when the time is up."""
    if time.thread_time() > _clock.deadline:
        raise SecurityError(f"it took longer than {SECONDS:g} s")


def weight(value: object, left: int = LARGEST_VALUE) -> int:
    """Characters and elements in a value, shared parts counted each time. Raises SecurityError above `left`."""
    if isinstance(value, str):
        size = len(value)
    elif isinstance(value, dict):
        size = 1
        for key, item in cast("dict[object, object]", value).items():
            size += weight(key, left - size)
            size += weight(item, left - size)
    elif isinstance(value, (list, tuple)):
        size = 1
        for item in cast("Iterable[object]", value):
            size += weight(item, left - size)
    elif isinstance(value, int) and value.bit_length() > LARGEST_NUMBER_BITS:
        raise SecurityError("a number in it grows too large")
    else:
        size = 1
    if size > left:
        raise too_large()
    return size


def too_large() -> SecurityError:
    return SecurityError(f"a value in it grows past {LARGEST_VALUE} characters")


def weighed(value: object) -> object:
    """The value, when it is small enough; what is lazy is made a list on the way."""
    if isinstance(value, str):
        if len(value) > LARGEST_VALUE:
            raise too_large()
        return value
    if isinstance(value, Iterator):
        return _collected(cast("Iterator[object]", value))
    weight(value)
    return value


def _collected(values: Iterator[object]) -> list[object]:
    items: list[object] = []
    left = LARGEST_VALUE
    for item in values:
        tick()
        left -= 1 + weight(item, left)
        items.append(item)
    return items


def each(values: Iterable[object]) -> Iterator[object]:
    """The values of a `for` loop, one step each."""
    for value in values:
        tick()
        yield value
