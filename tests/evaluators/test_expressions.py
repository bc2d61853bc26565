"""Only plain data and plain algebra reach an evaluating verifier."""

import pytest

from evaluators.expressions import is_algebra, is_bitwise, is_literal

HOSTILE = [
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "open('/etc/passwd').read()",
    "[x for x in (1).__class__.__mro__]",
    "(lambda: 1)()",
    "exec('1')",
    "f'{1}'",
    "x.y",
    "x[0]",
    "1 if 1 else 2",
    "x := 1",
    "print(1)",
    "sqrt(1, evil=2)",
    "",
    "((((" * 500,
    "1+" * 5000 + "1",
]
ENDLESS = [
    "9**9**9",
    "(9**9)**(9**9)",
    "2**(8*8*8*8)",
    "10**1000",
    "factorial(99999)",
    "factorial(x)",
    "((2**60)**60)**60",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_could_act_is_refused(text: str) -> None:
    assert not is_literal(text)
    assert not is_algebra(text)
    assert not is_bitwise(text)


@pytest.mark.parametrize("text", ENDLESS)
def test_what_would_not_end_is_refused(text: str) -> None:
    assert not is_algebra(text)


@pytest.mark.parametrize(
    "text", ["(1 + 2) * 3 / 4", "x**2/2 + C", "-3*x**3 + sin(2*x)*exp(-x)", "exp(2*x)/4", "x*log(x) - x", "2**-1"]
)
def test_algebra_passes(text: str) -> None:
    assert is_algebra(text)


def test_literals_and_shifts_pass() -> None:
    assert is_literal('["a", 1, -2.5, [3]]')
    assert is_bitwise("(0x3a + 0xb1) << 0x2")
    assert not is_bitwise("1 << 99999999")
