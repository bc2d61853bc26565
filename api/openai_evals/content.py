"""Messages as they are sent for prompts and for graders: roles, and content that is a text in one of several forms."""

import json
from typing import Annotated, Any, Final, Literal, cast

from pydantic import BeforeValidator, Field, field_validator

from api.openai_evals.sent import Sent
from core.cases import Message
from evaluators.graders.placeholders import Nowhere, parts_of

TEXTS: Final = frozenset({"text", "input_text", "output_text"})


def _plain(content: object) -> object:
    """One text of a text, of an object that is one, or of a list of those."""
    match content:
        case list():
            return "\n".join(cast("list[str]", [_plain(part) for part in cast("list[object]", content)]))
        case dict():
            part = cast("dict[str, Any]", content)
            if part.get("type") not in TEXTS or not isinstance(part.get("text"), str):
                raise ValueError(f"content is text here; {part.get('type')!r} can be neither asked nor graded")
            return part["text"]
        case str():
            return content
        case _:
            raise ValueError("content is a text, or a list of texts")


class WrittenMessage(Sent):
    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, BeforeValidator(_plain)]
    type: Literal["message"] = "message"

    @field_validator("content")
    @classmethod
    def _readable(cls, content: str) -> str:
        parts_of(content)
        return content

    @property
    def message(self) -> Message:
        role = "system" if self.role == "developer" else self.role
        return Message(role=role, content=self.content)


Messages = Annotated[tuple[WrittenMessage, ...], Field(min_length=1, max_length=100)]


def as_template(source: str) -> str:
    """The text with its `{{ item.x }}` as our prompts write templates: over the case's metadata."""
    return "".join(_literal(part) if isinstance(part, str) else _place(part) for part in parts_of(source))


def in_metadata(reference: str) -> str:
    """`item.history`, the place of whole conversations. Raises ValueError for a place elsewhere."""
    parts = parts_of(f"{{{{{reference}}}}}")
    [path] = parts
    if isinstance(path, str) or not all(isinstance(step, str) for step in path):
        raise Nowhere(f"{reference!r} is no place of messages; write `item.history` or the like.")
    return ".".join(map(str, path))


def _literal(text: str) -> str:
    # What would begin an expression, or be trimmed, is written as one.
    return f"{{{{ {_quoted(text)} }}}}" if "{" in text or "\r" in text or text.endswith("\n") else text


def _place(path: tuple[str | int, ...]) -> str:
    return "{{ metadata" + "".join(f"[{_quoted(step)}]" for step in path) + " }}"


def _quoted(value: str | int) -> str:
    # Templates do not read every escape of JSON: what is beyond the basic plane would become two halves.
    return json.dumps(value, ensure_ascii=False)
