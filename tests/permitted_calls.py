"""What a model would say that calls exactly what BFCL's data permit."""

from collections.abc import Sequence
from typing import Any, cast

OPTIONAL = ""
Expected = dict[str, dict[str, list[Any]]]
"""One call: `{name: {argument: [permitted values]}}`."""


def permitted_calls(expected: Sequence[Expected]) -> list[tuple[str, dict[str, Any]]]:
    """(name, arguments) of each, with the first permitted values."""
    return [(name, permitted_arguments(arguments)) for call in expected for name, arguments in call.items()]


def permitted_arguments(expected: dict[str, list[Any]]) -> dict[str, Any]:
    """All that have a value, also those that may be left out."""
    given = {name: [each for each in values if each != OPTIONAL] for name, values in expected.items()}
    return {name: _first_permitted(values[0]) for name, values in given.items() if values}


def _first_permitted(value: Any) -> Any:
    """An object has lists of permitted values for its fields."""
    if isinstance(value, dict):
        return permitted_arguments(cast("dict[str, list[Any]]", value))
    return [_first_permitted(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value
