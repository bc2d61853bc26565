"""The evaluator `chrf`: chrF and chrF++ (Popovic 2015, 2017) by sacrebleu; needs the extra `text`.

Of each answer; that of a corpus, which adds up the counts of all answers first, stands beside as `corpus_chrf`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import Field

from core.plugins import Plugin
from core.verdicts import Counted, Counts
from evaluators.extras import require
from evaluators.segments import likeness, ordered
from evaluators.text_scores import Likeness, TextScore, TextSettings


class ChrfSettings(TextSettings):
    char_order: int = Field(default=6, ge=1, le=10)
    """Longest runs of characters that are compared."""
    word_order: int = Field(default=0, ge=0, le=4)
    """Longest runs of words that are compared besides; 2 is chrF++."""
    beta: int = Field(default=2, ge=1, le=10)
    """How many times as important as precision recall is."""
    ignore_case: bool = False
    """Upper and lower case are the same."""


def build(settings: ChrfSettings) -> TextScore:
    require("sacrebleu", extra="text")
    names = _names(settings)

    def metric() -> Any:
        return _metric(settings.char_order, settings.word_order, settings.beta, settings.ignore_case)

    def score(answer: str, references: Sequence[str]) -> Likeness:
        return likeness(metric(), names, answer, references)

    return TextScore(settings, score, prepare=metric)


def figures(settings: ChrfSettings, counts: Counts) -> dict[str, Counted]:
    """sacrebleu's corpus chrF: each answer is held against the reference it meets best."""
    metric = _metric(settings.char_order, settings.word_order, settings.beta, settings.ignore_case)
    score: float = metric._compute_score_from_stats(ordered(_names(settings), counts)).score
    return {"corpus_chrf": Counted(score / 100, counts["answers"])}


def _names(settings: ChrfSettings) -> list[str]:
    orders = [f"{order}_characters" for order in range(1, settings.char_order + 1)]
    orders += [f"{order}_words" for order in range(1, settings.word_order + 1)]
    return [f"{what}_{order}" for order in orders for what in ("answer", "reference", "both")]


@cache
def _metric(char_order: int, word_order: int, beta: int, ignore_case: bool) -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(char_order=char_order, word_order=word_order, beta=beta, lowercase=ignore_case)


plugin = Plugin(
    ChrfSettings,
    build,
    version="1",
    summary="chrF or chrF++ against the references: of each answer, and of all together.",
    figures=figures,
)
