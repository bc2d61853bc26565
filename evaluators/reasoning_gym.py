"""The evaluator `reasoning_gym`: the verifier of the task that made the question.

The case keeps the task's entry in its metadata: `entry` is `{question, answer, metadata}` as reasoning-gym made it
(its metadata names `source_dataset`), `config` the settings it was made with, where they are not the task's own.
"""

from typing import Any, Literal, NamedTuple

from pydantic import Field, JsonValue

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored, Unscored
from evaluators.extraction import Extraction, excerpt
from evaluators.numbers import last_number
from evaluators.verifier import judged, library

TAGGED = Extraction(patterns=(r"(?s)<answer>\s?(.*?)\s?</answer>",))
"""The library's own way to ask for answers; a reply without the tags is taken as it is."""


class ReasoningGymSettings(PluginSettings):
    extract: Extraction = TAGGED
    """Where in the reply the answer stands; by default between `<answer>` tags, else it is the whole reply."""
    take: Literal["text", "last_number"] = "text"
    """What of the extracted span is verified: all of it, or its last number."""
    partial_credit: bool = False
    """Keep the verifier's score as it is; otherwise only its full score counts as right."""
    time_limit_s: float = Field(default=10.0, gt=0, le=60)
    """Longest verification of one answer; past it the answer is unscored."""


class Task(NamedTuple):
    name: str
    config: dict[str, JsonValue]
    entry: dict[str, JsonValue]


class ReasoningGym:
    def __init__(self, settings: ReasoningGymSettings) -> None:
        self._settings = settings

    def prepare(self) -> None:
        library()

    async def evaluate(self, case: Case, reply: Reply) -> Scored | Unscored:
        task = _task_of(case)
        answer = self._answer(reply.text)
        if answer is None:
            return Scored(value=0, reason="no answer found")
        return self._verdict(judged(task.name, task.config, task.entry, answer), answer)

    def _answer(self, reply: str) -> str | None:
        answer = self._settings.extract.first(reply)
        if answer is None or self._settings.take == "text":
            return answer
        number = last_number(answer)
        return _canonical(number.text) if number else None

    def _verdict(self, verdict: dict[str, Any], answer: str) -> Scored | Unscored:
        if "trouble" in verdict:
            return Unscored(reason=verdict["trouble"])
        shown = excerpt(answer)
        if "unreadable" in verdict:
            return Scored(value=0, answer=shown, reason="the task's verifier cannot read the answer")
        if verdict.get("refused"):
            return Scored(value=0, answer=shown, reason="not an answer of the kind the task asks for")
        score = min(max(float(verdict["score"]), 0.0), 1.0)
        value = score if self._settings.partial_credit else float(score >= 1.0)
        return Scored(value=value, answer=shown, details={"score": score})


def _task_of(case: Case) -> Task:
    entry, config = case.metadata.get("entry"), case.metadata.get("config", {})
    metadata = entry.get("metadata") if isinstance(entry, dict) else None
    name = metadata.get("source_dataset") if isinstance(metadata, dict) else None
    if not isinstance(entry, dict) or not isinstance(name, str) or not isinstance(config, dict):
        raise CannotJudge(f"Case {case.id!r} was not made by reasoning-gym: its metadata has no `entry` of a task.")
    return Task(name, config, entry)


def _canonical(number: str) -> str:
    return number.replace(",", "").lstrip("$€£¥₹+").rstrip("% ")


plugin = Plugin(
    ReasoningGymSettings, ReasoningGym, version="1", summary="The reasoning-gym task's own verifier judges."
)
