"""The filters templates may use: Jinja's own where they cannot blow a value up, bounded ones for the rest."""

import functools
import json
from collections.abc import Callable, Iterable
from typing import Any, cast

from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.filters import FILTERS as JINJA
from jinja2.runtime import Undefined

from adapters.templates.budget import LARGEST_VALUE, each, look, too_large, weighed, weight

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WIDEST_INDENT = 100

FROM_JINJA = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "last", "length",
    "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort",
    "string", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip


def join(values: Iterable[object], separator: str = "", attribute: str | None = None) -> str:
    items = list(values) if attribute is None else [cast("Any", item)[attribute] for item in values]
    parts = [shown(item) for item in items]
    if sum(map(len, parts)) + len(separator) * len(parts) > LARGEST_VALUE:
        raise too_large()
    return str(separator).join(parts)


def replace(value: object, old: object, new: object, count: int | None = None) -> str:
    text, old_text, new_text = shown(value), str(old), str(new)
    times = text.count(old_text) if count is None or count < 0 else count
    if len(text) + len(new_text) * times > LARGEST_VALUE:
        raise too_large()
    return text.replace(old_text, new_text, -1 if count is None else count)


def indent(value: str, width: int = 4, first: bool = False, blank: bool = False) -> str:
    if not 0 <= width <= WIDEST_INDENT:
        raise FilterArgumentError(f"indent takes a width of 0 to {WIDEST_INDENT}")
    margin = " " * width
    lines = str(value).splitlines(keepends=True)
    return "".join(
        margin + line if (index or first) and (blank or line.strip()) else line for index, line in enumerate(lines)
    )


def total(values: Iterable[object]) -> float:
    numbers = list(values)
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise FilterArgumentError("sum takes numbers")
    return sum(cast("list[float]", numbers))


def letter(index: object) -> str:
    """0 is A."""
    number = int(cast("int", index))
    if not 0 <= number < len(LETTERS):
        raise FilterArgumentError(f"letter takes 0 to {len(LETTERS) - 1}, not {number}")
    return LETTERS[number]


def tojson(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def shown(value: Any) -> str:
    """How a value is printed: text as it is, JSON for the rest. Raises SecurityError for functions and the like."""
    match value:
        case str():
            return value
        case bool() | int() | float() | list() | tuple() | dict():
            weight(cast("object", value))
            return json.dumps(value, ensure_ascii=False)
        case None:
            return ""
        case Undefined():
            # A strict one: this says which name is missing.
            return str(value)
        case _:
            if callable(value):
                raise SecurityError("it prints a function; add () to call it")
            return str(value)


def concat(values: list[object]) -> str:
    return join(values)


def bounded(function: Callable[..., object]) -> Callable[..., object]:
    """The filter, with its arguments and its result weighed."""

    @functools.wraps(function)
    def filter_(*arguments: Any, **named: Any) -> object:
        look()
        return weighed(function(*(_plain(argument) for argument in arguments), **named))

    return filter_


def _plain(argument: Any) -> Any:
    # Jinja passes its environment or context first to some filters: those are not values.
    return weighed(cast("object", argument)) if isinstance(argument, Iterable) else argument


OWN: dict[str, Callable[..., object]] = {
    "join": join,
    "replace": replace,
    "indent": indent,
    "sum": total,
    "letter": letter,
    "tojson": tojson,
    "_concat": concat,
    "_weighed": weighed,
}

FILTERS: dict[str, Callable[..., object]] = {
    **{name: bounded(JINJA[name]) for name in FROM_JINJA},
    **{name: bounded(function) for name, function in OWN.items()},
    "_each": each,
}
