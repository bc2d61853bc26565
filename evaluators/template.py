"""The evaluator `regex`: a template of regular expressions finds the answer, and a rule compares it."""

from collections.abc import Callable
from typing import Annotated, Literal

import regex
from pydantic import AfterValidator, Field, StringConstraints

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import expected_of
from evaluators.extraction import Extraction, Occurrence, chosen, excerpt
from evaluators.letters import ALPHABET, Options, named_letter
from evaluators.normalization import trimmed
from evaluators.numbers import first_number
from evaluators.patterns import captured, compiled, compiling, matches

PLACE = "{expected}"
CLOSE = 1e-9


def _compiles(pattern: str) -> str:
    compiling(pattern.replace(PLACE, "x"))
    return pattern


TemplatePattern = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_compiles)]
"""A regular expression once `{expected}` is filled in; `^` and `$` match at line ends."""


class TemplateSettings(PluginSettings):
    patterns: tuple[TemplatePattern, ...] = Field(min_length=1, max_length=20)
    """Tried in order; the first that matches decides. `{expected}` stands for the case's expected answer."""
    group: int | str | None = None
    """The group that captures the answer; by default the one named `answer`, else the first, else the match."""
    occurrence: Occurrence = "last"
    """Which match counts where a pattern matches several times."""
    ignore_case: bool = False
    """While searching; for comparing there is `compare`."""
    compare: Literal["exact", "ignore_case", "numeric", "choice", "match"] = "exact"
    """How the answer meets the expected one; `match`: it is enough that a pattern matches."""
    drop_thinking: bool = True
    """Ignore everything up to the last `</think>`."""


class Template:
    def __init__(self, settings: TemplateSettings) -> None:
        self._settings = settings
        self._reading = Extraction(drop_thinking=settings.drop_thinking, drop_emphasis=False)

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        text = self._reading.prepared(reply.text)
        expected = "" if self._settings.compare == "match" and not self._places else expected_of(case)
        answer = next((found for each in self._settings.patterns if (found := self._find(each, expected, text))), None)
        if answer is None:
            return Scored(value=0, reason="no pattern matched")
        right = self._settings.compare == "match" or COMPARISONS[self._settings.compare](answer, expected)
        return Scored(value=float(right), answer=excerpt(answer))

    @property
    def _places(self) -> bool:
        return any(PLACE in pattern for pattern in self._settings.patterns)

    def _find(self, pattern: str, expected: str, text: str) -> str | None:
        filled = pattern.replace(PLACE, regex.escape(expected.strip()))
        found = chosen(
            list(matches(compiled(filled, ignore_case=self._settings.ignore_case), text)), self._settings.occurrence
        )
        if found is None:
            return None
        try:
            return captured(found, self._settings.group).strip()
        except IndexError as error:
            raise CannotJudge(f"The pattern {pattern!r} has no group {self._settings.group!r}.") from error


def _exact(answer: str, expected: str) -> bool:
    return trimmed(answer, "period") == trimmed(expected, "period")


def _ignoring_case(answer: str, expected: str) -> bool:
    return _exact(answer.casefold(), expected.casefold())


def _numeric(answer: str, expected: str) -> bool:
    left, right = first_number(answer), first_number(expected)
    if right is None:
        raise CannotJudge(f"The expected answer {expected!r} is no number.")
    return left is not None and abs(left.value - right.value) <= CLOSE * abs(right.value)


def _choice(answer: str, expected: str) -> bool:
    def letter(text: str) -> str | None:
        return named_letter(text, Options(ALPHABET), ("alone", "leading", "bracketed"))

    right = letter(expected)
    if right is None:
        raise CannotJudge(f"The expected answer {expected!r} names no option letter.")
    return letter(answer) == right


COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "exact": _exact,
    "ignore_case": _ignoring_case,
    "numeric": _numeric,
    "choice": _choice,
}

plugin = Plugin(TemplateSettings, Template, version="1", summary="Regular expressions find the answer.")
