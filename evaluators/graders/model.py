"""What graders that ask a model have in common: its messages, its reply that must be JSON, and what that cost."""

import json
from collections.abc import Callable
from typing import Final, Generic, Literal, NamedTuple, TypeVar

import orjson
from pydantic import Field, JsonValue, field_validator

from core.benchmarks import AgentSpec
from core.cases import Case, Message, Question, Reply
from core.errors import CannotJudge, InvalidInput
from core.model import Model
from core.plugins import Asked, settings_of
from core.ports import Agents
from core.verdicts import Spent, Unscored
from evaluators.graders.grade import Passing, Template, filled
from evaluators.graders.values import values_of
from evaluators.judge.asking import Judge

TRIES: Final = 3
"""Replies without a grade before the answer is left unscored."""
MOST_RAW: Final = 20_000

T = TypeVar("T")


class MessageTemplate(Model):
    role: Literal["system", "user", "assistant"]
    content: Template


class ModelSettings(Passing):
    model: AgentSpec
    """The agent that grades."""
    input: tuple[MessageTemplate, ...] = Field(min_length=1, max_length=100)
    """What it is asked: messages that name places of the row (`{{ item.answer }}`) and of the answer
    (`{{ sample.output_text }}`)."""

    @field_validator("model")
    @classmethod
    def _can_grade(cls, spec: AgentSpec) -> AgentSpec:
        if spec.prompt is not None:
            raise ValueError(f"the grader {spec.name!r} has a `prompt`; what it is asked stands in `input`")
        try:
            settings_of("agents", spec.agent)
        except InvalidInput as error:
            raise ValueError(f"the grader {spec.name!r}: {error}") from error
        return spec


class Graded(NamedTuple, Generic[T]):
    """A grade, and what is kept of how it came about."""

    grade: T
    details: dict[str, JsonValue]
    spent: Spent


class Grader:
    """Asks one agent until it gives a grade."""

    def __init__(self, settings: ModelSettings, agents: Agents, schema: dict[str, JsonValue]) -> None:
        self._settings = settings
        self._judge = Judge(settings.model, agents)
        self._schema = schema

    async def grade(self, case: Case, reply: Reply, read: Callable[[str], T | None]) -> Graded[T] | Unscored:
        """The grade, as `read` finds it in what the agent says; None is "there is none"."""
        question = Question(
            case_id=case.id, messages=messages_of(self._settings, case, reply), reply_schema=self._schema
        )
        spent, trouble = Spent(), "it gave no grade"
        details: dict[str, JsonValue] = {"model": self._settings.model.name}
        for _ in range(TRIES):
            heard = await self._judge.ask(question)
            spent = spent.plus(heard.spent)
            if heard.reply is None:
                return Unscored(reason=heard.trouble or trouble, cause="judge", details=details, spent=spent)
            if (grade := read(heard.reply.text)) is not None:
                return Graded(grade, self._kept(heard.reply), spent)
            details = self._kept(heard.reply)
            trouble = f"The grader {self._settings.model.name!r} gave no grade but {heard.reply.text[:200]!r}."
        return Unscored(reason=trouble, cause="judge", details=details, spent=spent)

    def _kept(self, reply: Reply) -> dict[str, JsonValue]:
        return {"raw": reply.text[:MOST_RAW], "model": reply.model or self._settings.model.name}


def messages_of(settings: ModelSettings, case: Case, reply: Reply) -> tuple[Message, ...]:
    """Raises CannotJudge where the case lacks what they name."""
    values = values_of(case, reply)
    return tuple(Message(role=each.role, content=filled(each.content, values, case)) for each in settings.input)


def held_to(field: str, kind: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The JSON Schema of a reply: why, and the grade."""
    properties: dict[str, JsonValue] = {"rationale": {"type": "string"}, field: kind}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def field_in(text: str, *names: str) -> JsonValue:
    """The first of these fields that a JSON object in the text has; the text itself where it holds none."""
    begin, end = text.find("{"), text.rfind("}")
    try:
        found: JsonValue = json.loads(text[begin : end + 1]) if 0 <= begin < end else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return text.strip()
    return next((found[name] for name in names if name in found), None)


def rationale_of(details: dict[str, JsonValue]) -> str | None:
    found = field_in(str(details["raw"]), "rationale")
    return found if isinstance(found, str) and found != str(details["raw"]).strip() else None


def meaning_of(settings: ModelSettings) -> str:
    """What decides a grade: who grades, and by which words. Not how fast, nor with whose key."""
    told = settings.model_dump(mode="json", exclude={"model"})
    agent = {name: said for name, said in settings.model.agent.settings.items() if name != "credential"}
    return orjson.dumps([told, settings.model.agent.kind, agent], option=orjson.OPT_SORT_KEYS).decode()


def asked_by(settings: ModelSettings, case: Case) -> tuple[Asked, ...]:
    try:
        messages = messages_of(settings, case, Reply(text=""))
    except CannotJudge:
        return ()
    return (Asked(spec=settings.model, texts=tuple(message.content for message in messages)),)


def at_once_of(settings: ModelSettings) -> int:
    return settings.model.concurrency + 1
