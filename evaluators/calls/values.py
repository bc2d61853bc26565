"""Whether an argument is one of the permitted ones: the rule of the Berkeley Function Calling Leaderboard (Patil et
al., ICML 2025; "AST" categories). Values of Java and JavaScript were read before (`evaluators.calls.source_values`).

Permitted values stand in a list; `""` among them means that the argument may be left out. An integer is good for a
float, nothing else is converted. Texts are compared without case, spaces and `,./-_*^`. Inside of an object, every
field has a list of permitted values of its own.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from pydantic import JsonValue

TYPES: Mapping[str, type] = {
    "string": str,
    "any": str,
    "integer": int,
    "float": float,
    "number": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "object": dict,
}
LISTS = ("array", "tuple")
"""Types whose elements must be of the right type, too; those of Java's collections were read as that."""
NOT_COMPARED = re.compile(r"[ ,./\-_*^]")
OPTIONAL = ""


class Fit(NamedTuple):
    fits: bool
    variable: bool = False
    """The case permits values of another type than the tool wants: names of variables, compared as they are."""


def permitted(
    value: object, options: Sequence[JsonValue], schema: Mapping[str, Any], types: Mapping[str, type] = TYPES
) -> bool:
    """Whether the value is of the schema's type, or the options', and one of the options."""
    name = schema.get("type")
    wanted = types.get(name) if isinstance(name, str) else None
    if name == "tuple" and isinstance(value, tuple):
        value = list(cast("tuple[object, ...]", value))
    if wanted is float and type(value) is int:
        value = float(value)
    if wanted is None:
        return _equal(value, options, type(value), None)
    items = schema.get("items")
    inner = types.get(str(cast("dict[str, Any]", items).get("type"))) if isinstance(items, dict) else None
    fit = _fit(value, options, wanted, inner if name in LISTS else None)
    return fit.fits and (value in options if fit.variable else _equal(value, options, wanted, inner))


def _fit(value: object, options: Sequence[JsonValue], wanted: type, inner: type | None) -> Fit:
    sample = next((type(option) for option in options if option != OPTIONAL), None)
    variable = sample is not None and sample is not wanted
    if type(value) is wanted:
        if inner is None:
            return Fit(fits=True, variable=variable)
        elements = cast("list[object]", value)
        return Fit(any(_all_fit(elements, option, inner) for option in options), variable)
    return Fit(sample is not None and type(value) is sample, variable=True)


def _all_fit(elements: Sequence[object], option: JsonValue, inner: type) -> bool:
    return not isinstance(option, list) or all(_fit(each, option, inner, None).fits for each in elements)


def _equal(value: object, options: Sequence[JsonValue], wanted: type, inner: type | None) -> bool:
    if wanted is dict:
        return any(_object_permitted(value, option) for option in options)
    if wanted is list and inner is dict:
        return any(_objects_permitted(cast("list[object]", value), option) for option in options)
    if wanted is str:
        return _plain(value) in [_plain(option) for option in options if isinstance(option, str)]
    if wanted is list:
        plain = [_plain(each) for each in cast("list[object]", value)]
        return plain in [[_plain(each) for each in option] for option in options if isinstance(option, list | str)]
    return value in options


def _object_permitted(value: object, option: JsonValue) -> bool:
    """The option names each field with its permitted values."""
    if not isinstance(value, dict) or not isinstance(option, dict):
        return False
    fields = cast("dict[str, object]", value)
    for name, given in fields.items():
        choices = option.get(name)
        if not isinstance(choices, list) or _plain(given) not in [_plain(each) for each in choices]:
            return False
    return all(
        name in fields or (isinstance(choices, list) and OPTIONAL in choices) for name, choices in option.items()
    )


def _objects_permitted(values: Sequence[object], option: JsonValue) -> bool:
    """In the option's order."""
    options: Sequence[JsonValue] = [] if option == OPTIONAL else cast("list[JsonValue]", option)
    return (
        isinstance(option, list | str)
        and len(values) == len(options)
        and all(_object_permitted(value, each) for value, each in zip(values, options, strict=True))
    )


def _plain(value: object) -> object:
    """A text as it is compared; any other value as it is."""
    return NOT_COMPARED.sub("", value).lower().replace("'", '"') if isinstance(value, str) else value
