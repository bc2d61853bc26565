"""How often a gate calls an agent worse than itself: `python -m benchmarks.null_reruns`.

Every line is 1,000 pairs of runs of one agent, case by case as likely right and as slow as before, under a policy that
allows no decline at all: overall, in five categories, and in seconds, tokens and dollars. In some, cases share passages
that are hard or long as a whole. The share that failed is the false alarms; they should be 5 % at most.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from core.columns import CaseColumns, CaseScores, Columns, EvaluatorColumn
from core.gates import GateMetric, GatePolicy, GateVerdict, Relative
from core.metrics import AgentMetrics, Cost, Latency, Tokens
from core.runs import Run, RunAgent
from evaluators.gate import judge
from evaluators.gate_rules import Opponent
from evaluators.resources import Taken
from evaluators.statistics.arrays import Floats, Integers

CATEGORIES = tuple(f"category {number}" for number in range(5))
TAKEN: tuple[GateMetric, ...] = (
    "latency_mean_s",
    "latency_p50_s",
    "latency_p95_s",
    "cost_per_answer_usd",
    "cost_per_correct_usd",
    "output_tokens_per_answer",
)
SCORES = (Relative(), *(Relative(category=name) for name in CATEGORIES))
RATIOS = tuple(Relative(metric=metric, ratio=1.0) for metric in TAKEN)
POLICIES = {
    "scores": GatePolicy(name="no decline", relative=SCORES),
    "ratios": GatePolicy(name="no more of anything", relative=RATIOS),
    "both": GatePolicy(name="no decline and no more of anything", relative=(*SCORES, *RATIOS)),
}
PAIRS = 1_000
CONFIG: dict[str, Any] = {
    "name": "null",
    "dataset": {"source": {"kind": "inline", "rows": []}},
    "agents": [{"name": "agent", "agent": {"kind": "simulated"}}],
    "evaluators": [{"kind": "exact"}],
}

FIGURES = AgentMetrics(
    accuracy=None,
    score=None,
    tokens=Tokens(input=1, output=1, per_answer=1.0),
    cost=Cost(total_usd=1.0, per_answer_usd=1.0, per_correct_usd=1.0, unknown=0),
    latency=Latency(mean=1, p50=1, p90=1, p95=1, p99=1, max=1),
    answered=1,
    failed=0,
    unscored=0,
)
"""What a reason names beside the ratio; what decides is computed from the answers."""


class Scene(NamedTuple):
    """What is simulated: how hard cases are follows Beta(ease)."""

    cases: int
    trials: int = 1
    ease: tuple[float, float] = (2.0, 1.0)
    graded: bool = False
    passage: int = 1
    """Cases that share one, and then how hard and how long they are, and how each run fares with them."""


SCENES = (
    Scene(10, trials=2),
    Scene(10, trials=2, ease=(2.0, 2.0)),
    Scene(10, trials=3, ease=(2.0, 2.0)),
    Scene(30),
    Scene(100),
    Scene(100, ease=(20.0, 1.0)),
    Scene(100, ease=(0.1, 0.1)),
    Scene(100, trials=5),
    Scene(100, trials=5, ease=(0.1, 0.1)),
    Scene(100, graded=True),
    Scene(300, passage=10),
    Scene(1_000),
    Scene(1_000, trials=3),
    Scene(1_000, passage=10),
    Scene(5_000),
)


def verdicts(scene: Scene, *, seed: int, policy: str = "both", pairs: int = PAIRS) -> Iterator[GateVerdict]:
    """What the gate says of each of so many pairs of runs of one agent."""
    random = np.random.default_rng(seed)
    run = null_run()
    passages = np.arange(scene.cases) // scene.passage
    for _ in range(pairs):
        ease = random.beta(*scene.ease, len(np.unique(passages)))[passages]
        length = random.lognormal(0, 0.7, len(np.unique(passages)))[passages]
        before, after = (_taken(scene, ease, length, passages, random) for _ in range(2))
        yield judge(POLICIES[policy], run, {"agent": Opponent(run.agents[0], before, after)}).verdict


def null_run() -> Run:
    now = datetime.now(UTC)
    agent = RunAgent(agent_id="agent", status="completed", validity="valid", coverage=1.0, metrics=FIGURES)
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


def _taken(scene: Scene, ease: Floats, length: Floats, passages: Integers, random: np.random.Generator) -> Taken:
    """One run: scores of every trial, and seconds, tokens and dollars that are as skewed as those of calls."""
    cases = np.arange(scene.cases)
    # A run fares well or badly with a passage as a whole.
    luck = random.random((scene.trials, passages.max() + 1))[:, passages]
    own = random.random((scene.trials, scene.cases))
    draws = np.where(random.random((scene.trials, scene.cases)) < 0.5, luck, own) if scene.passage > 1 else own
    right = random.beta(1 + 4 * ease, 1 + 4 * (1 - ease), draws.shape) if scene.graded else draws < ease
    mood = random.lognormal(0, 0.3 if scene.passage > 1 else 0, int(passages.max()) + 1)[passages]
    seconds = length * mood * random.lognormal(0, 0.6, draws.shape)
    cluster = passages if scene.passage > 1 else None
    scores = np.asarray(right, dtype=np.float64)
    return Taken(
        _cases(scores.mean(axis=0), scene.trials, cluster),
        _questions(scores, seconds, np.tile(cases, scene.trials), cluster),
    )


def _cases(means: Floats, trials: int, cluster: Integers | None) -> CaseColumns:
    n = len(means)
    return CaseColumns(
        case_index=np.arange(n),
        case_id=tuple(map(str, range(n))),
        category=np.arange(n) % len(CATEGORIES),
        categories=CATEGORIES,
        evaluators=(CaseScores("exact", "1", means, np.full(n, trials)),),
        cluster=cluster,
    )


def _questions(scores: Floats, seconds: Floats, cases: Integers, cluster: Integers | None) -> Columns:
    n = scores.size
    return Columns(
        case_index=cases.astype(np.int32),
        trial=np.repeat(np.arange(len(scores), dtype=np.int32), scores.shape[1]),
        category=np.full(n, -1, dtype=np.int32),
        categories=(),
        cause=np.full(n, -1, dtype=np.int8),
        causes=(),
        latency_s=seconds.ravel(),
        queue_s=np.zeros(n),
        input_tokens=np.full(n, 100.0),
        output_tokens=np.ceil(50 * seconds.ravel()),
        cost_usd=0.001 * np.ceil(50 * seconds.ravel()),
        calls=np.ones(n, dtype=np.int32),
        evaluators=(EvaluatorColumn("exact", "1", scores.ravel(), np.ones(n, dtype=np.bool_)),),
        cluster=None if cluster is None else np.tile(cluster, len(scores)),
    )


def main() -> None:
    console = Console(highlight=False)
    for policy in POLICIES:
        for number, scene in enumerate(SCENES):
            found = list(verdicts(scene, seed=number, policy=policy))
            shares = {verdict: found.count(verdict) / len(found) for verdict in ("failed", "inconclusive", "passed")}
            told = ", ".join(f"{verdict} {share:.1%}" for verdict, share in shares.items())
            console.print(f"{policy}: {scene}: {told}", soft_wrap=True)


if __name__ == "__main__":
    main()
