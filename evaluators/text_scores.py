"""Evaluators that say how alike an answer and its references are, on a scale from 0 to 1."""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import PluginSettings
from core.verdicts import COUNTS, Counts, Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction
from evaluators.grading import Grading

LONGEST = 50_000
"""Characters of an answer or a reference: some of the measures take time that grows with the product of both."""
NOTHING_COUNTED: Counts = MappingProxyType({})
AS_WRITTEN = Extraction(drop_emphasis=False)


class Likeness(NamedTuple):
    """How well an answer meets its references, 0 to 1, and what was counted of both for figures of a corpus."""

    score: float
    counts: Counts = NOTHING_COUNTED


Score = Callable[[str, Sequence[str]], Likeness]
"""Never called without a reference."""


class TextSettings(PluginSettings, References, Grading):
    extract: Extraction = AS_WRITTEN
    """Where in the reply the answer stands; by default it is the whole reply, as it is written."""


class TextScore:
    """The whole evaluator, given how to score; `prepare` loads what that needs."""

    def __init__(self, settings: TextSettings, score: Score, prepare: Callable[[], object] = lambda: None) -> None:
        self._settings = settings
        self._score = score
        self.prepare = prepare

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        references = self._settings.references(case)
        if max(map(len, references)) > LONGEST:
            raise CannotJudge(f"Case {case.id!r} has a right answer of more than {LONGEST:,} characters.")
        answer = self._settings.extract.first(reply.text)
        if answer is None:
            return Scored(value=0, reason="no answer found", details=self._counted("", references))
        if len(answer) > LONGEST:
            reason = f"the answer has {len(answer):,} characters; at most {LONGEST:,} are compared"
            verdict = self._settings.verdict(0, answer, **self._counted("", references))
            return verdict.model_copy(update={"reason": reason})
        found = self._score(answer, references)
        return self._settings.verdict(found.score, answer, **_told(found.counts))

    def _counted(self, answer: str, references: Sequence[str]) -> dict[str, JsonValue]:
        """Of an answer that is not compared: a corpus holds it as it is."""
        return _told(self._score(answer, references).counts)


def _told(counts: Counts) -> dict[str, JsonValue]:
    return {COUNTS: dict(counts)} if counts else {}


def best(score: Callable[[str, str], float]) -> Score:
    """The score of the reference that the answer meets best."""
    return lambda answer, references: Likeness(max(score(answer, reference) for reference in references))
