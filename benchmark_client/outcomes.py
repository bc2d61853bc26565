"""How waiting can end otherwise than with a run that completed: raised where it was asked for."""

from benchmark_client.errors import ClientError
from benchmark_client.models.comparisons import Gate
from benchmark_client.models.runs import RunView


class RunFailed(ClientError):
    """It failed or was cancelled."""

    def __init__(self, run: RunView) -> None:
        super().__init__(f"Run {run.run_id} {_ended(run.status)}{f': {run.error}' if run.error else '.'}")
        self.run = run


class GateFailed(ClientError):
    """A gate did not let the run pass. `gate` is None where only the run's `verdict` is known."""

    def __init__(self, run_id: str, gate: Gate | None = None) -> None:
        reasons = gate.reasons if gate else ()
        super().__init__("\n  ".join([f"Run {run_id} did not pass its gate.", *reasons]))
        self.run_id = run_id
        self.gate = gate


class StillRunning(ClientError, TimeoutError):
    """The time to wait is over; the run goes on."""

    def __init__(self, run: RunView, timeout: float) -> None:
        super().__init__(f"Run {run.run_id} is {run.status} ({run.progress:.0%}) after {timeout:g} s of waiting.")
        self.run = run


def _ended(status: str) -> str:
    return "was cancelled" if status == "cancelled" else status
