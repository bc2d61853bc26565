"""A run in its stages, for tests of what people see."""

from datetime import UTC, datetime
from typing import Any

from core.metrics import AgentMetrics, Category, Cost, Latency, Mean, Proportion, Tokens
from core.outcomes import Cause
from core.runs import Counts, Run, RunAgent, RunStatus, Validity

RUN_ID = "run_01k9rjw1qye8xs5vt1m4ywk0a4"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONFIG: dict[str, Any] = {
    "name": "sums",
    "dataset": {"source": {"kind": "inline", "rows": [{"input": "1 + 1", "expected": "2"}]}},
    "agents": [{"name": "small", "agent": {"kind": "simulated"}}],
    "evaluators": [{"kind": "exact"}],
}


def metrics(
    accuracy: float | None = 0.75, *, errors: dict[Cause, int] | None = None, unscored: int = 0
) -> AgentMetrics:
    share = None if accuracy is None else Proportion(value=accuracy, low=0.5, high=0.9, successes=30, n=40)
    return AgentMetrics(
        accuracy=share,
        score=None if share else Mean(value=0.4218, low=0.3, high=0.5, n=40),
        category_scores={"arithmetic": Category(accuracy=share, mean=None, scored=40, unscored=0, failed=2)},
        latency=Latency(mean=0.3, p50=0.25, p90=1.0, p95=1.5, p99=2.0, max=3.0),
        tokens=Tokens(input=12345, output=678, per_answer=17.0),
        cost=Cost(total_usd=0.00123, per_answer_usd=None, per_correct_usd=None, unknown=0),
        tokens_per_second=56.7,
        errors=errors or {},
        answered=40 + unscored,
        failed=sum(errors.values()) if errors else 0,
        unscored=unscored,
    )


def run(
    status: RunStatus = "processing",
    *,
    answered: int = 0,
    failed: int = 0,
    evaluated: int = 0,
    total: int = 40,
    found: AgentMetrics | None = None,
    error: str | None = None,
    validity: Validity | None = None,
) -> Run:
    counts = Counts(total=total, answered=answered, failed=failed, evaluated=evaluated)
    agent = RunAgent(agent_id="small", status=status, counts=counts, metrics=found, error=error)
    return Run.model_validate(
        {
            "run_id": RUN_ID,
            "name": "sums",
            "benchmark_type": "question-answering",
            "status": status,
            "agents": [agent],
            "config": CONFIG,
            "created_at": NOON,
            "updated_at": NOON,
            "case_count": total,
            "error": error,
            "validity": validity,
        }
    )


def told(run: Run) -> dict[str, Any]:
    """As the API tells it: with fields of its own, and some that this client does not know yet."""
    data = run.model_dump(mode="json")
    links = {"self": f"/v1/runs/{run.run_id}", "temporal_ui": "http://127.0.0.1:8233/w", "report": None}
    return {**data, "links": links, "results_url": "/x", "a_field_of_tomorrow": 1}
