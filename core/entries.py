"""A verifier's own entry as JSON and back: tuples stay tuples, because some verifiers compare them.

The reasoning-gym source keeps `{"task", "config", "entry": freeze(entry)}` as `case.metadata["reasoning_gym"]`;
the reasoning-gym evaluator scores with `thaw` of it.
"""

import math
from collections.abc import Mapping
from typing import Any, cast

from pydantic import JsonValue

TUPLE = "__tuple__"


def freeze(value: object) -> JsonValue:
    """Plain JSON of a Python value. Raises TypeError for what has no JSON form."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            if not math.isfinite(value):
                raise TypeError("a number that is not finite")
            return float(value)
        case tuple():
            return {TUPLE: [freeze(item) for item in cast("tuple[object, ...]", value)]}
        case list():
            return [freeze(item) for item in cast("list[object]", value)]
        case dict():
            return {str(key): freeze(item) for key, item in cast("dict[object, object]", value).items()}
        case _:
            raise TypeError(f"a {type(value).__name__}")


def thaw(value: JsonValue) -> Any:
    """The value that `freeze` was given (but keys that were numbers are text now)."""
    match value:
        case list():
            return [thaw(item) for item in value]
        case dict():
            mapping = cast("Mapping[str, JsonValue]", value)
            if len(mapping) == 1 and TUPLE in mapping:
                return tuple(thaw(item) for item in cast("list[JsonValue]", mapping[TUPLE]))
            return {key: thaw(item) for key, item in mapping.items()}
        case _:
            return value
