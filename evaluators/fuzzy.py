"""The evaluator `fuzzy`: how alike two texts are letter by letter or word by word, by rapidfuzz's measures."""

from collections.abc import Callable
from typing import Any, Literal

from rapidfuzz import distance, fuzz

from core.plugins import Plugin
from evaluators.extraction import Extraction
from evaluators.normalization import Normalization
from evaluators.text_scores import TextScore, TextSettings, best

Measure = Literal[
    "ratio",
    "partial_ratio",
    "token_sort_ratio",
    "token_set_ratio",
    "token_ratio",
    "partial_token_sort_ratio",
    "weighted_ratio",
    "levenshtein",
    "damerau_levenshtein",
    "osa",
    "jaro_winkler",
]

MEASURES: dict[Measure, Callable[..., Any]] = {
    "ratio": fuzz.ratio,
    "partial_ratio": fuzz.partial_ratio,
    "token_sort_ratio": fuzz.token_sort_ratio,
    "token_set_ratio": fuzz.token_set_ratio,
    "token_ratio": fuzz.token_ratio,
    "partial_token_sort_ratio": fuzz.partial_token_sort_ratio,
    "weighted_ratio": fuzz.WRatio,
    "levenshtein": distance.Levenshtein.normalized_similarity,
    "damerau_levenshtein": distance.DamerauLevenshtein.normalized_similarity,
    "osa": distance.OSA.normalized_similarity,
    "jaro_winkler": distance.JaroWinkler.normalized_similarity,
}
"""The `..._ratio`s say 0 to 100, the distances 0 to 1."""


class FuzzySettings(TextSettings, Normalization):
    measure: Measure = "ratio"
    """`ratio`: letters in common; `partial_ratio`: of the best fitting part of the longer text; `token_...`: whatever
    the order of the words; `levenshtein`: edits, of the longer text's length; `damerau_levenshtein`: a swap of two
    neighbours is one edit; `osa`: likewise, where nothing is edited twice; `jaro_winkler`: for names, a common
    beginning counts more."""
    extract: Extraction = Extraction()
    """Where in the reply the answer stands; by default it is the whole reply."""


def build(settings: FuzzySettings) -> TextScore:
    measure = MEASURES[settings.measure]
    scale = 100.0 if settings.measure.endswith("ratio") else 1.0

    def score(answer: str, reference: str) -> float:
        return float(measure(settings.of(answer), settings.of(reference))) / scale

    return TextScore(settings, best(score))


plugin = Plugin(FuzzySettings, build, version="1", summary="How alike answer and reference are written.")
