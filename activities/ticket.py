"""A call's ticket: got before the call, and given back with what became of it, so that the desk knows."""

from types import TracebackType
from typing import Final

from activities.desk import Desk, Queue
from core.cases import Usage
from core.circuit import OPENS_AFTER
from core.errors import (
    AgentRefused,
    BadAnswer,
    BenchmarkError,
    KeyRefused,
    QuotaExhausted,
    Throttled,
    TimedOut,
    Unavailable,
)
from core.limits import TroubleKind

TROUBLES: Final[dict[type[BaseException], TroubleKind]] = {
    Unavailable: "unavailable",
    TimedOut: "timeout",
    KeyRefused: "credential",
}


class Ticket:
    """A context manager for the time of the call. What became of it is told by `answered` or `failed`, or by neither if
    it was not sent after all."""

    __slots__ = ("_answered", "_desk", "_epoch", "_error", "_queue", "_usage", "probes")

    def __init__(self, desk: Desk | None, queue: Queue | None) -> None:
        self._desk, self._queue = desk, queue
        self._epoch = 0 if desk is None else desk.allowance.epoch
        self._answered = False
        self._error: BaseException | None = None
        self._usage: Usage | None = None
        self.probes = desk is not None and desk.allowance.broken
        """Whether the call finds out if a provider in trouble is back."""
        if desk is not None:
            desk.probing += self.probes

    def answered(self, usage: Usage) -> None:
        self._answered, self._usage = True, usage

    def failed(self, error: BenchmarkError) -> None:
        self._error = error

    def __enter__(self) -> "Ticket":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._desk is None or self._queue is None:
            return
        self._desk.probing -= self.probes
        if self._tell(self._desk, self._error):
            self._desk.nudge()
        self._desk.leave(self._queue)

    def _tell(self, desk: Desk, error: BaseException | None) -> bool:
        """Whether all should know at once."""
        tally, current = desk.tally, self._epoch == desk.allowance.epoch
        match error:
            case None | BadAnswer() | AgentRefused():
                if self._answered or error is not None:
                    tally.well(self._usage, current=current)
            case Throttled():
                tally.refused(error, current=current)
                return current
            case QuotaExhausted():
                tally.exhausted = str(error)
                return True
            case Unavailable() | TimedOut() | KeyRefused() if self.probes or not desk.allowance.broken:
                tally.failed(TROUBLES[type(error)], str(error))
                return tally.trouble is not None and tally.trouble.count >= OPENS_AFTER
            case _:
                pass
        return self.probes
