"""Questions that have no answer, as SQuAD 2 asks them, judged as its official script `evaluate-v2.0.py` does, with its
figures for questions that have an answer and for those that have none (Rajpurkar, Jia and Liang, ACL 2018)."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue, model_validator

from core.cases import Case, Reply
from core.plugins import SettingsPart
from core.verdicts import COUNTS, Counted, Counts, Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction
from evaluators.grading import Grading
from evaluators.squad import normal_form

KINDS = ("has_answer", "no_answer")


class Unanswerable(SettingsPart):
    """Whether questions may have no answer."""

    unanswerable: bool = False
    """Judge cases without a right answer, too: right is then an empty reply, or one of `no_answer`. `figures` tell the
    mean score of the questions that have an answer and of those that have none."""
    no_answer: tuple[str, ...] = ()
    """With `unanswerable`: replies that say there is no answer, such as `unanswerable`, compared as answers are."""

    @model_validator(mode="after")
    def _together(self) -> "Unanswerable":
        if self.no_answer and not self.unanswerable:
            raise ValueError("`no_answer` goes with `unanswerable: true`")
        return self


class AnswerableScore:
    """The best score over the right answers; of a question without one, whether the reply says so."""

    def __init__(
        self,
        references: References,
        extract: Extraction,
        measure: Callable[[str, str], float],
        *,
        grading: Grading,
        no_answer: tuple[str, ...],
    ) -> None:
        self._references = references
        self._extract = extract
        self._measure = measure
        self._grading = grading
        self._refusals = frozenset(map(normal_form, no_answer))

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        listed = self._references.listed(case)
        # What is nothing but articles and punctuation is no answer for the official script either.
        wanted = [each for each in listed if normal_form(each)] or [""]
        answer = self._extract.first(reply.text) or ""
        if normal_form(answer) in self._refusals:
            answer = ""
        score = max(self._measure(answer, each) for each in wanted)
        kind = KINDS[0] if listed else KINDS[1]
        counts: dict[str, JsonValue] = {kind: 1, f"{kind}_score": score}
        return self._grading.verdict(score, answer or None, **{COUNTS: counts})


def answerable_figures(settings: Unanswerable, counts: Counts) -> Mapping[str, Counted]:
    """The mean scores HasAns and NoAns of the official script; a kind that does not occur has none."""
    return {kind: Counted(counts[f"{kind}_score"] / counts[kind], counts[kind]) for kind in KINDS if counts.get(kind)}
