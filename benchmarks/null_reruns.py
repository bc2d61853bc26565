"""How often a gate calls an agent worse than itself: `python -m benchmarks.null_reruns`.

Every line is 1,000 pairs of runs of one agent, case by case as likely right as before, under a policy that allows no
decline at all, overall and in five categories. The share that failed is the false alarms; they should be 5 % at most.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from core.columns import CaseColumns, CaseScores
from core.gates import GatePolicy, GateVerdict, Relative
from core.runs import Run, RunAgent
from evaluators.gate import judge
from evaluators.gate_rules import Opponent
from evaluators.statistics.arrays import Floats

CATEGORIES = tuple(f"category {number}" for number in range(5))
POLICY = GatePolicy(
    name="no decline",
    relative=(Relative(), *(Relative(category=name) for name in CATEGORIES)),
)
PAIRS = 1_000
CONFIG: dict[str, Any] = {
    "name": "null",
    "dataset": {"source": {"kind": "inline", "rows": []}},
    "agents": [{"name": "agent", "agent": {"kind": "simulated"}}],
    "evaluators": [{"kind": "exact"}],
}


class Scene(NamedTuple):
    """What is simulated: how hard cases are follows Beta(ease)."""

    cases: int
    trials: int = 1
    ease: tuple[float, float] = (2.0, 1.0)
    graded: bool = False


SCENES = (
    Scene(30),
    Scene(100),
    Scene(100, ease=(20.0, 1.0)),
    Scene(100, ease=(0.1, 0.1)),
    Scene(100, trials=5),
    Scene(100, trials=5, ease=(0.1, 0.1)),
    Scene(100, graded=True),
    Scene(1_000),
    Scene(1_000, trials=3),
    Scene(5_000),
)


def verdicts(scene: Scene, *, seed: int, pairs: int = PAIRS) -> Iterator[GateVerdict]:
    """What the gate says of each of so many pairs of runs of one agent."""
    random = np.random.default_rng(seed)
    run = null_run()
    for _ in range(pairs):
        ease = random.beta(*scene.ease, scene.cases)
        before, after = (_columns(_means(scene, ease, random), scene.trials) for _ in range(2))
        yield judge(POLICY, run, {"agent": Opponent(run.agents[0], before, after)}).verdict


def null_run() -> Run:
    now = datetime.now(UTC)
    agent = RunAgent(agent_id="agent", status="completed", validity="valid", coverage=1.0)
    told: dict[str, Any] = {
        "name": "null",
        "benchmark_type": "simulation",
        "status": "completed",
        "agents": [agent],
        "config": CONFIG,
    }
    return Run.model_validate(
        {**told, "run_id": "run_00000000000000000000000000", "created_at": now, "updated_at": now}
    )


def _means(scene: Scene, ease: Floats, random: np.random.Generator) -> Floats:
    """Mean scores of each case over its trials."""
    if scene.graded:
        return random.beta(1 + 4 * ease, 1 + 4 * (1 - ease))
    return random.binomial(scene.trials, ease) / scene.trials


def _columns(means: Floats, trials: int) -> CaseColumns:
    n = len(means)
    return CaseColumns(
        case_index=np.arange(n),
        case_id=tuple(map(str, range(n))),
        category=np.arange(n) % len(CATEGORIES),
        categories=CATEGORIES,
        evaluators=(CaseScores("exact", "1", means, np.full(n, trials)),),
    )


def main() -> None:
    console = Console(highlight=False)
    for number, scene in enumerate(SCENES):
        found = list(verdicts(scene, seed=number))
        shares = {verdict: found.count(verdict) / len(found) for verdict in ("failed", "inconclusive", "passed")}
        told = ", ".join(f"{verdict} {share:.1%}" for verdict, share in shares.items())
        console.print(
            f"{scene.cases:>5} cases x {scene.trials}, ease {scene.ease}, graded {scene.graded}: {told}", soft_wrap=True
        )


if __name__ == "__main__":
    main()
