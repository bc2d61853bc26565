"""Evals, runs and output items as OpenAI shows them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import JsonValue

from api.openai_evals.criteria import Criterion, labels_of
from api.openai_evals.pages import seconds
from core.cases import Case, Message
from core.items import ItemRecord, ItemScore
from core.openai_evals import EvalFigures, EvalRecord, EvalRunRecord, ItemState
from core.runs import Run, RunStatus

STATUSES: Final[Mapping[RunStatus, str]] = {
    "queued": "queued",
    "processing": "in_progress",
    "paused": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "canceled",
}


def eval_view(record: EvalRecord) -> dict[str, Any]:
    return {
        "object": "eval",
        "id": record.eval_id,
        "name": record.name,
        "created_at": seconds(record.created_at),
        "metadata": record.metadata or {},
        "data_source_config": _config(record),
        "testing_criteria": list(record.testing_criteria),
    }


def _config(record: EvalRecord) -> dict[str, Any]:
    """The schema of a whole row: the item and, where it is wanted, the sample."""
    config = record.data_source_config
    properties: dict[str, Any] = {"item": config["item_schema"]}
    if config.get("include_sample_schema"):
        properties["sample"] = {
            "type": "object",
            "properties": {"output_text": {"type": "string"}, "model": {"type": "string"}},
        }
    return {
        "type": "custom",
        "schema": {"type": "object", "properties": properties, "required": list(properties)},
    }


def run_view(
    record: EvalRunRecord, run: Run, figures: EvalFigures, criteria: Sequence[Criterion], report_url: str
) -> dict[str, Any]:
    passed, failed, errored = (figures.states.get(state, 0) for state in ("pass", "fail", "error"))
    why = run.error if run.status == "failed" else None
    return {
        "object": "eval.run",
        "id": record.run_id,
        "eval_id": record.eval_id,
        "report_url": report_url,
        "status": STATUSES[run.status],
        "model": record.model,
        "name": record.name,
        "created_at": seconds(run.created_at),
        "result_counts": {
            "total": passed + failed + errored,
            "errored": errored,
            "failed": failed,
            "passed": passed,
        },
        "per_model_usage": [
            {
                "model_name": used.model,
                "invocation_count": used.invocations,
                "prompt_tokens": used.input_tokens,
                "completion_tokens": used.output_tokens,
                "total_tokens": used.input_tokens + used.output_tokens,
                "cached_tokens": used.cached_tokens,
            }
            for used in figures.usage
        ],
        "per_testing_criteria_results": [
            {
                "testing_criteria": criterion.name,
                "passed": figures.criteria[label].passed if label in figures.criteria else 0,
                "failed": figures.criteria[label].failed if label in figures.criteria else 0,
            }
            for label, criterion in zip(labels_of(criteria), criteria, strict=True)
        ],
        "data_source": record.data_source,
        "error": None if why is None else {"code": "run_failed", "message": why},
        "metadata": record.metadata or {},
    }


def item_view(
    record: EvalRunRecord,
    item: ItemRecord,
    state: ItemState,
    criteria: Sequence[Criterion],
    case: Case | None,
    asked: Sequence[Message],
) -> dict[str, Any]:
    scores = {score.evaluator: score for score in item.scores}
    found = zip(labels_of(criteria), criteria, strict=True)
    return {
        "object": "eval.run.output_item",
        "id": f"{record.run_id}-{item.case_index}",
        "created_at": seconds(item.answered_at),
        "run_id": record.run_id,
        "eval_id": record.eval_id,
        "status": state,
        "datasource_item_id": item.case_index,
        "datasource_item": case.metadata.get("item") if case is not None else {},
        "results": [_result(criterion, scores[label]) for label, criterion in found if label in scores],
        "sample": _sample(record, item, asked),
    }


def _result(criterion: Any, score: ItemScore) -> dict[str, Any]:
    details: dict[str, JsonValue] = score.details or {}
    told: dict[str, Any] = {
        "name": criterion.name,
        "type": criterion.type,
        "passed": details.get("passed") is True,
        "score": details.get("score", score.value) if score.value is not None else 0.0,
    }
    if score.value is None:
        return told | {"error": {"code": "no_grade", "message": score.reason}}
    if "raw" in details:
        told["sample"] = {"model": details.get("model"), "output": [{"role": "assistant", "content": details["raw"]}]}
    return told


def _sample(record: EvalRunRecord, item: ItemRecord, asked: Sequence[Message]) -> dict[str, Any]:
    usage = item.usage
    put, got = usage.input_tokens or 0, usage.output_tokens or 0
    sampling = record.data_source.get("sampling_params")
    given = sampling if isinstance(sampling, dict) else {}
    failed = item.status == "failed"
    return {
        "model": item.model if record.model and item.model else record.model,
        "input": [message.model_dump() for message in asked],
        "output": [] if failed else [{"role": "assistant", "content": item.text}],
        "finish_reason": item.finish_reason or ("error" if failed else "stop"),
        "usage": {
            "prompt_tokens": put,
            "completion_tokens": got,
            "total_tokens": put + got,
            "cached_tokens": usage.cached_input_tokens or 0,
        },
        "error": {"code": item.cause, "message": item.detail or ""} if failed else None,
        "temperature": given.get("temperature") if given.get("temperature") is not None else 1.0,
        "top_p": given.get("top_p") if given.get("top_p") is not None else 1.0,
        "max_completion_tokens": given.get("max_completion_tokens"),
        "seed": given.get("seed"),
    }
