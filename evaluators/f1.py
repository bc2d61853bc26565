"""The evaluator `f1`: the words that answer and reference share, as SQuAD counts them; of several the best."""

from core.plugins import Plugin
from evaluators.squad import token_f1
from evaluators.text_scores import TextScore, TextSettings, best


class F1Settings(TextSettings):
    """Graded; with a threshold, right or wrong."""


def build(settings: F1Settings) -> TextScore:
    return TextScore(settings, best(token_f1))


plugin = Plugin(F1Settings, build, version="1", summary="The words shared with a reference: SQuAD's F1.")
