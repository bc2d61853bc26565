"""What the finished runs of a schedule or a benchmark are held against, and what came of it.

A run is worse than its baseline when the paired comparison says so, at an error that is kept over `looks` runs in a row
and over all agents of a run together (Bonferroni). With `looks: 1`, of the runs that are no worse at most a share of
`error` raise an alarm; with `looks: 30`, of the months of such nightly runs at most that share raise any. The test is
two-sided: by itself it alarms half as often, and the other half makes up for baselines that were chosen by their score.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from core.comparisons import Finding
from core.ids import DEFAULT_PROJECT, RunId
from core.manifests import FieldDifference
from core.model import Model

LEAST_ERROR: Final = 1e-4
"""Of one look at one agent: finer than this the permutation test cannot tell."""
Outcome = Literal["regression", "no_regression", "first", "not_comparable"]
"""first: there was nothing yet to hold it against."""


class Watching(Model):
    error: float = Field(default=0.05, ge=0.001, le=0.2)
    """The chance of a false alarm, at most."""
    looks: int = Field(default=1, ge=1, le=400)
    """Over so many runs in a row, and all their agents."""

    def error_of_agent(self, agents: int) -> float:
        """Of one look at one of so many agents."""
        return max(LEAST_ERROR, self.error / (self.looks * max(1, agents)))


class FixedRun(Watching):
    """Always the same run. By chance it may be a good or a bad one, and all later runs are held against that."""

    kind: Literal["run"] = "run"
    run_id: RunId


class LastGood(Watching):
    """The last completed run before it in which no regression was found. A slow decline passes unseen."""

    kind: Literal["last_good"] = "last_good"


class Rolling(Watching):
    """Of the last completed runs before it in which no regression was found, the one with the median score (of an even
    number the lower one)."""

    kind: Literal["rolling"] = "rolling"
    runs: int = Field(default=5, ge=2, le=50)


Baseline = Annotated[FixedRun | LastGood | Rolling, Field(discriminator="kind")]


class BenchmarkBaseline(Model):
    """Of all runs of a benchmark that no schedule with a baseline of its own has started."""

    benchmark: str
    baseline: Baseline
    since: datetime
    """Runs that completed before are not held against anything."""
    revision: int
    """Another one with every change; a change may name the one it knows (`If-Match`)."""


class AgentCheck(Model):
    """One agent of the run against its counterpart."""

    agent_id: str
    baseline_agent_id: str
    comparison_id: str
    finding: Finding
    sentence: str
    cases: int
    effect: float | None
    """Mean score, this run's minus the baseline's, over the cases that both have."""
    low: float | None
    """The interval that decided, of the confidence 1 - `error`."""
    high: float | None
    p: float
    """Of the permutation test, two-sided."""
    error: float
    """The chance that this look at this agent is a false alarm, at most."""


class BaselineCheck(Model):
    """A completed run held against its baseline, as it was found."""

    run_id: RunId
    run_name: str
    project_id: str = DEFAULT_PROJECT
    watch: str
    """The schedule's id, or `benchmark/` and the benchmark's name: whose baseline it is."""
    baseline: Baseline
    baseline_run_id: RunId | None
    outcome: Outcome
    sentence: str
    agents: tuple[AgentCheck, ...] = ()
    differences: tuple[FieldDifference, ...] = ()
    """Everything in which the two runs' manifests differ."""
    completed_at: datetime
    checked_at: datetime
