"""Items as samples of an Inspect log."""

from datetime import timedelta
from typing import Any, Final

from adapters.exports.subject import agent_model
from core.exports import ExportedItem
from core.items import ItemScore
from core.runs import Run

STOPS: Final = {"stop": "stop", "end_turn": "stop", "length": "max_tokens", "max_tokens": "max_tokens",
                "tool_calls": "tool_calls", "tool_use": "tool_calls", "content_filter": "content_filter"}  # fmt: skip
"""Providers' words for why an answer ended, in Inspect's."""
SUMMARY: Final = ("id", "epoch", "input", "target", "scores", "model_usage", "started_at", "completed_at", "total_time")
SHORT: Final = 1000
"""Characters of a question in a summary."""


class Usages:
    """The sums of a log: tokens by model, and how the samples ended."""

    def __init__(self) -> None:
        self.by_model: dict[str, dict[str, Any]] = {}
        self.samples = self.completed = 0

    def add(self, sample: dict[str, Any]) -> None:
        self.samples += 1
        self.completed += "error" not in sample
        for model, usage in sample["model_usage"].items():
            sums = self.by_model.setdefault(model, {})
            for name, count in usage.items():
                sums[name] = sums.get(name, 0) + count


def sample_of(run: Run, item: ExportedItem) -> dict[str, Any]:
    record, case = item.record, item.case
    messages = [message.model_dump() for message in item.messages]
    usage = _usage(item)
    model = record.model or agent_model(run)
    sample: dict[str, Any] = {
        "id": case.id,
        "epoch": record.trial + 1,
        "input": case.input,
        "target": case.expected or "",
        "messages": messages,
        "output": {"model": model, "choices": []},
        "scores": {label: _score(score) for label, score in item.scores.items() if score.value is not None},
        "metadata": _metadata(item),
        "model_usage": {model: usage} if usage else {},
        "completed_at": record.answered_at.isoformat(),
    }
    if case.choices:
        sample["choices"] = [*case.choices]
    if record.status == "failed":
        told = f"{record.cause}: {record.detail}"
        return sample | {"error": {"message": told, "traceback": told, "traceback_ansi": told}}
    answer = _answer(item, model)
    started = record.answered_at - timedelta(seconds=record.latency_s or 0)
    return sample | {
        "messages": [*messages, answer],
        "output": _output(item, model, answer, usage),
        "started_at": started.isoformat(),
        "total_time": record.latency_s,
        "working_time": record.latency_s,
    }


def summary_of(sample: dict[str, Any]) -> dict[str, Any]:
    """What a list of samples shows."""
    summary: dict[str, Any] = {name: sample[name] for name in SUMMARY if name in sample}
    summary |= {"input": sample["input"][:SHORT], "completed": "error" not in sample}
    if "error" in sample:
        summary["error"] = sample["error"]["message"]
    return summary


def _metadata(item: ExportedItem) -> dict[str, Any]:
    """What has no place of its own in a sample."""
    unjudged = {label: score.reason for label, score in item.scores.items() if score.value is None}
    told = {"category": item.case.category, "unscored": unjudged or None, "item_id": item.item_id}
    told |= {"cause": item.record.cause, "calls": item.record.calls, "queue_s": item.record.queue_s}
    return dict(item.case.metadata) | {name: value for name, value in told.items() if value is not None}


def _score(score: ItemScore) -> dict[str, Any]:
    told = {"value": score.value, "answer": score.answer, "explanation": score.reason}
    return {**told, "metadata": {"version": score.version, **(score.details or {})}}


def _answer(item: ExportedItem, model: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"role": "assistant", "content": item.record.text or "", "source": "generate"}
    answer["model"] = model
    if calls := item.record.tool_calls:
        answer["tool_calls"] = [
            {
                "id": f"call_{number}",
                "function": call.name,
                "arguments": call.arguments if isinstance(call.arguments, dict) else {"arguments": call.arguments},
                "type": "function",
            }
            for number, call in enumerate(calls, 1)
        ]
    return answer


def _output(item: ExportedItem, model: str, answer: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
    choice = {"message": answer, "stop_reason": STOPS.get(item.record.finish_reason or "", "unknown")}
    output = {"model": model, "choices": [choice], "completion": answer["content"], "time": item.record.latency_s}
    return output | ({"usage": usage} if usage else {})


def _usage(item: ExportedItem) -> dict[str, Any]:
    """Empty where the provider did not say: a usage of 0 would claim that there was none."""
    usage = item.record.usage
    if usage.input_tokens is None and usage.output_tokens is None:
        return {}
    counted = {"input_tokens": usage.input_tokens or 0, "output_tokens": usage.output_tokens or 0}
    told = {
        "input_tokens_cache_read": usage.cached_input_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "total_cost": item.record.cost_usd,
    }
    known = {name: value for name, value in told.items() if value is not None}
    return counted | {"total_tokens": sum(counted.values())} | known
