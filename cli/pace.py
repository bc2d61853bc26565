"""How fast a run goes, and how long it will take at that pace."""

import time
from collections import deque
from typing import Final, NamedTuple

from core.runs import Run

WINDOW_S: Final = 20.0
"""The pace is that of the last seconds, so that it follows a pause or a slow provider."""


class Sample(NamedTuple):
    at: float
    settled: int
    """Questions answered or failed."""
    judged: int


class Pace:
    """Fed with the run each time it is looked at."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()
        self._pending = 0
        self._unjudged = 0

    def note(self, run: Run, at: float | None = None) -> None:
        """`at` is in seconds on any clock that only goes forwards."""
        now = time.monotonic() if at is None else at
        counts = run.counts
        self._pending = counts.pending
        self._unjudged = counts.total - counts.failed - counts.evaluated
        self._samples.append(Sample(now, counts.answered + counts.failed, counts.evaluated))
        while len(self._samples) > 2 and now - self._samples[1].at > WINDOW_S:
            self._samples.popleft()

    @property
    def per_second(self) -> float:
        """Questions done per second; 0 while it cannot be told."""
        return self._rate("settled")

    @property
    def judged_per_second(self) -> float:
        return self._rate("judged")

    @property
    def left_s(self) -> float | None:
        """Seconds until the last answer is judged, at this pace; None while it cannot be told."""
        asking = _time(self._pending, self.per_second)
        judging = _time(self._unjudged, self.judged_per_second)
        return None if asking is None or judging is None else max(asking, judging)

    @property
    def said(self) -> str:
        """`12.0 questions/s, 42 s left`; empty while nothing moves."""
        asking, judging = self.per_second, self.judged_per_second
        pace = f"{asking:.1f} questions/s" if asking else f"{judging:.1f} judged/s" if judging else ""
        left = self.left_s
        return pace if not pace or left is None else f"{pace}, {duration(left)} left"

    def _rate(self, what: str) -> float:
        if len(self._samples) < 2:
            return 0.0
        began, ended = self._samples[0], self._samples[-1]
        done = getattr(ended, what) - getattr(began, what)
        return max(0.0, done / (ended.at - began.at)) if ended.at > began.at else 0.0


def _time(left: int, per_second: float) -> float | None:
    if not left:
        return 0.0
    return left / per_second if per_second else None


def duration(seconds: float) -> str:
    """`42 s`, `3 min 5 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
