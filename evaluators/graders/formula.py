"""Arithmetic over the scores of named graders: `0.7 * meaning + 0.3 * form`."""

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final

LONGEST: Final = 2000
DEEPEST: Final = 100
"""Operations within one another; a sum of so many terms is one."""
OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
    ast.Pow: lambda one, other: math.pow(one, other),
}
FUNCTIONS: Final[Mapping[str, Callable[..., float]]] = {
    "min": lambda *each: min(each),
    "max": lambda *each: max(each),
    "abs": math.fabs,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}


class Formula:
    """Raises ValueError for what is no arithmetic, or nests too deep; `names` are the graders it names."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError(f"a formula has at most {LONGEST} characters")
        try:
            # `^` is the power, as in mathematics.
            self._tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise ValueError(f"the formula {text!r} cannot be read; write `0.5 * first + 0.5 * second`") from error
        self.names = frozenset(_names(self._tree, DEEPEST))

    def of(self, scores: Mapping[str, float]) -> float:
        """Raises ArithmeticError and ValueError for what has no value, such as a division by 0."""
        return _value(self._tree, scores)


def _names(node: ast.expr, deeper: int) -> Iterator[str]:
    if deeper < 0:
        raise ValueError(f"a formula nests {DEEPEST} operations at most; write a shorter one")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return
        case ast.Name(id=name):
            yield name
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            yield from _names(operand, deeper - 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield from _names(left, deeper - 1)
            yield from _names(right, deeper - 1)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS and args:
            for each in args:
                yield from _names(each, deeper - 1)
        case _:
            raise ValueError(f"a formula has names, numbers, + - * / ^ and {', '.join(FUNCTIONS)}")


def _value(node: ast.expr, scores: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=value):
            return float(str(value))
        case ast.Name(id=name):
            return scores[name]
        case ast.UnaryOp(op=op, operand=operand):
            value = _value(operand, scores)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left, scores), _value(right, scores))
        case ast.Call(func=ast.Name(id=name), args=args):
            try:
                return float(FUNCTIONS[name](*(_value(each, scores) for each in args)))
            except TypeError as error:
                raise ValueError(f"{name} does not take {len(args)} numbers") from error
        case _:
            raise AssertionError("the names were looked for first")
