"""Calls of tools that an agent wrote into its text, because nothing else was asked of it or it knows no other way.

Read are Python (`[area(base=10)]`) and JSON in the forms models are trained on: `{"name": ..., "arguments": {...}}`
(also `parameters`, also within `function`), `{"area": {"base": 10}}`, one or a list of them, bare, in a markdown
fence, or between `<tool_call>` tags. Arguments may be JSON within a text, as in the leaderboard's files.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from evaluators.calls.python_calls import LONGEST, Call, NoCalls, python_calls

TAGGED = re.compile(r"<(tool_?call)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
FENCED = re.compile(r"```[a-z_]*\n(.*?)```", re.DOTALL)
ARGUMENTS = ("arguments", "parameters")


def written_calls(text: str) -> list[Call]:
    """The calls that the text consists of. Raises NoCalls, saying why it is none."""
    if len(text) > LONGEST:
        raise NoCalls(f"it has more than {LONGEST} characters")
    tagged = [match[2] for match in TAGGED.finditer(text)]
    if tagged:
        return [call for each in tagged for call in _read(each)]
    fenced = FENCED.search(text)
    return _read(fenced[1] if fenced else text)


def _read(text: str) -> list[Call]:
    text = text.strip().strip("`").strip()
    if not text:
        raise NoCalls("it is blank")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return python_calls(text)
    return list(_json_calls(value))


def _json_calls(value: Any) -> Iterator[Call]:
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _json_calls(each)
        return
    if not isinstance(value, dict):
        raise NoCalls("it is JSON, but no call")
    fields = cast("dict[str, Any]", value)
    if isinstance(fields.get("function"), dict):
        yield from _json_calls(fields["function"])
    elif isinstance(fields.get("name"), str):
        named = [fields[each] for each in ARGUMENTS if each in fields]
        yield Call(fields["name"], _object(named[0]) if named else {})
    else:
        for name, told in fields.items():
            arguments = _object(told)
            if not isinstance(arguments, dict):
                raise NoCalls("it is JSON, but no call")
            yield Call(name, cast("object", arguments))


def _object(arguments: object) -> object:
    """Arguments that are JSON in a text are read once more."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
