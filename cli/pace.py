"""How fast a run goes, and how long it will take at that pace."""

import time
from collections import deque
from typing import Final

from core.runs import Run

WINDOW_S: Final = 20.0
"""The pace is that of the last seconds, so that it follows a pause or a slow provider."""


class Pace:
    """Fed with the run each time it is looked at."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._pending = 0

    def note(self, run: Run, at: float | None = None) -> None:
        """`at` is in seconds on any clock that only goes forwards."""
        now = time.monotonic() if at is None else at
        counts = run.counts
        self._pending = counts.pending
        self._samples.append((now, counts.answered + counts.failed))
        while len(self._samples) > 2 and now - self._samples[1][0] > WINDOW_S:
            self._samples.popleft()

    @property
    def per_second(self) -> float:
        """Questions done per second; 0 while it cannot be told."""
        if len(self._samples) < 2:
            return 0.0
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        return max(0.0, (last - first) / (ended - began)) if ended > began else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until the last question is asked, at this pace."""
        return self._pending / self.per_second if self.per_second else None


def duration(seconds: float) -> str:
    """`42 s`, `3 min 5 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
