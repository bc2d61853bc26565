"""Which texts are plain data or plain algebra, and nothing that could act.

Some verifiers hand an answer to `eval` or to sympy's parser, which evaluates Python. What an agent wrote must pass
here first: literals and lists for the one, arithmetic over known names with small powers for the other.
"""

import ast

LONGEST = 2000
LARGEST_EXPONENT = 64
LARGEST_NUMBER = 10**30
TRIGONOMETRY = frozenset(["sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan"])
HYPERBOLIC = frozenset(["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"])
OTHERS = frozenset(["sqrt", "cbrt", "exp", "log", "ln", "Abs", "abs", "erf", "factorial", "Rational", "Integer"])
FUNCTIONS = TRIGONOMETRY | HYPERBOLIC | OTHERS
CONSTANTS = frozenset({"pi", "E", "I", "oo"})
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
BITWISE = (ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)


def is_literal(text: str) -> bool:
    """Numbers, strings and lists of them."""
    tree = _parsed(text)
    return tree is not None and all(
        isinstance(node, ast.Expression | ast.List | ast.Tuple | ast.Load | ast.UnaryOp | ast.USub)
        or (isinstance(node, ast.Constant) and isinstance(node.value, int | float | str))
        for node in ast.walk(tree)
    )


def is_algebra(text: str) -> bool:
    """Arithmetic over one-letter symbols and common functions; powers with small constant exponents."""
    tree = _parsed(text)
    return tree is not None and _is_algebra(tree.body)


def is_bitwise(text: str) -> bool:
    """Arithmetic and shifts over whole numbers."""
    tree = _parsed(text)
    return tree is not None and _is_bitwise(tree.body)


def _parsed(text: str) -> ast.Expression | None:
    if len(text) > LONGEST or "\n" in text.strip():
        return None
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_algebra(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=int() | float() as value):
            return not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
        case ast.Name(id=name):
            return name in CONSTANTS or (len(name) == 1 and name.isalpha())
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            return _is_algebra(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _is_algebra(left) and _nests_no_power(left) and _is_exponent(right)
        case ast.BinOp(left=left, op=op, right=right):
            return isinstance(op, OPERATORS) and _is_algebra(left) and _is_algebra(right)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return name in FUNCTIONS and (name != "factorial" or _is_small(args)) and all(map(_is_algebra, args))
        case _:
            return False


def _is_exponent(node: ast.expr) -> bool:
    """A small number, or anything with a symbol in it, as `exp` and `x**(n+1)` need."""
    if any(isinstance(part, ast.Pow) for part in ast.walk(node)) or not _is_algebra(node):
        return False
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - FUNCTIONS - CONSTANTS
    numbers = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    small = all(isinstance(number, int | float) and abs(number) <= LARGEST_EXPONENT for number in numbers)
    multiplies = any(isinstance(part, ast.Mult) for part in ast.walk(node))
    return small and (bool(names) or not multiplies)


def _nests_no_power(node: ast.expr) -> bool:
    return sum(isinstance(part, ast.Pow) for part in ast.walk(node)) <= 1


def _is_small(args: list[ast.expr]) -> bool:
    match args:
        case [ast.Constant(value=int() as value)]:
            return 0 <= value <= LARGEST_EXPONENT
        case _:
            return False


def _is_bitwise(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=int()):
            return True
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert(), operand=operand):
            return _is_bitwise(operand)
        case ast.BinOp(left=left, op=ast.LShift(), right=ast.Constant(value=int() as shift)):
            return shift <= 1024 and _is_bitwise(left)
        case ast.BinOp(left=left, op=op, right=right):
            return (
                isinstance(op, (ast.Add, ast.Sub, ast.Mult, *BITWISE))
                and not isinstance(op, ast.LShift)
                and _is_bitwise(left)
                and _is_bitwise(right)
            )
        case _:
            return False
