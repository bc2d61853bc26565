"""The evaluator `chrf`: sentence chrF and chrF++ (Popovic 2015, 2017) by sacrebleu; needs the extra `text`."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import Field

from core.plugins import Plugin
from evaluators.extras import require
from evaluators.text_scores import TextScore, TextSettings


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

    def metric() -> Any:
        return _metric(settings.char_order, settings.word_order, settings.beta, settings.ignore_case)

    def score(answer: str, references: Sequence[str]) -> float:
        return metric().sentence_score(answer, list(references)).score / 100

    return TextScore(settings, score, prepare=metric)


@cache
def _metric(char_order: int, word_order: int, beta: int, ignore_case: bool) -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(char_order=char_order, word_order=word_order, beta=beta, lowercase=ignore_case)


plugin = Plugin(ChrfSettings, build, version="1", summary="Sentence chrF or chrF++ against the references.")
