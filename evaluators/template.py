"""The evaluator `regex`: a template of regular expressions finds the answer, and a rule compares it."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import regex
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from core.cases import Case, Reply
from core.errors import CannotJudge, listed
from core.plugins import Plugin, PluginSettings
from core.verdicts import Scored
from evaluators.expectation import References, field_of, text_of
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


class TemplateSettings(PluginSettings, References):
    patterns: tuple[TemplatePattern, ...] = Field(min_length=1, max_length=20)
    """Tried in order; the first that matches decides. `{expected}` stands for the case's expected answer, or for any of
    several right ones."""
    group: int | str | None = None
    """The group that captures the answer; by default the one named `answer`, else the first, else the match."""
    groups: dict[str, str] = Field(default_factory=dict[str, str], max_length=20)
    """Instead: what several named groups capture must meet these metadata fields, each by the rule of `compare`."""
    occurrence: Occurrence = "last"
    """Which match counts where a pattern matches several times."""
    ignore_case: bool = False
    """While searching; for comparing there is `compare`."""
    compare: Literal["exact", "ignore_case", "numeric", "choice", "match"] = "exact"
    """How the answer meets the expected one; `match`: it is enough that a pattern matches."""
    drop_thinking: bool = True
    """Ignore everything up to the last `</think>`."""

    @model_validator(mode="after")
    def _captures_the_groups(self) -> "TemplateSettings":
        for pattern in self.patterns if self.groups else ():
            if lacking := self.groups.keys() - compiled(pattern.replace(PLACE, "x")).groupindex.keys():
                raise ValueError(f"the pattern {pattern!r} has no group named {sorted(lacking)[0]!r}")
        return self


class Template:
    def __init__(self, settings: TemplateSettings) -> None:
        self._settings = settings
        self._reading = Extraction(drop_thinking=settings.drop_thinking, drop_emphasis=False)

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        text = self._reading.prepared(reply.text)
        references = self._settings.references(case) if self._needs_references else ()
        found = next((match for each in self._settings.patterns if (match := self._find(each, references, text))), None)
        if found is None:
            return Scored(value=0, reason="no pattern matched")
        if self._settings.groups:
            return self._slots(case, found)
        answer = _captured(found, self._settings.group)
        right = self._settings.compare == "match" or any(self._meets(answer, each) for each in references)
        return Scored(value=float(right), answer=excerpt(answer))

    @property
    def _needs_references(self) -> bool:
        compares = self._settings.compare != "match" and not self._settings.groups
        return compares or any(PLACE in pattern for pattern in self._settings.patterns)

    def _slots(self, case: Case, found: regex.Match[str]) -> Scored:
        """Every group against its field."""
        said = {group: _captured(found, group) for group in self._settings.groups}
        wanted = {group: text_of(field_of(case, field)) for group, field in self._settings.groups.items()}
        wrong = [group for group, answer in said.items() if not self._meets(answer, wanted[group])]
        return Scored(
            value=float(not wrong),
            answer=excerpt(found.group().strip()),
            reason=f"{listed(wrong)}: not what was wanted" if wrong else None,
            details={group: excerpt(answer) for group, answer in said.items()},
        )

    def _meets(self, answer: str, reference: str) -> bool:
        compare = self._settings.compare
        return compare == "match" or COMPARISONS[compare](answer, reference)

    def _find(self, pattern: str, references: Sequence[str], text: str) -> regex.Match[str] | None:
        escaped = [regex.escape(each.strip()) for each in references]
        filled = pattern.replace(PLACE, escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})")
        every = matches(compiled(filled, ignore_case=self._settings.ignore_case), text)
        return chosen(list(every), self._settings.occurrence)


def _captured(found: regex.Match[str], group: int | str | None) -> str:
    try:
        return captured(found, group).strip()
    except IndexError as error:
        raise CannotJudge(f"The pattern {found.re.pattern!r} has no group {group!r}.") from error


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
