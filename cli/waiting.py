"""Why a run that is watched does not move, in words."""

import time
from collections.abc import Iterator
from typing import Any, Final

from cli.client import Client
from cli.exits import CommandError
from core.budgets import Spent
from core.runs import ENDED, Run

QUIET_S: Final = 3.0
"""Without anything new for so long, the reason is asked for; and asked for again as often."""


class Watchman:
    """Told of the run each time it is looked at; knows what it waits for while nothing moves."""

    def __init__(self, client: Client, *, quiet_s: float = QUIET_S) -> None:
        self._client = client
        self._quiet_s = quiet_s
        self._seen: object = None
        self._due = 0.0
        self._priced_at = 0.0
        self.reasons: tuple[str, ...] = ()
        """A sentence each; empty as long as the run moves."""
        self.spent: Spent | None = None
        """By agents and judges so far: of an ended run all, else as of seconds ago; None where the API does not say."""

    def note(self, run: Run) -> None:
        """Asks the API what the run waits for, if it stands still."""
        now, state = time.monotonic(), (run.status, run.counts)
        if run.counts.total and (now >= self._priced_at or run.status in ENDED):
            self._priced_at = now + self._quiet_s
            self.spent = spent(self._client, run.run_id)
        if state != self._seen or run.status in ENDED or run.status == "paused":
            self._seen, self._due, self.reasons = state, now + self._quiet_s, ()
        elif now >= self._due:
            self._due = now + self._quiet_s
            self.reasons = reasons(self._client, run)


def spent(client: Client, run_id: str) -> Spent | None:
    """What a run has spent; None where the API does not say."""
    try:
        told: dict[str, Any] = client.get(f"/v1/runs/{run_id}/budget")
    except CommandError:
        return None
    return None if "spent" not in told else Spent.model_validate(told["spent"], extra="ignore")


def reasons(client: Client, run: Run) -> tuple[str, ...]:
    """What an open run waits for, a sentence each; none where the API does not say."""
    if run.status in ENDED or run.status == "paused":
        return ()
    try:
        waiting: dict[str, Any] = client.get(f"/v1/runs/{run.run_id}/waiting")
    except CommandError:
        return ()
    said = [f"{agent['agent_id']}: {agent['said']}" for agent in waiting["agents"] if agent.get("said")]
    stall = waiting.get("stalled")
    # A stall at a provider key is told from the same calls.
    held_back = [
        wait["said"] for wait in waiting.get("limits", []) if stall is None or wait["origin"] not in stall["reason"]
    ]
    named = tuple(_of_run(run, calls_are_out=bool(said))) if stall is None else (stall["reason"],)
    return (*named, *said, *held_back)


def _of_run(run: Run, *, calls_are_out: bool) -> Iterator[str]:
    counts = run.counts
    to_judge = counts.answered - counts.evaluated
    if not run.live:
        yield "No worker answers for it at this moment; `benchmark doctor` tells whether one runs."
    elif not counts.total:
        yield "Its questions are being prepared."
    elif to_judge and not (counts.pending and calls_are_out):
        # A run that is being cancelled leaves questions, and judges what it has.
        asked = "Nobody is being asked" if counts.pending else "Everything is asked"
        yield f"{asked}; {to_judge:,} answer{' is' if to_judge == 1 else 's are'} still to be judged."
