"""Templates of users, compiled once and rendered within bounds."""

import functools
from collections.abc import Mapping
from typing import Any, cast

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from adapters.templates import budget
from adapters.templates.filters import FILTERS, shown
from adapters.templates.grammar import Grammar
from core.errors import InvalidInput

LONGEST_SOURCE = 64 * 1024
LONGEST_OUTPUT = 1024 * 1024
"""Characters one rendering may make."""
LONGEST_RANGE = 10_000

RENDERING = (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)
"""What an expression that does not suit its data raises, besides Jinja's own errors."""


class TextTemplate:
    """A compiled template. Thread-safe."""

    def __init__(self, source: str, *, pointer: str = "") -> None:
        """Raises InvalidInput, with `pointer`, for a template that does not parse or says what it may not."""
        self.source = source
        self._pointer = pointer
        if len(source) > LONGEST_SOURCE:
            raise InvalidInput(f"A template has at most {LONGEST_SOURCE} characters.", pointer=pointer)
        try:
            self._template = _environment().from_string(source)
            parsed = _environment().parse(source)
            self._parts = _simple_parts(parsed)
            self.names = frozenset(find_undeclared_variables(parsed))
            """The variables it asks for."""
        except TemplateSyntaxError as error:
            raise InvalidInput(
                f"The template does not parse: {str(error.message).rstrip('.')} (its line {error.lineno}).",
                pointer=pointer,
            ) from error
        except (TemplateError, *RENDERING) as error:
            raise InvalidInput(f"The template does not compile: {reason(error)}.", pointer=pointer) from error
        except (SyntaxError, MemoryError) as error:
            raise InvalidInput("The template does not compile: it is nested too deeply.", pointer=pointer) from error

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text. Raises InvalidInput for what the variables do not allow, and past the bounds."""
        parts: list[str] = []
        left = LONGEST_OUTPUT
        filled = self._filled(variables)
        if filled is None:
            budget.start()
        try:
            for part in self._template.generate(variables) if filled is None else filled:
                left -= len(part)
                if left < 0:
                    raise SecurityError(f"its text grows past {LONGEST_OUTPUT} characters")
                parts.append(part)
        except (TemplateError, *RENDERING) as error:
            raise InvalidInput(f"The template fails: {reason(error)}.", pointer=self._pointer) from error
        return "".join(parts)

    def _filled(self, variables: Mapping[str, Any]) -> list[str] | None:
        """The text's parts when the template is nothing but text and names of texts: ten times as fast."""
        if self._parts is None:
            return None
        values = [part if text else variables.get(part) for part, text in self._parts]
        return cast("list[str]", values) if all(isinstance(value, str) for value in values) else None


def _simple_parts(template: nodes.Template) -> list[tuple[str, bool]] | None:
    """Literal texts (True) and names (False) in order; None when there is more to it."""
    parts: list[tuple[str, bool]] = []
    for output in template.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            match node:
                case nodes.TemplateData(data=text):
                    parts.append((text, True))
                case nodes.Name(name=name):
                    parts.append((name, False))
                case _:
                    return None
    return parts


class _Environment(SandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "%"})

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        Grammar().visit(template)
        return template

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        budget.tick()
        if operator == "%" and isinstance(left, str):
            raise SecurityError("% does not format text here; use ~ and filters")
        if operator == "*":
            for sequence, times in ((left, right), (right, left)):
                if isinstance(times, int) and isinstance(sequence, (str, list, tuple)):
                    budget.weight(sequence, budget.LARGEST_VALUE // max(times, 1))  # type: ignore[arg-type]
        return budget.weighed(super().call_binop(context, operator, left, right))


def bounded_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > LONGEST_RANGE:
        raise SecurityError(f"range() goes to {LONGEST_RANGE} at most")
    return numbers


@functools.cache
def _environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, autoescape=False, finalize=shown, cache_size=0)
    environment.filters = dict(FILTERS)  # type: ignore[assignment]
    environment.globals = {"range": bounded_range}  # type: ignore[assignment]
    return environment


def reason(error: Exception) -> str:
    """What went wrong, without a full stop, for the end of a sentence."""
    match error:
        case TemplateError():
            return str(error.message).rstrip(".")
        case KeyError():
            return f"there is no {error}"
        case _:
            return str(error).rstrip(".") or type(error).__name__
