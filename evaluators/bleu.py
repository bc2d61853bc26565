"""The evaluator `bleu`: sentence BLEU (Papineni et al. 2002) by sacrebleu (Post 2018); needs the extra `text`.

Of one answer, with effective order as sacrebleu does for sentences. The BLEU of a corpus is another figure, for it adds
up the counts of all answers first: the mean of the scores is not it, and it stands beside as `corpus_bleu`.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from core.plugins import Plugin
from core.verdicts import Counted, Counts
from evaluators.extras import require
from evaluators.segments import likeness, ordered
from evaluators.text_scores import Likeness, TextScore, TextSettings

ORDERS = range(1, 5)
LENGTHS = ("words", "reference_words")
MATCHES, NGRAMS = ([f"{what}_{order}" for order in ORDERS] for what in ("matches", "ngrams"))


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

    def score(answer: str, references: Sequence[str]) -> Likeness:
        return likeness(metric(), (*LENGTHS, *MATCHES, *NGRAMS), answer, references)

    return TextScore(settings, score, prepare=metric)


def figures(settings: BleuSettings, counts: Counts) -> dict[str, Counted]:
    """sacrebleu's corpus BLEU, of all orders."""
    # Its own penalty wants whole numbers of words, and an interval is found by moving the sums a little.
    found: Any = _bleu().compute_bleu(
        ordered(MATCHES, counts), ordered(NGRAMS, counts), sys_len=1, ref_len=1, smooth_method=settings.smooth
    )
    return {"corpus_bleu": Counted(found.score / 100 * _brevity(*ordered(LENGTHS, counts)), counts["answers"])}


def _brevity(words: float, reference_words: float) -> float:
    """The penalty for answers that are shorter than their references (Papineni et al. 2002, section 2.2.2)."""
    if words >= reference_words:
        return 1.0
    return math.exp(1 - reference_words / words) if words else 0.0


@cache
def _metric(tokenize: str, ignore_case: bool, smooth: str) -> Any:
    return _bleu()(tokenize=tokenize, lowercase=ignore_case, smooth_method=smooth, effective_order=True)


def _bleu() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU


plugin = Plugin(
    BleuSettings,
    build,
    version="1",
    summary="BLEU against the references, by sacrebleu: of each answer, and of all together.",
    figures=figures,
)
