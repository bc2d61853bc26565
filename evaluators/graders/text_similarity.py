"""The evaluator `text_similarity`: how alike two texts are, by the measure of one of our other evaluators."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import JsonValue, model_validator

from core.cases import Case, Reply
from core.embeddings import EmbeddingSpec
from core.plugins import Plugin, PluginSpec
from core.ports import EvaluatorContext
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Unscored
from evaluators.graders.grade import Passing, Template, compared, filled, saying
from evaluators.graders.values import values_of
from evaluators.registry import build_connected, build_rule

Measure = Literal[
    "cosine", "fuzzy_match", "bleu", "gleu", "meteor", "rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5", "rouge_l"
]
MEASURES: Final[Mapping[Measure, dict[str, JsonValue]]] = {
    "cosine": {"kind": "similarity"},
    "fuzzy_match": {"kind": "fuzzy"},
    "bleu": {"kind": "bleu"},
    "gleu": {"kind": "gleu"},
    "meteor": {"kind": "meteor"},
    **{f"rouge_{n}": {"kind": "rouge", "measure": f"rouge{n}"} for n in range(1, 6)},
    "rouge_l": {"kind": "rouge", "measure": "rougeL"},
}  # pyright: ignore[reportAssignmentType]
AS_IT_IS: Final[dict[str, JsonValue]] = {"drop_thinking": False, "drop_emphasis": False}


class TextSimilaritySettings(Passing):
    input: Template = "{{ sample.output_text }}"
    """The text that is graded."""
    reference: Template = "{{ item.expected }}"
    """What it is compared with."""
    evaluation_metric: Measure = "fuzzy_match"
    """`fuzzy_match`: letters in common, as `fuzzy` measures by default; `rouge_...`: the F of `rouge`; `cosine`: of
    embeddings, which must be named; `bleu`, `gleu` and `meteor` as the evaluators of those names."""
    embeddings: EmbeddingSpec | None = None
    """For `cosine`: who turns texts into vectors."""

    @model_validator(mode="after")
    def _embeds(self) -> "TextSimilaritySettings":
        if (self.evaluation_metric == "cosine") != (self.embeddings is not None):
            raise ValueError("`embeddings` and the measure `cosine` go together: give both or neither")
        return self


class TextSimilarity:
    def __init__(self, settings: TextSimilaritySettings, context: EvaluatorContext | None) -> None:
        """Raises InvalidPlugin where a package of the measure is missing."""
        self._settings = settings
        [spec] = members(settings)
        self._measure: Any = (
            build_rule(spec) if settings.embeddings is None or context is None else build_connected(spec, context)
        )
        self.prepare = getattr(self._measure, "prepare", lambda: None)

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        settings, values = self._settings, values_of(case, reply)
        text, reference = (filled(each, values, case) for each in (settings.input, settings.reference))
        if not reference.strip() or not text.strip():
            # Nothing is like nothing only; the measures have no words to count.
            return settings.verdict(float(text.strip() == reference.strip()), answer=text)
        verdict: Scored | Unscored = await self._measure.evaluate(compared(case, reference), saying(reply, text))
        if isinstance(verdict, Unscored):
            return verdict
        return settings.verdict(verdict.value, answer=text).model_copy(update={"spent": verdict.spent})


def members(settings: TextSimilaritySettings) -> Sequence[PluginSpec]:
    measure = MEASURES[settings.evaluation_metric] | {"extract": AS_IT_IS}
    if settings.embeddings is not None:
        measure["embeddings"] = settings.embeddings.model_dump(mode="json", exclude_defaults=True)
    return (PluginSpec.model_validate(measure),)


def build(settings: TextSimilaritySettings, context: EvaluatorContext | None = None) -> TextSimilarity:
    return TextSimilarity(settings, context)


plugin = Plugin(
    TextSimilaritySettings,
    build,
    version="1",
    summary="How alike two texts are: fuzzy, BLEU, GLEU, METEOR, ROUGE, or the cosine of embeddings.",
    members=members,
)
