"""The demo's agent of another kind: a few rules in plain Python, no model. What it has no rule for it does not answer.

Named in `cli/demo.yaml` as the callable `cli.demo_agent:solve`.
"""

import math
import re

UNKNOWN = "I have no rule for this."


def solve(question: str) -> str:
    """The answer to a question that one of the rules knows, else a sentence that admits it."""
    for rule in (greatest_common_divisor, letters, chain_of_sums, next_of_a_line):
        answer = rule(question)
        if answer is not None:
            return answer
    return UNKNOWN


def greatest_common_divisor(question: str) -> str | None:
    if "Greatest Common Divisor" not in question:
        return None
    return str(math.gcd(*(int(number) for number in re.findall(r"\d+", question))))


def letters(question: str) -> str | None:
    """How often a letter appears in a quoted text."""
    asked = re.search(r'letter "(.)" appear in the text: "(.*)"', question, re.DOTALL)
    return str(asked[2].lower().count(asked[1].lower())) if asked else None


def chain_of_sums(question: str) -> str | None:
    """`4 - 1 + 12 =`: from left to right."""
    asked = re.search(r"(-?\d+(?: [+-] -?\d+)+) =", question)
    if asked is None:
        return None
    first, *rest = asked[1].split()
    total = int(first)
    for sign, number in zip(rest[::2], rest[1::2], strict=True):
        total += int(number) if sign == "+" else -int(number)
    return str(total)


def next_of_a_line(question: str) -> str | None:
    """`1, 3, 5, ?`: as far again as the last step; often wrong, since few sequences are lines."""
    asked = re.search(r"(-?\d+), (-?\d+), \?", question)
    return str(2 * int(asked[2]) - int(asked[1])) if asked else None
