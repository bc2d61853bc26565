"""The evaluator `gleu`: Google's BLEU for single sentences (Wu et al. 2016, section 4.3), by nltk.

It needs the extra `text`. The smaller of the precision and the recall of all runs of one to four words. Words are what
white space divides.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from core.plugins import Plugin
from evaluators.extras import require
from evaluators.text_scores import Likeness, TextScore, TextSettings


class GleuSettings(TextSettings):
    """The reference that is met best counts."""


def build(settings: GleuSettings) -> TextScore:
    require("nltk", extra="text")

    def score(answer: str, references: Sequence[str]) -> Likeness:
        return Likeness(max(_gleu()([reference.split()], answer.split()) for reference in references))

    return TextScore(settings, score, prepare=_gleu)


@cache
def _gleu() -> Any:
    from nltk.translate import gleu_score  # pyright: ignore[reportMissingTypeStubs]

    return cast("Any", gleu_score).sentence_gleu


plugin = Plugin(GleuSettings, build, version="1", summary="Google's BLEU of single sentences, by nltk.")
