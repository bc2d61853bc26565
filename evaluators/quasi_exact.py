"""The evaluator `quasi_exact`: the answer is right but for case, punctuation, articles and spaces, as in SQuAD."""

from core.cases import Case, Reply
from core.plugins import Plugin, PluginSettings
from core.ports import Evaluator
from core.verdicts import Scored
from evaluators.expectation import References
from evaluators.extraction import Extraction, excerpt
from evaluators.grading import Grading
from evaluators.squad import exact_match, normal_form
from evaluators.unanswerable import AnswerableScore, Unanswerable, answerable_figures

RIGHT_OR_WRONG = Grading()


class QuasiExactSettings(PluginSettings, References, Unanswerable):
    extract: Extraction = Extraction()
    """Where in the reply the answer stands; by default it is the whole reply."""


class QuasiExact:
    def __init__(self, settings: QuasiExactSettings) -> None:
        self._settings = settings

    async def evaluate(self, case: Case, reply: Reply) -> Scored:
        references = self._settings.references(case)
        answer = self._settings.extract.first(reply.text)
        if answer is None:
            return Scored(value=0, reason="no answer found")
        right = normal_form(answer) in map(normal_form, references)
        return Scored(value=float(right), answer=excerpt(answer))


def build(settings: QuasiExactSettings) -> Evaluator:
    if not settings.unanswerable:
        return QuasiExact(settings)
    return AnswerableScore(
        settings, settings.extract, exact_match, grading=RIGHT_OR_WRONG, no_answer=settings.no_answer
    )


plugin = Plugin(
    QuasiExactSettings,
    build,
    version="1",
    summary="The answer is right, as SQuAD compares.",
    figures=answerable_figures,
)
