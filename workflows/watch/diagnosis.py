"""Why a run stands still, from what is seen of workers, provider keys, the ledger and Temporal: pure, in one order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from adapters.database.run_watch import WorkerSeen
from core.benchmarks import AgentSpec
from core.calls import Waiting
from core.limit_views import LimitWait
from core.patience import OVERTIME_S
from core.runs import Run
from core.stalls import StallCause

GONE_AFTER_S: Final = 3.0
"""A worker says every second that it runs."""
BLOCKED_AFTER_S: Final = 2.0
"""An event loop that does nothing for so long answers nobody."""


class Found(NamedTuple):
    cause: StallCause
    reason: str


class Circumstances(NamedTuple):
    """What is known of a run that stands still."""

    run: Run
    waiting: Sequence[Waiting]
    limits: Sequence[LimitWait]
    steps: Sequence[str]
    """What Temporal says of its steps, a sentence each."""


def of_workers(workers: Sequence[WorkerSeen], task_queue: str, now: datetime) -> Found | None:
    """What is wrong with all of them; None if one gets on."""
    there = [worker for worker in workers if worker.unseen_s <= GONE_AFTER_S]
    if not there:
        last = "none was there lately"
        if workers:
            seen = now - timedelta(seconds=workers[0].unseen_s)
            last = f"the last one, {workers[0].owner}, was seen at {_clock(seen)} and did not take its leave"
        return Found("no_worker", f"No worker is there for the task queue {task_queue!r}; {last}.")
    if all(worker.blocked_s > BLOCKED_AFTER_S for worker in there):
        since = now - timedelta(seconds=max(worker.blocked_s + worker.unseen_s for worker in there))
        names = ", ".join(worker.owner for worker in there[:3])
        more = f" and {len(there) - 3} more" if len(there) > 3 else ""
        return Found(
            "worker_blocked",
            f"Its process runs, and its event loop has done nothing since {_clock(since)}: {names}{more}.",
        )
    return None


def of_run(seen: Circumstances) -> Found:
    """The first cause that fits."""
    run = seen.run
    if run.case_set is None or run.status == "queued":
        return Found("preparation", " ".join(["Its questions are being prepared.", *seen.steps]))
    if seen.limits:
        first = next((wait for wait in seen.limits if wait.reason is not None), seen.limits[0])
        cause: StallCause = "limits" if first.reason is None else "provider"
        return Found(cause if run.counts.pending else "judge", _said(first))
    for waiting, agent in zip(seen.waiting, run.config.agents, strict=False):
        if (found := _of_calls(waiting, agent)) is not None:
            return found
    missing = run.counts.answered - run.counts.evaluated
    if run.counts.pending or missing <= 0:
        return Found("unknown", " ".join(["Nothing is asked, and nothing waits for an answer.", *seen.steps]))
    said = f"Everything is asked; {missing:,} answers are still to be judged, and no verdict comes."
    return Found("judge", " ".join([said, *seen.steps]))


def _of_calls(waiting: Waiting, agent: AgentSpec) -> Found | None:
    """What keeps an agent's calls; None if none is out and none is to be repeated."""
    oldest_s = waiting.oldest_s or 0.0
    calls = f"{waiting.unanswered:,} call{'' if waiting.unanswered == 1 else 's'} of {agent.name!r}"
    # Twice: a claim may have waited for its lane before it was sent.
    if waiting.unanswered and oldest_s > 2 * (agent.timeout_s + OVERTIME_S):
        said = f"{calls} may take {agent.timeout_s:g} s, took far longer, and are not given up by their worker."
        return Found("worker_blocked", said)
    if waiting.repeated and waiting.last_error:
        return Found("provider", f"{agent.name!r} is asked again and again; the last call: {waiting.last_error}")
    if waiting.unanswered:
        return Found("agent", f"{calls} without an answer; one may take {agent.timeout_s:g} s.")
    return None


def _said(wait: LimitWait) -> str:
    """Without what changes from look to look."""
    where = " ".join(part for part in (wait.origin, wait.model) if part)
    why = wait.reason or "They wait for their turn, within the limits of the key."
    return f"Calls to {where} wait since {_clock(wait.since)}: {why}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} (UTC)"
