"""A run as MLflow has runs: one for each agent, with its settings as parameters and its figures as metrics."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from core.metrics import AgentMetrics, Mean, Proportion
from core.runs import Run, RunAgent

LONGEST_PARAMETER: Final = 500
"""Characters; servers of some years ago took no more."""
LONGEST_NAME: Final = 250
LONGEST_DIGEST: Final = 36
UNSAFE: Final = re.compile(r"[^\w.\- /]")
"""Of names of metrics and parameters."""
KEY: Final = "benchmark.key"
"""The tag by which a run is found again: it is there once, however often it is sent."""


class TrackedRun(NamedTuple):
    name: str
    key: str
    began_ms: int
    """Milliseconds since 1970, as the next one."""
    ended_ms: int
    status: str
    """FINISHED, FAILED or KILLED."""
    tags: dict[str, str]
    parameters: dict[str, str]
    metrics: dict[str, float]
    dataset: dict[str, str]


def tracked_runs(run: Run, config: Mapping[str, Any], *, page: str | None) -> list[TrackedRun]:
    """Of a run that has ended. `config` is its definition as the API tells it, with the settings of kinds that are not
    known here; `page` is the address of its page, for people."""
    return [_tracked(run, number, config, page) for number in range(len(run.agents))]


def _tracked(run: Run, number: int, config: Mapping[str, Any], page: str | None) -> TrackedRun:
    agent = run.agents[number]
    key = f"{run.run_id}/{agent.agent_id}/{run.round}"
    tags = {
        KEY: key,
        "benchmark.run_id": run.run_id,
        "benchmark.agent": agent.agent_id,
        "benchmark.round": str(run.round),
        "benchmark.status": run.status,
        "benchmark.validity": agent.validity or "none",
        "benchmark.case_set": run.case_set or "none",
        "mlflow.source.name": "AI Benchmark Service",
        "mlflow.source.type": "JOB",
        **({"benchmark.page": page} if page else {}),
        **({"mlflow.note.content": run.config.description} if run.config.description else {}),
    }
    status = {"completed": "FINISHED", "cancelled": "KILLED"}.get(run.status, "FAILED")
    return TrackedRun(
        name=agent.agent_id,
        key=key,
        began_ms=_ms(run.started_at or run.created_at),
        ended_ms=_ms(run.completed_at or run.updated_at),
        status=status if agent.status == "completed" or run.status != "completed" else "FAILED",
        tags=tags,
        parameters={_safe(name): _cut(value) for name, value in _parameters(run, number, config)},
        metrics={_safe(name): value for name, value in _metrics(agent) if value is not None},
        dataset=_dataset(run, config["dataset"]["source"]),
    )


def _parameters(run: Run, number: int, config: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield from _said(config["agents"][number]["agent"]).items()
    prompt = run.config.agents[number].prompt or run.config.prompt
    for place, (role, template) in enumerate(prompt.parts):
        yield f"prompt.{place}.{role}", template
    yield "prompt.few_shot", prompt.few_shot.count or len(prompt.few_shot.examples)
    yield "trials", run.config.trials
    yield "cases", run.case_count
    yield "failed_counts_as", run.config.failed_counts_as
    for each, told in zip(run.config.evaluators, config["evaluators"], strict=True):
        yield f"evaluator.{each.label}", _said(told)


def _metrics(agent: RunAgent) -> Iterator[tuple[str, float | None]]:
    yield "coverage", agent.coverage
    metrics = agent.metrics
    if metrics is None:
        return
    yield from _bounded("score", metrics.score)
    yield from _bounded("accuracy", metrics.accuracy)
    for each in metrics.scores:
        yield from _bounded(f"evaluator/{each.evaluator}", each.mean)
    for name, category in metrics.category_scores.items():
        yield from _bounded(f"category/{name or 'none'}", category.accuracy or category.mean)
    for name, count in (("answered", metrics.answered), ("failed", metrics.failed), ("unscored", metrics.unscored)):
        yield name, count
    yield from _taken(metrics)


def _taken(metrics: AgentMetrics) -> Iterator[tuple[str, float | None]]:
    if metrics.latency is not None:
        for name in ("mean", "p50", "p90", "p95", "p99", "max"):
            yield f"latency_s/{name}", getattr(metrics.latency, name)
    yield "tokens/input", metrics.tokens.input
    yield "tokens/output", metrics.tokens.output
    yield "cost_usd/total", metrics.cost.total_usd
    yield "cost_usd/per_answer", metrics.cost.per_answer_usd
    yield "cost_usd/per_correct", metrics.cost.per_correct_usd
    yield "judging_usd", metrics.judging.cost_usd if metrics.judging else None
    yield "consistency", metrics.consistency
    if metrics.trials is not None:
        yield "flip_rate", metrics.trials.flip_rate
        yield from ((f"pass_at_k/{k}", value) for k, value in metrics.trials.pass_at_k.items())
        yield from ((f"pass_hat_k/{k}", value) for k, value in metrics.trials.pass_hat_k.items())


def _bounded(name: str, found: Proportion | Mean | None) -> Iterator[tuple[str, float | None]]:
    """With the ends of its 95 % interval."""
    if found is not None:
        yield from ((name, found.value), (f"{name}_low", found.low), (f"{name}_high", found.high))


def _dataset(run: Run, source: Mapping[str, Any]) -> dict[str, str]:
    shown = {name: value for name, value in _said(source).items() if name != "rows"}
    told = str(shown.get("name") or shown.get("path") or shown.get("url") or run.name)
    return {
        "name": _cut(told),
        "digest": (run.case_set or "unknown")[:LONGEST_DIGEST],
        "source_type": source["kind"],
        "source": orjson.dumps(shown).decode(),
    }


def _said(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Of settings those that say something."""
    return {name: value for name, value in settings.items() if value not in (None, "", [], {})}


def _safe(name: str) -> str:
    return UNSAFE.sub("_", name)[:LONGEST_NAME]


def _cut(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST_PARAMETER else f"{text[: LONGEST_PARAMETER - 1]}…"


def _ms(moment: datetime) -> int:
    return round(1000 * moment.timestamp())
