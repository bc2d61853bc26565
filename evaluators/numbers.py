"""Numbers as people and models write them: `1,234.50`, `$18`, `-3/4`, `2 1/2`, `6.02e23`, `\\frac{1}{2}`.

Values are exact fractions, so that 0.1 + 0.2 and 123456789012345678 compare as they read.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

from evaluators.lookalikes import DASHES, PLAIN, THIN_SPACES, TIMES

DIGITS = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)|\d+)(?:\.\d+)?|\.\d+"
NUMBER = re.compile(
    rf"""
    (?P<sign>(?<![\w)\]}}])[-+](?=[\d.$€£¥₹])|(?<==\s)-\s)?  (?:[$€£¥₹]\s?)?  (?P<inner>(?<=[$€£¥₹])-)?
    (?:
        (?P<whole>\d{{1,9}})[ ]+(?P<part>\d{{1,9}})/(?P<of>\d{{1,9}})(?![\d/])
      | (?<!/)(?P<numerator>{DIGITS})\s?/\s?(?P<denominator>{DIGITS})(?![\d/])
      | (?P<number>{DIGITS})
        (?: [eE](?P<exponent>[-+]?\d{{1,4}})(?!\w)
          | \s?[{TIMES}x*]\s?10\s?\^\s?(?P<power>-?\d{{1,4}})
        )?
    )
    (?P<percent>\s?%)?
    """,
    re.VERBOSE | re.ASCII,
)
TERM = r"(?:(?!\.\s)[^\n=;:!?]){0,80}"
CALCULATION = re.compile(rf"{TERM}?(?:[-+*/{TIMES}÷^]|(?<!\w)x(?!\w)){TERM}=\s*")
DIVIDED = re.compile(r"\s*=\s*")
REASONS = re.compile(r"\b(because|since|as|so|for|where)\b", re.IGNORECASE)
DASH = re.compile(rf"(?<![\w)])[{DASHES}](?=\$?\d)")
THIN_SPACE = re.compile(rf"(?<=\d)[{THIN_SPACES}](?=\d{{3}}(?!\d))")
LATEX = (
    (re.compile(r"\\[dt]?frac\s*\{([^{}]{1,40})\}\s*\{([^{}]{1,40})\}"), r"\1/\2"),
    (re.compile(r"\\times|\\cdot"), "*"),
    (re.compile(r"\{,\}|\\,(?=\d)|\\!(?=\d)|\\!,"), ","),
    (re.compile(r"\^\{(-?\d+)\}"), r"^\1"),
    (re.compile(r"\\([$%])"), r"\1"),
)
LONGEST = 400
"""Digits of a number; what is longer is no answer, and would cost time."""
TAILS = (2_000, 20_000)
"""Characters from the end in which a last number is looked for: further up it answers nothing."""

UNIT_REACH = 60

DecimalSign = Literal[".", ","]


class Number(NamedTuple):
    value: Fraction
    text: str
    percent: bool
    end: int
    behind: str
    """What is written behind it, as far as a unit may reach."""


def readable(text: str, decimal: DecimalSign = ".") -> str:
    """The text with every way to write a number reduced to the plain one."""
    if not text.isascii():
        text = THIN_SPACE.sub(",", DASH.sub("-", text.translate(PLAIN)))
    if "\\" in text or "{," in text:
        for pattern, plain in LATEX:
            text = pattern.sub(plain, text)
    return text.translate(str.maketrans(".,", ",.")) if decimal == "," else text


def first_number(text: str, decimal: DecimalSign = ".") -> Number | None:
    """The number a statement begins with; of a calculation (`16 - 7 = 9`) its result."""
    text = readable(text, decimal)
    number = next(_numbers(text), None)
    while number and (result := _result(text, number)):
        number = result
    return number


def last_number(text: str, decimal: DecimalSign = ".", reach: Callable[[str], int] = lambda behind: 0) -> Number | None:
    """The last number of the text, within its last 20,000 characters.

    `reach` tells how much of what stands behind a number belongs to it: the power in `5 m^2` is no number of its own.
    """
    for length in TAILS:
        found = list(_apart(_numbers(readable(_tail(text, length), decimal)), reach))
        if found or length >= len(text):
            return found[-1] if found else None
    return None


def _apart(numbers: Iterable[Number], reach: Callable[[str], int]) -> Iterator[Number]:
    taken = 0
    for number in numbers:
        if number.end - len(number.text) >= taken:
            taken = number.end + reach(number.behind)
            yield number


def _tail(text: str, length: int) -> str:
    """About the last `length` characters, cut where no number stands."""
    if len(text) <= length:
        return text
    cut = max(text.rfind(space, len(text) - 2 * length, len(text) - length) for space in " \n")
    return text[cut + 1 :] if cut >= 0 else text[-length:]


def _result(text: str, number: Number) -> Number | None:
    """What the calculation that begins with this number comes to; None when it begins none."""
    step = CALCULATION.match(text, number.end)
    if step is None and "/" in number.text:
        step = DIVIDED.match(text, number.end)
    if step is None or REASONS.search(step.group()):
        return None
    result = next(_numbers(text, step.end()), None)
    stands_there = result is not None and text[step.end() : result.end].strip() == result.text
    return result if stands_there else None


def _numbers(text: str, start: int = 0) -> Iterator[Number]:
    for match in NUMBER.finditer(text, start):
        value = _value(match)
        if value is not None:
            percent = match["percent"] is not None
            end = match.end()
            yield Number(value, match.group().strip(), percent, end, text[end : end + UNIT_REACH])


def _value(match: re.Match[str]) -> Fraction | None:
    if len(match.group()) > LONGEST:
        return None
    negative = (match["sign"] or "").startswith("-") or match["inner"] is not None
    value = _magnitude(match)
    return -value if negative and value is not None else value


def _magnitude(match: re.Match[str]) -> Fraction | None:
    if match["whole"] is not None:
        return _divided(match["part"], match["of"], plus=int(match["whole"]))
    if match["numerator"] is not None:
        return _divided(match["numerator"], match["denominator"])
    value = _plain(match["number"])
    exponent = int(match["exponent"] or match["power"] or 0)
    if abs(exponent) > LONGEST:
        return None
    return value * Fraction(10) ** exponent if exponent else value


def _divided(above: str, below: str, *, plus: int = 0) -> Fraction | None:
    divisor = _plain(below)
    return _plain(above) / divisor + plus if divisor else None


def _plain(digits: str) -> Fraction:
    digits = digits.replace(",", "")
    return Fraction(int(digits)) if digits.isdecimal() else Fraction(digits)
