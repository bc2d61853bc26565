"""Reading JSON answers: the fields we rely on are checked, the rest may be anything."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.agents.endpoint import Heard, said
from adapters.network.evidence import flaw, printable, texts
from core.errors import BadAnswer, Unavailable

NUL = rb"\u0000"
"""How JSON must write the one character that no text column can hold."""


class Wire(BaseModel):
    """A part of an answer. Unknown fields are normal: vendors add them at will."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Answer(Wire):
    """A whole answer. Some gateways answer 200 and put what went wrong upstream into `error`."""

    error: Any = None


A = TypeVar("A", bound=Answer)


def read(kind: type[A], heard: Heard) -> A:
    """Raises BadAnswer for another shape or text that cannot be stored, Unavailable for an error inside."""
    try:
        answer = kind.model_validate(heard.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the top"
        raise bad(f"The answer has an unknown shape at {where}: {first['msg']}.", heard) from error
    if answer.error:
        raise Unavailable(f"The provider reports an error: {said(heard.content)}")
    if NUL in heard.content:
        for text in texts(answer.model_dump()):
            storable(text, heard)
    return answer


def storable(text: str, heard: Heard) -> str:
    """The text. Raises BadAnswer for one that cannot be stored."""
    if problem := flaw(text):
        raise bad(f"The answer {problem}.", heard)
    return text


def bad(detail: str, heard: Heard) -> BadAnswer:
    return BadAnswer(detail, raw=printable(heard.content))
