"""Tools on their way to a provider, and the calls that come back."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson
from pydantic import JsonValue

from adapters.network.evidence import flaw, texts
from core.cases import Tool, ToolCall

NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
LONGEST_NAME = 64
DEEPEST = 100
"""Nesting of arguments that is read; past it nothing is meant as a call."""
TYPES: Mapping[str, str] = {
    "any": "string",
    "bool": "boolean",
    "char": "string",
    "dict": "object",
    "double": "number",
    "float": "number",
    "int": "integer",
    "list": "array",
    "long": "integer",
    "str": "string",
    "tuple": "array",
}
"""Names of types that datasets use and JSON Schema does not know."""


class Toolbox:
    """The tools of one question by the names a provider takes: letters, digits, `_` and `-`, at most 64."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            self._tools[self._sendable(tool.name)] = tool

    def __bool__(self) -> bool:
        return bool(self._tools)

    def chat(self) -> list[JsonValue]:
        """As OpenAI's chat completions want them."""
        return [{"type": "function", "function": part} for part in self._parts("parameters")]

    def responses(self) -> list[JsonValue]:
        """As the Responses API wants them; not strict, which would forbid optional arguments."""
        return [{"type": "function", "strict": False, **part} for part in self._parts("parameters")]

    def messages(self) -> list[JsonValue]:
        """As Anthropic's Messages API wants them."""
        return list(self._parts("input_schema"))

    def call(self, name: str, arguments: object) -> ToolCall:
        """A call by the name that was sent. Arguments that are text are read as JSON, where they are any."""
        tool = self._tools.get(name)
        value = read_arguments(arguments) if isinstance(arguments, str) else cast("JsonValue", arguments)
        kept = value if nested(value) <= DEEPEST else f"nested deeper than {DEEPEST} levels"
        return ToolCall(name=tool.name if tool else name, arguments=kept)

    def _parts(self, schema: str) -> list[dict[str, JsonValue]]:
        return [
            {"name": name, "description": tool.description, schema: json_schema(tool.parameters)}
            for name, tool in self._tools.items()
        ]

    def _sendable(self, name: str) -> str:
        base = NOT_IN_NAMES.sub("_", name)[:LONGEST_NAME] or "_"
        sent, number = base, 2
        while sent in self._tools:
            sent, number = f"{base[: LONGEST_NAME - len(str(number)) - 1]}_{number}", number + 1
        return sent


def as_given(tools: Sequence[Tool]) -> list[JsonValue]:
    """The tools by their own names, for agents of no vendor."""
    return [tool.model_dump() for tool in tools]


def told_calls(told: object) -> tuple[ToolCall, ...]:
    """Calls from a list of `{name, arguments}`, bare or within `function` as OpenAI has them; null is none.

    Raises ValueError for anything else.
    """
    if told is None:
        return ()
    if not isinstance(told, list):
        raise ValueError("the calls of tools are no list")
    return tuple(_told_call(each) for each in cast("list[object]", told))


def _told_call(told: object) -> ToolCall:
    fields = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    fields = cast("dict[str, Any]", fields["function"]) if isinstance(fields.get("function"), dict) else fields
    name = fields.get("name")
    if not isinstance(name, str):
        raise ValueError("a call of a tool has no name")
    return Toolbox(()).call(name, fields.get("arguments") or {})


def json_schema(parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The parameters as an object's JSON Schema, with JSON's own names of types."""
    return {"type": "object", "properties": {}} | cast("dict[str, JsonValue]", _schema(dict(parameters)))


def read_arguments(text: str) -> JsonValue:
    """The JSON of the text; the text itself where it is none, or holds what cannot be stored."""
    try:
        value = json.loads(text or "{}", parse_constant=_refused)
        orjson.dumps(value)
    except (ValueError, TypeError, RecursionError):
        # Integers of more than 64 bits are among what cannot be stored.
        return text
    return text if nested(value) > DEEPEST or any(map(flaw, texts(value))) else value


def _refused(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def nested(value: JsonValue) -> int:
    """How deep lists and objects lie in each other; 0 for what is neither."""
    depth, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _schema(schema: JsonValue) -> JsonValue:
    if not isinstance(schema, dict):
        return schema
    mended: dict[str, Any] = dict(schema)
    kind = schema.get("type")
    if isinstance(kind, str):
        mended["type"] = TYPES.get(kind, kind)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        mended["properties"] = {name: _schema(each) for name, each in properties.items()}
    if "items" in schema:
        mended["items"] = _schema(schema["items"])
    return mended
