"""How an agent's questions are cut into batches, and its concurrency into lanes. Pure, so a replay cuts the same."""

from collections import deque

from core.model import Model

MOST_AT_ONCE = 10
"""Batches of one agent in flight: enough that the end of one leaves the agent busy, few enough for a small history."""
LARGEST = 500
"""Questions in a batch to begin with: the pause between batches comes seldom, and its answers are judged soon."""
LARGEST_EVER = 2000
SOON_S = 15.0
"""Where the largest batches take no longer than this, they may be twice as large."""


LARGEST_BEFORE_A_DECISION = 20
"""Where asking may end early, each batch is a look at whether it can."""


class Span(Model):
    """Questions `start` to `stop` (exclusive)."""

    start: int
    stop: int


class Cutter:
    """Deals out the questions of one agent. Batches shrink towards the end, so that all lanes end together."""

    def __init__(
        self,
        *,
        total: int,
        concurrency: int,
        cursor: int = 0,
        unfinished: tuple[Span, ...] = (),
        largest: int = LARGEST,
    ) -> None:
        self._total = total
        self._largest = largest
        self._cursor = cursor
        self._unfinished = deque(unfinished)
        self._dealt = 0
        self.retune(concurrency)

    def retune(self, concurrency: int) -> None:
        """Shares out so many lanes from here on. No batch may be out."""
        self.concurrency = concurrency
        self._slots = slots = min(MOST_AT_ONCE, concurrency)
        self._free_lanes = [concurrency // slots + (slot < concurrency % slots) for slot in range(slots)]

    @property
    def cursor(self) -> int:
        """The first question that was never dealt out."""
        return self._cursor

    @property
    def unfinished(self) -> tuple[Span, ...]:
        return tuple(self._unfinished)

    @property
    def more(self) -> bool:
        return bool(self._unfinished) or self._cursor < self._total

    @property
    def room(self) -> bool:
        return bool(self._free_lanes)

    def deal(self) -> tuple[Span, int]:
        """The next batch and the lanes it may use. There must be `more` and `room`."""
        lanes = self._free_lanes.pop()
        if self._unfinished:
            return self._unfinished.popleft(), lanes
        fair = (self._total - self._cursor) // MOST_AT_ONCE
        size = max(2 * lanes, int(min(self._largest, fair) * self._stagger()))
        # No lane of the batch is left without a question while the others have their last ones.
        size -= size % lanes
        start, self._cursor = self._cursor, min(self._total, self._cursor + size)
        return Span(start=start, stop=self._cursor), lanes

    def _stagger(self) -> float:
        """The share of a full batch that the next one gets: the first ones differ, so that they do not end together
        and leave the agent idle while all their successors start."""
        self._dealt += 1
        return min(1.0, self._dealt / self._slots)

    def took(self, size: int, seconds: float) -> None:
        """How long a batch was asked: quick agents get larger ones."""
        if size >= self._largest and seconds < SOON_S and self._largest >= LARGEST:
            self._largest = min(2 * self._largest, LARGEST_EVER)

    def hand_back(self, lanes: int) -> None:
        self._free_lanes.append(lanes)

    def put_back(self, span: Span) -> None:
        """A batch that was stopped early will be dealt again, before new ones."""
        self._unfinished.append(span)
