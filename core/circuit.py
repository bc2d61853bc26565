"""The breaker of a provider key: after the same error many times in a row, single calls find out when it is over.

Closed: calls go. Open: none goes before `retry_at`. Half open: one process sends one call, and its end decides.
"""

from typing import Literal

from core.limits import Report, TroubleKind
from core.model import Model

OPENS_AFTER = 10
"""Calls in a row that failed alike."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
PROBE_S = 10.0
"""A probing process says at least so often that its call is still out; one that falls silent has died."""

CircuitState = Literal["closed", "open", "half-open"]


class Circuit(Model):
    streak: int = 0
    """Failures in a row of this kind, over all processes."""
    kind: TroubleKind | None = None
    detail: str | None = None
    opened_at: float | None = None
    retry_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    prober: str | None = None
    """The process whose call probes."""
    probe_until: float = 0.0

    def state(self, now: float) -> CircuitState:
        if self.opened_at is None:
            return "closed"
        return "half-open" if now >= self.retry_at else "open"


WELL = Circuit()


def exhausted_circuit(reason: str, now: float, until: float) -> Circuit:
    """Of an account with nothing left: one call finds out later."""
    return Circuit(streak=1, kind="quota", detail=reason, opened_at=now, retry_at=until)


def heard(circuit: Circuit, report: Report, now: float) -> Circuit:
    """After what one process saw: answers first, then trouble in a row."""
    if report.answers:
        circuit = WELL
    trouble = report.trouble
    if circuit.opened_at is not None:
        return _open(circuit, report, now)
    if trouble is None:
        return circuit
    streak = trouble.count + (circuit.streak if circuit.kind == trouble.kind else 0)
    circuit = Circuit(streak=streak, kind=trouble.kind, detail=trouble.detail)
    if streak < OPENS_AFTER:
        return circuit
    return circuit.model_copy(update={"opened_at": now, "retry_at": now + FIRST_PAUSE_S})


def _open(circuit: Circuit, report: Report, now: float) -> Circuit:
    trouble = report.trouble
    if circuit.prober != report.owner:
        # Late failures of calls that were out when it opened.
        return circuit
    if report.probing:
        return circuit.model_copy(update={"probe_until": now + PROBE_S})
    if trouble is None:
        # The probe ended without telling anything, as when its run was stopped.
        return circuit.model_copy(update={"prober": None})
    pause = min(2 * circuit.pause_s, LONGEST_PAUSE_S)
    told = {"streak": circuit.streak + trouble.count, "kind": trouble.kind, "detail": trouble.detail}
    return circuit.model_copy(update={"prober": None, "pause_s": pause, "retry_at": now + pause} | told)


def may_probe(circuit: Circuit, now: float) -> bool:
    """Whether the circuit is half open and nobody probes."""
    return circuit.state(now) == "half-open" and (circuit.prober is None or now >= circuit.probe_until)


def probed_by(circuit: Circuit, owner: str, now: float) -> Circuit:
    return circuit.model_copy(update={"prober": owner, "probe_until": now + PROBE_S})
