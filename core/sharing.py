"""How a provider key's limits are shared: one process reports what it saw and wants, and hears what it may do next.

`exchange` is pure. Whoever calls it holds the key's record alone from reading to writing, so what is granted to all
processes together never exceeds the limits; a process that stops reporting loses its grants after `LEASE_S`.
"""

from collections.abc import Sequence

from core.circuit import exhausted_circuit, heard
from core.granting import Exchange, Granting, rate_of
from core.key_state import KeyState, Stake
from core.limits import Asker, Demand, Limits, Report
from core.pacing import BURST_S, cut, grown, noted, refilled, silenced
from core.tokens import charged, saved, spent

LEASE_S = 5.0
INTERVAL_S = 0.25
CROWD = 4
"""Processes that report every `INTERVAL_S`; more of them report less often, so the key's record does not get busier."""
REFUSED_S = 10.0
"""An exhausted account is not asked again for so long; then one call finds out whether somebody has paid."""
SETTLING_RESULTS = 10
SETTLING_S = 0.25
"""Of a new epoch, so many results or so much time are awaited before another cut."""


def exchange(state: KeyState, others: Sequence[Stake], own: Sequence[Stake], report: Report, now: float) -> Exchange:
    """`others` are the live stakes of other processes, `own` those of the reporting one, of its last report."""
    state = _learned(state, report, now)
    limits = _limits(state, [stake.asker for stake in others] + [demand.asker for demand in report.demands])
    kept = {stake.asker.run_id: stake for stake in own}
    stakes = [_stake(report.owner, demand, kept.get(demand.asker.run_id), now) for demand in report.demands]
    crowd = len({stake.owner for stake in others} | {report.owner})
    state = _passed(state, limits, report, hungry=any(stake.waiting for stake in (*others, *stakes)), now=now)
    interval_s = INTERVAL_S * max(1.0, crowd / CROWD)
    return Granting(state, limits, others, stakes, interval_s, now).exchanged(report.owner)


def _learned(state: KeyState, report: Report, now: float) -> KeyState:
    """The state after what the process saw."""
    pace = state.pace
    current = report.epoch == pace.epoch
    if current:
        pace = noted(pace, accepted=report.accepted, refused=report.throttled, now=now)
    if report.empty_for_s:
        pace = pace.model_copy(update={"blocked_until": max(pace.blocked_until, now + report.empty_for_s)})
    settled = pace.rate is None or now - pace.cut_at >= SETTLING_S or pace.accepted + pace.refused >= SETTLING_RESULTS
    if current and report.throttled and settled and pace.too_fast:
        pace = cut(silenced(pace, report.told_to_wait_s, now), now)
    told = Limits(
        requests_per_minute=report.requests_per_minute or state.told.requests_per_minute,
        tokens_per_minute=report.tokens_per_minute or state.told.tokens_per_minute,
    )
    circuit = heard(state.circuit, report, now)
    exhausted, until = (None, 0.0) if report.answers else (state.exhausted, state.exhausted_until)
    if report.exhausted:
        exhausted, until = report.exhausted, now + REFUSED_S
        circuit = exhausted_circuit(report.exhausted, now, until)
    return state.model_copy(
        update={
            "pace": pace,
            "told": told,
            "circuit": circuit,
            "spending": spent(state.spending, tokens=report.tokens, calls=report.answers),
            "answered_at": now if report.answers else state.answered_at,
            "throttled": state.throttled + report.throttled,
            "exhausted": exhausted,
            "exhausted_until": until,
        }
    )


def _limits(state: KeyState, askers: Sequence[Asker]) -> Limits:
    limits = state.limits.narrowed(state.told)
    for asker in askers:
        limits = limits.narrowed(asker.limits)
    return limits


def _stake(owner: str, demand: Demand, before: Stake | None, now: float) -> Stake:
    fresh = Stake(owner=owner, asker=demand.asker, seen_at=now)
    since = now - demand.waited_s if demand.waiting else None
    told = {"wanted": demand.wanted, "waiting": demand.waiting, "in_flight": demand.in_flight, "waiting_since": since}
    return (before or fresh).model_copy(update={"asker": demand.asker} | told)


def _passed(state: KeyState, limits: Limits, report: Report, *, hungry: bool, now: float) -> KeyState:
    """The state after the time that has passed: buckets filled, the rate grown."""
    unused = sum(demand.unused for demand in report.demands)
    pace, spending = state.pace, state.spending
    rate = rate_of(pace, limits)
    if rate is not None:
        pace = refilled(pace.model_copy(update={"level": pace.level + unused}), rate, now)
        tried = rate == pace.rate and pace.level < 0.9 * max(1.0, rate * BURST_S)
        pace = grown(pace, binding=hungry and tried, now=now)
    if limits.tokens_per_minute is not None:
        spending = saved(charged(spending, -unused), limits.tokens_per_minute, now)
    return state.model_copy(update={"pace": pace, "spending": spending})
