"""Judging one reply the way a run does: through the registry, from settings as they are written in YAML."""

from typing import Any

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.ports import NamedEvaluator
from core.verdicts import Scored, Unscored
from evaluators.registry import InstalledEvaluators


def opened(kind: str, settings: dict[str, Any] | None = None) -> NamedEvaluator:
    return InstalledEvaluators().open([Evaluation.model_validate({"kind": kind, **(settings or {})})])[0]


async def judged(
    kind: str, reply: str | dict[str, Any], settings: dict[str, Any] | None = None, **case: Any
) -> Scored | Unscored:
    """What the evaluator says of the reply (its text, or its fields) to a case with these fields."""
    question = Case.model_validate({"id": "case-1", "input": "?", **case})
    answer = Reply.model_validate({"text": reply} if isinstance(reply, str) else reply)
    return await opened(kind, settings).evaluate(question, answer)
