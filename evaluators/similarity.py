"""The evaluator `similarity`: how close the answer's meaning is to a right one, by the cosine of their embeddings."""

import math
from collections.abc import Sequence

from core.cases import Case, Reply
from core.embeddings import EmbeddingSpec
from core.errors import CannotJudge
from core.plugins import Asked, Plugin
from core.ports import EvaluatorContext
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Spent, Unscored
from evaluators.calling import Calling
from evaluators.text_scores import TextSettings

LONGEST = 100_000
"""Characters of a text; embedding models read less than that."""


class SimilaritySettings(TextSettings):
    """Graded: the cosine, 0 where it is negative. With a threshold, right or wrong; which one fits differs by model."""

    embeddings: EmbeddingSpec
    """Who turns texts into vectors."""


class Similarity:
    def __init__(self, settings: SimilaritySettings, context: EvaluatorContext) -> None:
        if context.embedders is None:
            raise ValueError("The context has no embedders.")
        self._settings = settings
        self._embedders = context.embedders
        spec = settings.embeddings
        self._calling = Calling(
            f"The embedding model {spec.model!r}", max_attempts=spec.max_attempts, timeout_s=spec.timeout_s
        )

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
        references = self._settings.references(case)
        if max(map(len, references)) > LONGEST:
            raise CannotJudge(f"Case {case.id!r} has a right answer of more than {LONGEST:,} characters.")
        answer = self._settings.extract.first(reply.text)
        if answer is None:
            return Scored(value=0, reason="no answer found")
        texts = [answer[:LONGEST], *references]
        called = await self._calling.ask(
            lambda: self._embedders.lease(self._settings.embeddings), lambda embedder: embedder.embed(texts)
        )
        if called.answer is None:
            cause = "judge" if called.away else "evaluator"
            return Unscored(reason=called.trouble or "", cause=cause, spent=Spent(calls=called.calls))
        said, *wanted = called.answer.vectors
        closest = max(cosine(said, each) for each in wanted)
        verdict = self._settings.verdict(closest, answer, cosine=closest)
        spent = called.answer.spent.model_copy(update={"calls": called.calls})
        return verdict.model_copy(update={"spent": spent})


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Of the angle between two vectors, -1 to 1; 0 where one of them has no length."""
    lengths = math.hypot(*one) * math.hypot(*other)
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0


def _asks(settings: SimilaritySettings, case: Case) -> Sequence[Asked]:
    try:
        references = settings.references(case)
    except CannotJudge:
        return ()
    return (Asked(spec=settings.embeddings, texts=tuple(references)),)


plugin = Plugin(
    SimilaritySettings,
    Similarity,
    version="1",
    summary="How close the answer's meaning is to a right one, by embeddings.",
    connected=True,
    asks=_asks,
)
