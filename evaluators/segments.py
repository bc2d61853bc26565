"""What sacrebleu counts of an answer and its references: the scores of answers and of a corpus are both made of it."""

from collections.abc import Sequence
from typing import Any

from core.verdicts import Counts
from evaluators.text_scores import Likeness


def likeness(metric: Any, names: Sequence[str], answer: str, references: Sequence[str]) -> Likeness:
    """The score of one answer by a sacrebleu metric, and its counts by these names."""
    # The public `sentence_score` tells counts that smoothing has changed, or none.
    counted: list[int] = metric._extract_corpus_statistics([answer], [[reference] for reference in references])[0]
    score: float = metric._compute_score_from_stats(list(counted)).score
    return Likeness(score / 100, dict(zip(names, counted, strict=True)))


def ordered(names: Sequence[str], counts: Counts) -> list[float]:
    """The sums as sacrebleu wants them."""
    return [counts[name] for name in names]
