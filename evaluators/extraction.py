"""Finding the answer in a reply: shared by every evaluator that compares an answer with what is expected.

A reply is prose; the answer is a span of it. Candidates are tried in this order: what the patterns capture, what
follows a marker (`####`, `the answer is`, `\\boxed{`), then what `otherwise` names.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, TypeVar

from pydantic import Field

from core.plugins import SettingsPart
from evaluators.patterns import RegularExpression, captured, compiled, matches

EMPHASIS = re.compile(r"(?<![\w)*])\*\*([^*\n]{1,2000})\*\*(?![\w(*])")
THINKING_ENDS = "</think>"
EXCERPT = 500

T = TypeVar("T")

Occurrence = Literal["first", "last"]


class Extraction(SettingsPart):
    """Where in a reply the answer stands."""

    patterns: tuple[RegularExpression, ...] = Field(default=(), max_length=20)
    """Regular expressions tried in order; the group named `answer`, else the first group, else the match."""
    after: tuple[str, ...] = Field(default=(), max_length=20)
    """Markers tried in order; the answer is the rest of the line behind one (inside the braces for `\\boxed{`).
    A marker with a capital letter must match exactly, others in any case."""
    occurrence: Occurrence = "last"
    """Which match of a pattern or marker counts."""
    stop: tuple[str, ...] = Field(default=(), max_length=20)
    """The reply is cut before the first of these: where a model goes on to invent the next question."""
    otherwise: Literal["whole", "last_line", "nothing"] = "whole"
    """What is taken when neither a pattern nor a marker is found."""
    drop_thinking: bool = True
    """Ignore everything up to the last `</think>`."""
    drop_emphasis: bool = True
    """Read `**word**` as `word`."""

    def candidates(self, reply: str) -> Iterator[str]:
        """Spans that may hold the answer, the likeliest first. Raises TooSlow."""
        text = self.prepared(reply)
        for pattern in self.patterns:
            if found := chosen(list(matches(compiled(pattern), text)), self.occurrence):
                yield captured(found).strip()
        folded = text.lower() if self.after else ""
        for marker in self.after:
            if marker.lower() in folded and (span := _behind(marker, text, self.occurrence)) is not None:
                yield span
        if self.otherwise == "whole":
            yield text.strip()
        elif self.otherwise == "last_line":
            yield text.strip().rpartition("\n")[2].strip()

    def first(self, reply: str) -> str | None:
        """The likeliest span that is not empty; None when there is none. Raises TooSlow."""
        return next((span for span in self.candidates(reply) if span), None)

    def prepared(self, reply: str) -> str:
        """The part of the reply that is looked at."""
        text = reply.rpartition(THINKING_ENDS)[2] if self.drop_thinking and THINKING_ENDS in reply else reply
        cuts = [at for stop in self.stop if (at := text.find(stop)) >= 0]
        text = text[: min(cuts)] if cuts else text
        return EMPHASIS.sub(r"\1", text) if self.drop_emphasis and "**" in text else text


def excerpt(answer: str) -> str:
    """The answer as a verdict shows it: at most 500 characters."""
    return answer if len(answer) <= EXCERPT else answer[: EXCERPT - 1] + "…"


def chosen(found: Sequence[T], occurrence: Occurrence) -> T | None:
    """The first or the last of what was found; None of nothing."""
    if not found:
        return None
    return found[0] if occurrence == "first" else found[-1]


def _behind(marker: str, text: str, occurrence: Occurrence) -> str | None:
    """What follows the marker: the rest of its line, or the next line that says something."""
    found = chosen(list(_marker(marker).finditer(text)), occurrence)
    if found is None:
        return None
    rest = text[found.end() :]
    if marker.endswith("{"):
        return _within_braces(rest)
    return rest.lstrip().partition("\n")[0].strip()


@lru_cache(maxsize=512)
def _marker(marker: str) -> re.Pattern[str]:
    exactly = any(character.isupper() for character in marker)
    boundary = r"(?<!\w)" if marker[:1].isalnum() else ""
    return re.compile(boundary + re.escape(marker), 0 if exactly else re.IGNORECASE)


def _within_braces(text: str) -> str:
    depth = 1
    for at, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if not depth:
            return text[:at].strip()
    return text.partition("\n")[0].strip()
