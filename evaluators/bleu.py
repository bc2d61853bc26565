"""The evaluator `bleu`: sentence BLEU (Papineni et al. 2002) by sacrebleu (Post 2018); needs the extra `text`.

Of one answer, with effective order as sacrebleu does for sentences. The BLEU of a corpus is another figure: it adds up
the counts of all answers first, so the mean of these scores is not it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from core.plugins import Plugin
from evaluators.extras import require
from evaluators.text_scores import TextScore, TextSettings


class BleuSettings(TextSettings):
    tokenize: Literal["13a", "intl", "char", "zh", "none"] = "13a"
    """How a text is cut into words: `13a` as in WMT, `intl` for any script, `char` for each character, `zh` Chinese."""
    ignore_case: bool = False
    """Upper and lower case are the same."""
    smooth: Literal["exp", "floor", "add-k", "none"] = "exp"
    """What an n-gram order without a match counts as (Chen and Cherry 2014)."""


def build(settings: BleuSettings) -> TextScore:
    require("sacrebleu", extra="text")

    def metric() -> Any:
        return _metric(settings.tokenize, settings.ignore_case, settings.smooth)

    def score(answer: str, references: Sequence[str]) -> float:
        return metric().sentence_score(answer, list(references)).score / 100

    return TextScore(settings, score, prepare=metric)


@cache
def _metric(tokenize: str, ignore_case: bool, smooth: str) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize=tokenize, lowercase=ignore_case, smooth_method=smooth, effective_order=True)


plugin = Plugin(BleuSettings, build, version="1", summary="Sentence BLEU against the references, by sacrebleu.")
