"""A JSON body with templates in its strings.

Only text inside JSON strings is rendered, and what is rendered stays inside its string: a question with quotes, braces
or `{{7*7}}` arrives as it is and cannot add a field. A string that is nothing but `{{ messages }}` becomes the value
itself, here a list.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue

from adapters.templates.sandbox import TextTemplate
from core.errors import InvalidInput

ALONE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
Render = Callable[[Mapping[str, Any]], JsonValue]


class JsonTemplate:
    """Compiled once. Names outside `variables` are refused where a string is nothing but that name."""

    def __init__(self, body: JsonValue, *, variables: frozenset[str]) -> None:
        """Raises ValueError for a template that does not parse."""
        self._variables = variables
        try:
            self._render = self._compiled(body)
        except InvalidInput as error:
            raise ValueError(str(error)) from error

    def render(self, values: Mapping[str, Any]) -> JsonValue:
        """Raises InvalidInput when a template fails on these values."""
        return self._render(values)

    def _compiled(self, node: JsonValue) -> Render:
        match node:
            case str() if "{" in node:
                return self._text(node)
            case list():
                items = [self._compiled(item) for item in node]
                return lambda values: [item(values) for item in items]
            case dict():
                fields = {name: self._compiled(value) for name, value in node.items()}
                return lambda values: {name: value(values) for name, value in fields.items()}
            case _:
                return lambda values: node

    def _text(self, source: str) -> Render:
        alone = ALONE.fullmatch(source.strip())
        if alone is None:
            return TextTemplate(source).render
        name = alone[1]
        if name not in self._variables:
            raise ValueError(f"{name!r} is no variable of a body; there are {', '.join(sorted(self._variables))}")
        return lambda values: values[name]
