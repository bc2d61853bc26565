"""The pace of a provider key: how many calls a second, found by trying, and a bucket that is never overdrawn for long.

Additive increase, multiplicative decrease (Chiu and Jain 1989): answers of "too many requests" cut the rate to what was
accepted; then it grows, slowly past the rate it was cut at, so that a limit costs few refused calls to follow.
"""

from math import exp

from core.model import Model

BURST_S = 0.5
"""Of the allowed rate, so much may be made up for later."""
SLOWEST = 1 / 60
"""Calls a second: one a minute is always worth a try."""
CYCLE_S = 20.0
CYCLE_CALLS = 100
CYCLE_WAITS = 15
"""From one cut to the next try beyond the limit: at least so long, so many calls, and so many times the wait that the
provider asked for last."""
SLOW = 5.0
"""Calls a second; below, a single refusal weighs much, and cuts go deeper."""
SHORTEST_S = 0.25
"""The time that the first results are taken to have needed, at least."""
FEW = 10
"""Results of an epoch that say only roughly how much is accepted: they halve the rate at most."""
DEEPEST = 0.2
"""Many results may cut it to so much at once."""
GUESSES = 5
"""After so many cuts the limit is about known, however few calls told of it."""
TOLERATED = 0.015
"""Of the results, so many refusals are chance: calls of several processes that happened to meet."""
FORGOTTEN_S = 600.0
"""Without a refusal for so long, the limit is taken to be gone."""


class Pace(Model):
    rate: float | None = None
    """Calls a second that are tried; None as long as nothing was refused."""
    reference: float = 0.0
    """What was accepted when the rate was last cut: growth is slow around it."""
    sure: bool = False
    """The reference was measured at a steady rate; until then the rate grows quickly."""
    epoch: int = 0
    """Raised by each cut: refusals of calls that began before it say nothing new."""
    cut_at: float = 0.0
    wait_s: float = 0.0
    """What the provider last asked for."""
    accepted: float = 0.0
    refused: float = 0.0
    """Results of the epoch, older ones counting less and less."""
    noted_at: float = 0.0
    counted_since: float = 0.0
    """When the first of them came; 0 before there is one."""
    blocked_until: float = 0.0
    """The provider asked for silence until then."""
    level: float = 0.0
    """Calls in the bucket; below 0 they are borrowed from the next moments."""
    filled_at: float = 0.0
    grown_at: float = 0.0

    @property
    def cycle_s(self) -> float:
        return max(CYCLE_S, CYCLE_CALLS / (self.rate or CYCLE_CALLS), CYCLE_WAITS * self.wait_s)

    @property
    def memory_s(self) -> float:
        """How long a result counts: about a hundred calls, two seconds at least."""
        return 2.0 if self.rate is None else min(max(CYCLE_CALLS / self.rate, 2.0), 120.0)

    @property
    def too_fast(self) -> bool:
        """Whether there were more refusals lately than chance explains."""
        return self.refused > max(1.5 if self.sure else 0.0, TOLERATED * (self.accepted + self.refused))


def noted(pace: Pace, *, accepted: int, refused: int, now: float) -> Pace:
    """With these results of calls that began in the pace's epoch."""
    faded = exp(-max(now - pace.noted_at, 0.0) / pace.memory_s)
    results = {"accepted": pace.accepted * faded + accepted, "refused": pace.refused * faded + refused}
    since = pace.counted_since or (now if accepted or refused else 0.0)
    return pace.model_copy(update=results | {"noted_at": now, "counted_since": since})


def silenced(pace: Pace, wait_s: float, now: float) -> Pace:
    """Nothing more for so many seconds, as the provider asked. It is not made up for: they may count strictly."""
    until = max(pace.blocked_until, now + wait_s)
    return pace.model_copy(update={"blocked_until": until, "filled_at": max(pace.filled_at, until), "wait_s": wait_s})


def cut(pace: Pace, now: float) -> Pace:
    """After refusals: to a little less than was accepted. A new epoch begins."""
    results = pace.accepted + pace.refused
    share = pace.accepted / results if results else 0.0
    counted_s = min(max(now - pace.counted_since, SHORTEST_S), pace.memory_s)
    before = results / counted_s if pace.rate is None else pace.rate
    margin = 0.95 if pace.sure and before > SLOW else 0.9
    lowest = 0.8 if pace.sure else 0.5 if results < FEW else DEEPEST
    rate = max(before * min(max(margin * share, lowest), margin), SLOWEST)
    sure = pace.epoch + 1 >= GUESSES
    told = {"rate": rate, "reference": max(rate, before * share), "sure": sure, "epoch": pace.epoch + 1}
    fresh = {"accepted": 0.0, "refused": 0.0, "counted_since": 0.0, "level": 0.0}
    times = {"noted_at": now, "cut_at": now, "grown_at": now, "filled_at": max(now, pace.blocked_until)}
    return pace.model_copy(update=told | fresh | times)


def grown(pace: Pace, *, binding: bool, now: float) -> Pace:
    """A little more since the last growth, if it was the rate that held calls back; forgotten after long peace."""
    if pace.rate is None:
        return pace
    quiet_s = now - max(pace.cut_at, pace.blocked_until)
    if quiet_s > FORGOTTEN_S:
        return Pace(epoch=pace.epoch + 1, noted_at=now)
    if not binding or quiet_s <= 0:
        return pace.model_copy(update={"grown_at": now})
    passed = min(max(now - pace.grown_at, 0.0), 1.0)
    return pace.model_copy(update={"rate": pace.rate + growth(pace, pace.rate, quiet_s) * passed, "grown_at": now})


def growth(pace: Pace, rate: float, quiet_s: float) -> float:
    """Calls a second, a second: quick while the limit is unknown, slow around it, quicker again when it seems gone."""
    if not pace.sure:
        return rate * min(0.2, 0.1 * rate)
    if rate < 0.9 * pace.reference:
        return 2 * rate / pace.cycle_s
    return 0.1 * rate / pace.cycle_s * (1 + 6 * max(quiet_s / pace.cycle_s - 1, 0.0))


def refilled(pace: Pace, rate: float, now: float) -> Pace:
    """The bucket after the time that has passed at this rate; it holds what `BURST_S` brings, one call at least."""
    level = pace.level + max(now - pace.filled_at, 0.0) * rate
    most = max(1.0, rate * BURST_S)
    return pace.model_copy(update={"level": min(level, most), "filled_at": max(now, pace.filled_at)})
