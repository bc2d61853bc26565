"""What templates of graders see of a case and of the answer to it."""

import json
from contextlib import suppress
from typing import Final, cast

from pydantic import JsonValue

from core.cases import Case, Reply, ToolCall

BUDGET: Final = 200_000
"""Characters of an answer that is looked through for JSON."""


def values_of(case: Case, reply: Reply) -> dict[str, JsonValue]:
    """`item`: the row, which is the metadata field of that name, else the case itself with its metadata. `sample`: the
    answer, with what the row's own `sample` says besides."""
    item = case.metadata.get("item")
    return {"item": item if item is not None else _item(case), "sample": sample_of(case, reply)}


def sample_of(case: Case, reply: Reply) -> dict[str, JsonValue]:
    """The answer in the form of a chat completion, with `output_text`, `output_json` if it is JSON, `output_tools`."""
    calls: list[JsonValue] = [_call(call) for call in reply.tool_calls]
    message: dict[str, JsonValue] = {"role": "assistant", "content": reply.text}
    if calls:
        message["tool_calls"] = calls
    sample: dict[str, JsonValue] = {
        "model": reply.model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        "output_text": reply.text,
        "output_tools": calls,
    }
    with suppress(ValueError, RecursionError):
        sample["output_json"] = json.loads(reply.text[:BUDGET])
    recorded = case.metadata.get("sample")
    return sample | cast("dict[str, JsonValue]", recorded) if isinstance(recorded, dict) else sample


def _item(case: Case) -> dict[str, JsonValue]:
    own: dict[str, JsonValue] = {
        "id": case.id,
        "input": case.input,
        "expected": case.expected,
        "choices": list(case.choices),
        "category": case.category,
    }
    return own | case.metadata


def _call(call: ToolCall) -> JsonValue:
    arguments = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments, ensure_ascii=False)
    return {"type": "function", "function": {"name": call.name, "arguments": arguments}}
