"""The evaluator `rouge`: ROUGE-1 to -5, -L and -Lsum (Lin 2004) by Google's rouge-score; needs the extra `text`.

Its words are runs of a-z and 0-9: a text in another script has none, and scores 0. Of several references the best
counts. Beside the mean of the scores stand those of precision, recall and F, each by the reference of the best F, which
is what rouge-score's own aggregation tells.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from core.plugins import Plugin
from core.verdicts import Counted, Counts
from evaluators.extras import require
from evaluators.text_scores import Likeness, TextScore, TextSettings

VALUES = ("precision", "recall", "f")


class RougeSettings(TextSettings):
    measure: Literal["rouge1", "rouge2", "rouge3", "rouge4", "rouge5", "rougeL", "rougeLsum"] = "rougeL"
    """Words, runs of two to five words, the longest common subsequence, or that of each line of the text."""
    value: Literal["f", "precision", "recall"] = "f"
    """The share of the answer that was wanted, that of the reference that was said, or their harmonic mean."""
    stem: bool = False
    """Compare the stems of words (Porter 1980), as published summarization figures mostly do."""


def build(settings: RougeSettings) -> TextScore:
    require("rouge_score", extra="text")
    place = VALUES.index(settings.value)

    def scorer() -> Any:
        return _scorer(settings.measure, settings.stem)

    def score(answer: str, references: Sequence[str]) -> Likeness:
        found: list[tuple[float, float, float]] = [
            scorer().score(reference, answer)[settings.measure] for reference in references
        ]
        best = max(found, key=lambda each: each[VALUES.index("f")])
        return Likeness(max(each[place] for each in found), dict(zip(VALUES, best, strict=True)))

    return TextScore(settings, score, prepare=scorer)


def figures(settings: RougeSettings, counts: Counts) -> dict[str, Counted]:
    """Means over the answers."""
    return {name: Counted(counts[name] / counts["answers"], counts["answers"]) for name in VALUES}


@cache
def _scorer(measure: str, stem: bool) -> Any:
    from rouge_score.rouge_scorer import RougeScorer  # pyright: ignore[reportMissingTypeStubs]

    return RougeScorer([measure], use_stemmer=stem)


plugin = Plugin(RougeSettings, build, version="1", summary="ROUGE against the best of the references.", figures=figures)
