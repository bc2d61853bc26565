"""What a process is granted of a provider key: its fair part of calls, tokens and places, or why it must wait."""

from collections.abc import Sequence
from math import ceil, floor, inf
from typing import NamedTuple

from core.circuit import may_probe, probed_by
from core.fairness import Claimant, shared
from core.key_state import KeyState, Stake
from core.limits import NO_LIMITS, Allowance, Grant, Limits
from core.pacing import Pace
from core.tokens import SPARE_S, affordable, charged

QUIET_INTERVAL_S = 0.5
"""Between reports while nothing limits, or nothing may begin."""
TURN_S = 1.0
"""A place that cannot be divided is kept so long before it goes to another: on its way it is of no use."""
ROUNDING = 1e-9


class Exchange(NamedTuple):
    state: KeyState
    stakes: tuple[Stake, ...]
    """The reporting process's own."""
    allowance: Allowance


def rate_of(pace: Pace, limits: Limits) -> float | None:
    """Calls a second that may begin; None for any number."""
    allowed = None if limits.requests_per_minute is None else limits.requests_per_minute / 60
    return pace.rate if allowed is None else allowed if pace.rate is None else min(pace.rate, allowed)


class Granting:
    """Divides what is there among all stakes, and hands the reporting process what is its own."""

    def __init__(
        self,
        state: KeyState,
        limits: Limits,
        others: Sequence[Stake],
        stakes: Sequence[Stake],
        interval_s: float,
        now: float,
    ) -> None:
        self._state, self._limits, self._others, self._stakes = state, limits, others, stakes
        self._interval_s, self._now = interval_s, now
        self._rate = rate_of(state.pace, limits)
        self._everyone = (*stakes, *others)

    def exchanged(self, owner: str) -> Exchange:
        if self._state.exhausted and self._now < self._state.exhausted_until:
            return self._plain(self._allowance(exhausted=self._state.exhausted))
        if self._state.circuit.opened_at is not None:
            return self._broken(owner)
        if (wait_s := self._state.pace.blocked_until - self._now) > 0:
            return self._plain(self._allowance(wait_s=wait_s, reason="The provider asked to wait."))
        if self._rate is None and self._limits == NO_LIMITS:
            return self._plain(self._allowance(free=True))
        return self._granted()

    def _plain(self, allowance: Allowance) -> Exchange:
        """Without grants."""
        fresh = {"seen_at": self._now, "most_in_flight": None, "carried": 0.0}
        return Exchange(self._state, tuple(stake.model_copy(update=fresh) for stake in self._stakes), allowance)

    def _broken(self, owner: str) -> Exchange:
        state, circuit = self._state, self._state.circuit
        reason = f"{circuit.streak} calls in a row failed; the last: {circuit.detail}"
        wait_s = max(circuit.retry_at - self._now, 0.0)
        waiting = next((stake.asker.run_id for stake in self._stakes if stake.waiting), None)
        if waiting is None or not may_probe(circuit, self._now):
            return self._plain(self._allowance(broken=True, reason=reason, wait_s=wait_s))
        probing = self._plain(self._allowance(broken=True, reason=reason, grants={waiting: Grant(calls=1)}))
        return probing._replace(state=state.model_copy(update={"circuit": probed_by(circuit, owner, self._now)}))

    def _allowance(self, **given: object) -> Allowance:
        proven = self._state.answered_at is not None
        known = {"epoch": self._state.pace.epoch, "proven": proven, "interval_s": QUIET_INTERVAL_S}
        return Allowance.model_validate(known | given)

    def _granted(self) -> Exchange:
        places, (calls, state) = self._places(), self._calls()
        stakes: list[Stake] = []
        grants: dict[str, Grant] = {}
        for stake, place, (begins, carried) in zip(self._stakes, places, calls, strict=True):
            grants[stake.asker.run_id] = Grant(calls=begins, in_flight=place)
            told = {"most_in_flight": place, "carried": carried, "seen_at": self._now}
            granted_at = self._now if place and not self._has_turn(stake) else stake.granted_at
            stakes.append(stake.model_copy(update=told | {"granted_at": granted_at}))
        return Exchange(state, tuple(stakes), self._allowance(grants=grants, interval_s=self._interval_s))

    def _has_turn(self, stake: Stake) -> bool:
        return bool(stake.most_in_flight) and self._now - stake.granted_at < TURN_S

    def _turn(self, stake: Stake) -> tuple[bool, float]:
        """Whose turn it is sorts first, then who has waited longest for it."""
        return not self._has_turn(stake), stake.granted_at

    def _places(self) -> list[int | None]:
        """For each own stake, how many calls it may have out at once."""
        most = self._limits.in_flight
        if most is None:
            return [None] * len(self._stakes)
        # One more than it needs, so that the next call of a run that lacks nothing does not wait for a report.
        wanted = [stake.waiting + stake.in_flight + 1 for stake in self._everyone]
        targets = [floor(share + ROUNDING) for share in self._shares(most, wanted)]
        longest_without = sorted(range(len(targets)), key=lambda number: self._turn(self._everyone[number]))
        for number in longest_without:
            if sum(targets) < most and targets[number] < wanted[number]:
                targets[number] += 1
        taken = sum(max(stake.in_flight, stake.most_in_flight or 0) for stake in self._others)
        free = most - taken - sum(stake.in_flight for stake in self._stakes)
        places: list[int | None] = [0] * len(self._stakes)
        for number in longest_without:
            if number < len(self._stakes):
                in_flight = self._stakes[number].in_flight
                more = max(min(targets[number] - in_flight, free), 0)
                free -= more
                places[number] = min(targets[number], in_flight + more)
        return places

    def _calls(self) -> tuple[list[tuple[int | None, float]], KeyState]:
        """For each own stake, the calls it may begin before it reports again and the part of a call it is still owed;
        and what that leaves."""
        state, (capacity, left) = self._state, self._supply()
        if capacity == inf:
            return [(None, 0.0)] * len(self._stakes), state
        shares = self._shares(capacity, [stake.wanted / self._interval_s for stake in self._everyone])
        calls: list[tuple[int | None, float]] = []
        before = left
        for stake, share in zip(self._stakes, shares, strict=False):
            passed = min(max(self._now - stake.seen_at, 0.0), 2 * self._interval_s) or self._interval_s
            owed = min(stake.carried + share * passed, 2 * share * self._interval_s + 1)
            begins = max(min(floor(owed + ROUNDING), ceil(stake.wanted), floor(left + ROUNDING)), 0)
            left -= begins
            calls.append((begins, owed - begins))
        total = before - left if before < inf else 0.0
        pace, spending = state.pace, state.spending
        if self._rate is not None:
            pace = pace.model_copy(update={"level": pace.level - total})
        if self._limits.tokens_per_minute is not None:
            spending = charged(spending, total)
        return calls, state.model_copy(update={"pace": pace, "spending": spending})

    def _supply(self) -> tuple[float, float]:
        """Calls a second that all together may begin, with what was left over; and calls that may begin in this
        interval at most, for which the bucket of calls may be overdrawn by what comes in meanwhile."""
        capacity = left = inf
        if self._rate is not None:
            level = self._state.pace.level
            capacity, left = self._rate + max(level, 0.0), level + self._rate * self._interval_s
        if (tokens := self._limits.tokens_per_minute) is not None:
            spending = self._state.spending
            each = spending.tokens_per_call
            capacity = min(capacity, tokens / 60 / each + max(spending.level, 0.0) / each / SPARE_S)
            left = min(left, affordable(spending))
        return capacity, left

    def _shares(self, capacity: float, wanted: Sequence[float]) -> list[float]:
        claimants = [
            Claimant(each.asker.project_id, each.asker.run_id, each.owner, each.asker.weight, want)
            for each, want in zip(self._everyone, wanted, strict=True)
        ]
        return shared(capacity, claimants)
