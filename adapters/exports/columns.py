"""The columns of a run as a table: the same names, in the same order, in CSV, JSON lines and Parquet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.exports import ExportedItem
from core.items import ItemScore
from core.runs import Run

Type = Literal["text", "integer", "number", "time", "json"]


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    meaning: str
    of: Callable[[ExportedItem], Any]
    """A `json` column's value is a list or an object; None is "there is none", in every column."""


COLUMNS: Final[tuple[Column, ...]] = (
    Column("item_id", "text", "Agent number, case index and trial: unique in the run.", lambda item: item.item_id),
    Column("agent_id", "text", "The agent's name in the run.", lambda item: item.record.agent_id),
    Column("case_index", "integer", "The case's place in the run, from 0.", lambda item: item.record.case_index),
    Column("trial", "integer", "How often it had been asked before, from 0.", lambda item: item.record.trial),
    Column("case_id", "text", "The case's id.", lambda item: item.case.id),
    Column("category", "text", "The case's category.", lambda item: item.case.category),
    Column("cluster", "text", "What the case shares with others.", lambda item: item.case.cluster),
    Column("input", "text", "What the case asks, before any template.", lambda item: item.case.input),
    Column("expected", "text", "The answer that was wanted.", lambda item: item.case.expected),
    Column("choices", "json", "The options of a multiple-choice case.", lambda item: [*item.case.choices] or None),
    Column("metadata", "json", "What else the dataset keeps of the case.", lambda item: item.case.metadata or None),
    Column("status", "text", "`answered`, or `failed`: then there is no answer.", lambda item: item.record.status),
    Column("cause", "text", "Why it failed: `timeout`, `throttled`, `refused` ...", lambda item: item.record.cause),
    Column("detail", "text", "What went wrong, in a sentence.", lambda item: item.record.detail),
    Column("text", "text", "The answer.", lambda item: item.record.text),
    Column("tool_calls", "json", "What the agent called.", lambda item: _calls(item)),
    Column("model", "text", "The model that answered, by its own name.", lambda item: item.record.model),
    Column("finish_reason", "text", "Why the answer ended.", lambda item: item.record.finish_reason),
    Column("input_tokens", "integer", "As the provider counted.", lambda item: item.record.usage.input_tokens),
    Column("output_tokens", "integer", "As the provider counted.", lambda item: item.record.usage.output_tokens),
    Column("cached_input_tokens", "integer", "Part of the input.", lambda item: item.record.usage.cached_input_tokens),
    Column("reasoning_tokens", "integer", "Part of the output.", lambda item: item.record.usage.reasoning_tokens),
    Column("latency_s", "number", "Seconds from request to complete answer.", lambda item: item.record.latency_s),
    Column("queue_s", "number", "Seconds it waited for a free place before.", lambda item: item.record.queue_s),
    Column("cost_usd", "number", "Nothing where the price is not known.", lambda item: item.record.cost_usd),
    Column("calls", "integer", "Requests it took.", lambda item: item.record.calls),
    Column("round", "integer", "In which round of the run it was settled.", lambda item: item.record.round),
    Column("answered_at", "time", "When it was settled.", lambda item: item.record.answered_at),
)
"""Of the question and its answer."""


@dataclass(frozen=True)
class Part:
    """What a verdict becomes in a table: the column `<name>.<label>`."""

    name: str
    type: Type
    meaning: str
    of: Callable[[ItemScore], Any]


PARTS: Final[tuple[Part, ...]] = (
    Part("score", "number", "0 to 1; nothing where it could not be judged, or failed.", lambda score: score.value),
    Part("answer", "text", "What the evaluator took for the answer.", lambda score: score.answer),
    Part("reason", "text", "Why it says so.", lambda score: score.reason),
    Part("unscored", "text", "Why there is no score: `case`, `judge` ...", lambda score: score.cause),
)
"""Of each evaluator's verdict."""


def columns_of(run: Run) -> tuple[Column, ...]:
    """Those of every run, then four of each of its evaluators."""
    return (*COLUMNS, *_judged(run))


def _judged(run: Run) -> Iterator[Column]:
    for evaluation in run.config.evaluators:
        for part in PARTS:
            yield Column(f"{part.name}.{evaluation.label}", part.type, part.meaning, _said(evaluation.label, part))


def _said(label: str, part: Part) -> Callable[[ExportedItem], Any]:
    def of(item: ExportedItem) -> Any:
        score = item.scores.get(label)
        return None if score is None else part.of(score)

    return of


def _calls(item: ExportedItem) -> list[Any] | None:
    calls = item.record.tool_calls
    return [call.model_dump(mode="json") for call in calls] if calls else None
