"""The format `every-eval-ever`: an agent's figures by the shared schema of the EvalEval Coalition.

The schema is `eval.schema.json`, version 0.2.1, of https://github.com/evaleval/every_eval_ever. An evaluator without a
score for any answer is left out of the results, since the schema has no place for "not known", and named beside them.
"""

from collections.abc import AsyncGenerator, Iterator
from typing import Any, Final

import orjson

from adapters.exports.settings import NoSettings
from adapters.exports.subject import agent_model, metrics_of, question_template, spec_of
from adapters.software import DISTRIBUTION, release
from core.exports import Pages
from core.metrics import AgentMetrics, ScoreSummary
from core.plugins import Plugin
from core.runs import Run

SCHEMA_VERSION: Final = "0.2.1"
CONFIDENCE: Final = 0.95
SOURCE: Final = "AI Benchmark Service"


class EveryEvalEverExporter:
    media_type = "application/json"
    suffix = "json"
    one_agent = True

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        yield orjson.dumps(_evaluation(run, metrics_of(run)), option=orjson.OPT_INDENT_2)


def _evaluation(run: Run, metrics: AgentMetrics) -> dict[str, Any]:
    # Of the record, not of now: the same run gives the same file.
    ended = str((run.completed_at or run.updated_at).timestamp())
    model = agent_model(run)
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{run.name}/{model}/{ended}",
        "evaluation_timestamp": (run.started_at or run.created_at).isoformat(),
        "retrieved_timestamp": ended,
        "source_metadata": {
            "source_name": SOURCE,
            "source_type": "evaluation_run",
            "source_organization_name": run.config.tags.get("organization", "unknown"),
            "evaluator_relationship": "other",
            "additional_details": {"run_id": run.run_id},
        },
        "eval_library": {"name": DISTRIBUTION, "version": release()},
        "model_info": {
            "name": model.partition("/")[2],
            "id": model,
            "inference_platform": spec_of(run).agent.kind,
            "additional_details": _details(run, metrics),
        },
        "evaluation_results": [_result(run, summary) for summary in metrics.scores if summary.mean is not None],
    }


def _details(run: Run, metrics: AgentMetrics) -> dict[str, str]:
    """What the schema has no field for; its values are texts."""
    unknown = [summary.evaluator for summary in metrics.scores if summary.mean is None]
    told = {
        "agent": spec_of(run).name,
        "validity": run.validity,
        "answered": metrics.answered,
        "failed": metrics.failed,
        "failed_by_cause": ", ".join(f"{cause}: {count}" for cause, count in metrics.errors.items()) or None,
        "without_a_score": ", ".join(unknown) or None,
        "cost_usd": metrics.cost.total_usd,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def _result(run: Run, summary: ScoreSummary) -> dict[str, Any]:
    assert summary.mean is not None
    details = {"evaluator": summary.evaluator, "version": summary.version}
    details |= {"scored": str(summary.scored), "unscored": str(summary.unscored)}
    return {
        "evaluation_name": f"{run.name} {summary.evaluator}",
        "source_data": {
            "dataset_name": run.name,
            "source_type": "other",
            "additional_details": {"kind": run.config.dataset.source.kind, "cases_sha256": run.case_set or "unknown"},
        },
        "metric_config": {"lower_is_better": False, **_scale(summary)},
        "score_details": {
            "score": summary.mean.value,
            "details": details,
            "uncertainty": dict(_uncertainty(summary)),
        },
        "generation_config": {"generation_args": dict(_arguments(run))},
    }


def _scale(summary: ScoreSummary) -> dict[str, Any]:
    bounds = {"min_score": 0.0, "max_score": 1.0}
    return {"score_type": "continuous" if summary.accuracy is None else "binary", **bounds}


def _uncertainty(summary: ScoreSummary) -> Iterator[tuple[str, Any]]:
    mean = summary.mean
    if mean is None:
        return
    yield "num_samples", mean.n
    if mean.low is not None and mean.high is not None:
        yield "confidence_interval", {"lower": mean.low, "upper": mean.high, "confidence_level": CONFIDENCE}


def _arguments(run: Run) -> Iterator[tuple[str, Any]]:
    spec = spec_of(run)
    settings = spec.agent.settings
    for name in ("temperature", "top_p", "max_tokens"):
        if isinstance(settings.get(name), int | float):
            yield name, settings[name]
    yield "prompt_template", question_template(run)


plugin = Plugin(NoSettings, EveryEvalEverExporter, summary="Figures by the schema of Every Eval Ever.")
