"""Regular expressions that people write: compiled once, searched under a time limit.

A pattern from a benchmark definition may backtrack for ever on the wrong answer, so every search has a budget.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

import regex
from pydantic import AfterValidator, StringConstraints

from core.errors import CannotJudge

SEARCH_BUDGET_S = 0.25
"""Longest search of one pattern over one answer: nothing else is judged meanwhile."""

Compiled = regex.Pattern[str]


class TooSlow(CannotJudge):
    """A pattern needed more than its budget: the pattern's fault, not the agent's."""


def compiling(pattern: str) -> str:
    """The pattern itself. Raises ValueError, which pydantic reports, when it does not compile."""
    try:
        compiled(pattern)
    except regex.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return pattern


@lru_cache(maxsize=512)
def compiled(pattern: str, *, ignore_case: bool = False, by_line: bool = True) -> Compiled:
    """The pattern; with `by_line`, `^` and `$` match at line ends."""
    return regex.compile(pattern, (regex.MULTILINE if by_line else 0) | (regex.IGNORECASE if ignore_case else 0))


RegularExpression = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(compiling)]
"""A pattern that compiles; `^` and `$` match at line ends."""


def matches(pattern: Compiled, text: str) -> Iterator[regex.Match[str]]:
    """Every match in order. Raises TooSlow when the search exceeds its budget."""
    try:
        yield from pattern.finditer(text, timeout=SEARCH_BUDGET_S)
    except TimeoutError as error:
        raise TooSlow(
            f"The pattern {pattern.pattern!r} took longer than {SEARCH_BUDGET_S} s on this answer; "
            "write it without nested repetition."
        ) from error


def captured(match: regex.Match[str], group: int | str | None = None) -> str:
    """The named group `answer`, else the asked or first group, else the whole match."""
    if group is not None:
        return match.group(group) or ""
    if "answer" in match.re.groupindex:
        return match.group("answer") or ""
    return next((part for part in match.groups() if part is not None), match.group())
