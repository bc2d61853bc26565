"""Reading JSON answers: the fields we rely on are checked, the rest may be anything."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.agents.endpoint import Heard, said
from adapters.network.evidence import printable
from core.errors import BadAnswer, Unavailable


class Wire(BaseModel):
    """A part of an answer. Unknown fields are normal: vendors add them at will."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Answer(Wire):
    """A whole answer. Some gateways answer 200 and put what went wrong upstream into `error`."""

    error: Any = None


A = TypeVar("A", bound=Answer)


def read(kind: type[A], heard: Heard) -> A:
    """Raises BadAnswer for another shape, Unavailable for an error inside."""
    try:
        answer = kind.model_validate(heard.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the top"
        raise bad(f"The answer has an unknown shape at {where}: {first['msg']}.", heard) from error
    if answer.error:
        raise Unavailable(f"The provider reports an error: {said(heard.content)}")
    return answer


def storable(text: str, heard: Heard) -> str:
    """The text unless it holds NUL, which no text column can. Raises BadAnswer."""
    if "\x00" in text:
        raise bad(r"The answer contains \u0000, which cannot be stored as text.", heard)
    return text


def bad(detail: str, heard: Heard) -> BadAnswer:
    return BadAnswer(detail, raw=printable(heard.content))
