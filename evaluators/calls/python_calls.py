"""Calls of functions written as Python, read without running anything: `[area(base=10, height=5), stop()]`."""

import ast
import warnings
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

LONGEST = 20_000
LARGEST = 10**300
LARGEST_EXPONENT = 64
ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda first, second: first + second,
    ast.Sub: lambda first, second: first - second,
    ast.Mult: lambda first, second: first * second,
    ast.Div: lambda first, second: first / second,
    ast.FloorDiv: lambda first, second: first // second,
    ast.Mod: lambda first, second: first % second,
    ast.Pow: lambda first, second: first**second,
}


class Call(NamedTuple):
    name: str
    arguments: object
    """Values of JSON, tuples and Python's other literals by name; if no mapping, what the agent wrote instead."""

    @property
    def given(self) -> dict[str, object] | None:
        """The arguments by name; None where there is no mapping."""
        arguments = self.arguments
        return cast("dict[str, object]", arguments) if isinstance(arguments, dict) else None

    def __str__(self) -> str:
        if self.given is None:
            return f"{self.name}({self.arguments})"
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.given.items())})"


class NoCalls(Exception):
    """The text is no list of calls."""


def python_calls(text: str) -> list[Call]:
    """The calls, brackets around them or not; positional arguments count for nothing. Raises NoCalls."""
    text = text.strip().strip("'")
    text = ("" if text.startswith("[") else "[") + text + ("" if text.endswith("]") else "]")
    if len(text) > LONGEST:
        raise NoCalls(f"it has more than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text, mode="eval").body
        if isinstance(body, ast.List):
            return [_call(each) for each in body.elts]
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise NoCalls(f"it is not Python: {error}") from error
    raise NoCalls("it is no list")


def _call(node: ast.expr) -> Call:
    if not isinstance(node, ast.Call):
        raise NoCalls("there is something else than calls")
    return Call(_name(node.func), {each.arg or "**": _value(each.value) for each in node.keywords})


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_name(value)}.{name}"
        case _:
            raise NoCalls("something is called that has no name")


def _value(node: ast.expr) -> object:
    """Values as they are, sums worked out; a variable is its name, and any other expression its text."""
    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.List(elts=elements):
            return [_value(each) for each in elements]
        case ast.Tuple(elts=elements):
            return tuple(_value(each) for each in elements)
        case ast.Dict(keys=keys, values=values):
            return {_key(key): _value(value) for key, value in zip(keys, values, strict=True)}
        case ast.BinOp() | ast.UnaryOp():
            return _number(node)
        case ast.Name(id=name):
            return name
        case ast.Call(keywords=[_, *_]):
            call = _call(node)
            return {call.name: call.arguments}
        case ast.Call() | ast.Subscript():
            return ast.unparse(node)
        case _:
            raise NoCalls(f"an argument is no value but {type(node).__name__}")


def _key(node: ast.expr | None) -> str:
    match node:
        case ast.Constant(value=str() | int() as value):
            return str(value)
        case ast.Name(id=name):
            return name
        case _:
            raise NoCalls("a key of a dictionary is no text")


def _number(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _bounded(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _number(operand)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in ARITHMETIC:
            first, second = _number(left), _number(right)
            if isinstance(sign, ast.Pow) and abs(second) > LARGEST_EXPONENT:
                raise NoCalls("an exponent is too large")
            return _bounded(ARITHMETIC[type(sign)](first, second))
        case _:
            raise NoCalls("an operator has something else than numbers")


def _constant(value: object) -> object:
    if isinstance(value, int | float):
        return _bounded(value)
    return "..." if value is ... else value


def _bounded(value: float) -> float:
    if isinstance(value, complex) or abs(value) > LARGEST:
        raise NoCalls("a number is too large, or not real")
    return value
