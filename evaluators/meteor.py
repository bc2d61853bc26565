"""The evaluator `meteor`: METEOR (Banerjee and Lavie 2005) by nltk; needs the extra `text`.

Words meet by their letters, in any case, or by their stems (Porter 1980). Synonyms are not looked up, for WordNet is
no part of nltk's package: where an answer says the same in other words, other programs tell a higher figure.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from core.plugins import Plugin
from evaluators.extras import require
from evaluators.text_scores import Likeness, TextScore, TextSettings


class MeteorSettings(TextSettings):
    """The reference that is met best counts."""


class NoSynonyms:
    """In place of WordNet."""

    def synsets(self, word: str) -> Sequence[Any]:
        return ()


def build(settings: MeteorSettings) -> TextScore:
    require("nltk", extra="text")

    def score(answer: str, references: Sequence[str]) -> Likeness:
        said = answer.split()
        return Likeness(max(_meteor()(each.split(), said, wordnet=NoSynonyms()) for each in references))

    return TextScore(settings, score, prepare=_meteor)


@cache
def _meteor() -> Any:
    from nltk.translate.meteor_score import single_meteor_score  # pyright: ignore[reportMissingTypeStubs]

    return single_meteor_score


plugin = Plugin(MeteorSettings, build, version="1", summary="METEOR without synonyms, by nltk.")
