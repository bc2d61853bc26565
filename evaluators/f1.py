"""The evaluator `f1`: the words that answer and reference share, as SQuAD counts them; of several the best."""

from core.plugins import Plugin
from core.ports import Evaluator
from evaluators.squad import token_f1
from evaluators.text_scores import TextScore, TextSettings, best
from evaluators.unanswerable import AnswerableScore, Unanswerable, answerable_figures


class F1Settings(TextSettings, Unanswerable):
    """Graded; with a threshold, right or wrong."""


def build(settings: F1Settings) -> Evaluator:
    if settings.unanswerable:
        return AnswerableScore(settings, settings.extract, token_f1, grading=settings, no_answer=settings.no_answer)
    return TextScore(settings, best(token_f1))


plugin = Plugin(
    F1Settings,
    build,
    version="1",
    summary="The words shared with a reference: SQuAD's F1.",
    figures=answerable_figures,
)
