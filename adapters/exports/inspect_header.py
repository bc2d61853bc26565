"""What stands over the samples of an Inspect log: what was run, and what came of it."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.exports.inspect_samples import Usages
from adapters.exports.subject import agent_model, agent_of, spec_of
from adapters.software import DISTRIBUTION, release
from core.metrics import ScoreSummary
from core.runs import Run

VERSION: Final = 2
"""Of inspect_ai's log schema."""
STATUS: Final = {"completed": "success", "failed": "error", "cancelled": "cancelled"}
GENERATION: Final = ("temperature", "max_tokens", "top_p", "seed")
"""Settings of agents that Inspect calls the same."""


def start(run: Run) -> dict[str, Any]:
    """What is known before the first sample."""
    return {"version": VERSION, "eval": _spec(run), "plan": {"name": "plan", "steps": []}}


def header(run: Run, usages: Usages) -> dict[str, Any]:
    """The log without its samples."""
    told = start(run) | {
        "status": STATUS.get(run.status, "error"),
        "results": _results(run, usages),
        "stats": {
            "started_at": _time(run, "started_at"),
            "completed_at": _time(run, "completed_at"),
            "model_usage": usages.by_model,
        },
    }
    agent = agent_of(run)
    if agent.status == "failed" or run.status == "failed":
        reason = agent.error or run.error or "The run failed."
        told |= {"status": "error", "error": {"message": reason, "traceback": reason, "traceback_ansi": reason}}
    return told


def _spec(run: Run) -> dict[str, Any]:
    spec = spec_of(run)
    settings: Mapping[str, Any] = spec.agent.settings
    return {
        "eval_id": f"{run.run_id}/{spec.name}",
        "run_id": run.run_id,
        "task_id": run.run_id,
        "created": run.created_at.isoformat(),
        "task": run.name,
        "dataset": {"name": run.name, "location": run.case_set, "samples": run.case_count},
        "model": agent_model(run),
        "model_base_url": settings.get("base_url"),
        "model_generate_config": {name: settings[name] for name in GENERATION if name in settings},
        "config": {"epochs": run.config.trials},
        "packages": {DISTRIBUTION: release()},
        "scorers": [{"name": evaluation.label} for evaluation in run.config.evaluators],
        "metadata": {"agent": spec.name, "benchmark_type": run.benchmark_type, **run.config.tags},
    }


def _results(run: Run, usages: Usages) -> dict[str, Any]:
    metrics = agent_of(run).metrics
    scores = [_score(summary) for summary in metrics.scores] if metrics else []
    return {"total_samples": usages.samples, "completed_samples": usages.completed, "scores": scores}


def _score(summary: ScoreSummary) -> dict[str, Any]:
    means = {"mean": summary.mean, "accuracy": summary.accuracy}
    figures = {name: figure for name, figure in means.items() if figure is not None}
    return {
        "name": summary.evaluator,
        "scorer": summary.evaluator,
        "scored_samples": summary.scored,
        "unscored_samples": summary.unscored,
        "metrics": {
            name: {"name": name, "value": figure.value, "metadata": {"low": figure.low, "high": figure.high}}
            for name, figure in figures.items()
        },
        "metadata": {"version": summary.version},
    }


def _time(run: Run, name: str) -> str:
    moment = getattr(run, name)
    return moment.isoformat() if moment else ""
