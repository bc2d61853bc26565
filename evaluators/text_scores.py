"""Evaluators that say how alike an answer and its references are, on a scale from 0 to 1."""

from collections.abc import Callable, Sequence

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import PluginSettings
from core.verdicts import Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction
from evaluators.grading import Grading

LONGEST = 50_000
"""Characters of an answer or a reference: some of the measures take time that grows with the product of both."""
AS_WRITTEN = Extraction(drop_emphasis=False)

Score = Callable[[str, Sequence[str]], float]
"""How well an answer meets its references, 0 to 1; never called with an empty answer or without a reference."""


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
            return Scored(value=0, reason="no answer found")
        if len(answer) > LONGEST:
            return self._settings.verdict(0, answer).model_copy(
                update={"reason": f"the answer has {len(answer):,} characters; at most {LONGEST:,} are compared"}
            )
        return self._settings.verdict(self._score(answer, references), answer)


def best(score: Callable[[str, str], float]) -> Score:
    """The score of the reference that the answer meets best."""
    return lambda answer, references: max(score(answer, reference) for reference in references)
