"""Whole conversations: written as templates, or kept with the case."""

from collections.abc import Sequence
from typing import Final, cast

from pydantic import JsonValue, TypeAdapter, ValidationError

from adapters.prompts.variables import variables
from adapters.templates.sandbox import TextTemplate
from core.cases import Case, Message
from core.errors import InvalidInput

POINTER: Final = "/prompt/messages"
MESSAGES: Final = TypeAdapter(tuple[Message, ...])


class TemplateMessages:
    """Messages, each a template over the case. Raises InvalidInput for one that does not compile."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = [
            (message, TextTemplate(message.content, pointer=f"{POINTER}/{number}/content"))
            for number, message in enumerate(messages)
        ]

    def of(self, case: Case) -> tuple[Message, ...]:
        """Raises InvalidInput when a template fails on this case."""
        seen = variables(case)
        return tuple(
            message.model_copy(update={"content": template.render(seen)}) for message, template in self._messages
        )


class FieldMessages:
    """The messages that a metadata field holds: a list of objects with `role` and `content`, which is a text or a list
    of parts that are texts."""

    def __init__(self, path: str) -> None:
        self._path = path

    def of(self, case: Case) -> tuple[Message, ...]:
        """Raises InvalidInput for a case without such messages."""
        place: JsonValue = case.metadata
        for name in self._path.split("."):
            place = place.get(name) if isinstance(place, dict) else None
        try:
            messages = MESSAGES.validate_python([_plain(each) for each in place] if isinstance(place, list) else place)
        except ValidationError as error:
            raise self._wrong(case) from error
        if not messages:
            raise self._wrong(case)
        return messages

    def _wrong(self, case: Case) -> InvalidInput:
        return InvalidInput(
            f"Case {case.id!r} has no messages in its metadata field {self._path!r}: a list of objects with `role` "
            "(system, user, assistant) and `content`, a text.",
            pointer=POINTER,
        )


def _plain(message: JsonValue) -> JsonValue:
    """With a role of ours, and parts of text as one text; anything else as it is."""
    if not isinstance(message, dict):
        return message
    role, content = message.get("role"), message.get("content")
    return {"role": "system" if role == "developer" else role, "content": text_of(content)}


def text_of(content: JsonValue) -> JsonValue:
    """Of a list of parts that are texts, one text."""
    if isinstance(content, dict):
        return content.get("text")
    if not isinstance(content, list):
        return content
    texts = [text_of(part) for part in content]
    return "\n".join(cast("list[str]", texts)) if all(isinstance(text, str) for text in texts) else None
