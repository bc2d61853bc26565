"""The evaluator `rouge`: ROUGE-1, -2, -L and -Lsum (Lin 2004) by Google's rouge-score; needs the extra `text`.

Its words are runs of a-z and 0-9: a text in another script has none, and scores 0.
"""

from functools import cache
from typing import Any, Literal

from core.plugins import Plugin
from evaluators.extras import require
from evaluators.text_scores import TextScore, TextSettings, best


class RougeSettings(TextSettings):
    measure: Literal["rouge1", "rouge2", "rougeL", "rougeLsum"] = "rougeL"
    """Words, pairs of words, the longest common subsequence, or that of each line of the text."""
    value: Literal["f", "precision", "recall"] = "f"
    """The share of the answer that was wanted, that of the reference that was said, or their harmonic mean."""
    stem: bool = False
    """Compare the stems of words (Porter 1980), as published summarization figures mostly do."""


def build(settings: RougeSettings) -> TextScore:
    require("rouge_score", extra="text")
    place = {"precision": 0, "recall": 1, "f": 2}[settings.value]

    def scorer() -> Any:
        return _scorer(settings.measure, settings.stem)

    def score(answer: str, reference: str) -> float:
        return scorer().score(reference, answer)[settings.measure][place]

    return TextScore(settings, best(score), prepare=scorer)


@cache
def _scorer(measure: str, stem: bool) -> Any:
    from rouge_score.rouge_scorer import RougeScorer  # pyright: ignore[reportMissingTypeStubs]

    return RougeScorer([measure], use_stemmer=stem)


plugin = Plugin(RougeSettings, build, version="1", summary="ROUGE against the best of the references.")
