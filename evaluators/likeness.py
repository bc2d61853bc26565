"""Semantic consistency: how alike the answers to one case are in meaning, by the cosine of their embeddings."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from core.benchmarks import BenchmarkDefinition
from core.columns import Columns
from core.embeddings import Embedders, EmbeddingSpec
from core.metrics import AgentMetrics, Mean
from core.verdicts import Scored, Spent, Unscored
from evaluators.calling import Calling
from evaluators.intervals import share_intervals
from evaluators.repetition import case_clusters
from evaluators.similarity import LONGEST, cosine
from evaluators.statistics.clusters import cluster_sizes


class SemanticLikeness:
    """Implements `core.repetitions.Likeness`. The mean over pairs of different trials; a cosine below 0 counts as 0."""

    def __init__(self, embedders: Embedders) -> None:
        self._embedders = embedders
        self._callings: dict[str, Calling] = {}

    def version(self, config: BenchmarkDefinition) -> str | None:
        spec = _spec(config)
        if spec is None:
            return None
        meaning = spec.model_dump_json(include={"kind", "settings", "model", "base_url", "dimensions"})
        return f"1+{hashlib.sha256(meaning.encode()).hexdigest()[:8]}"

    async def of(self, config: BenchmarkDefinition, texts: Sequence[str]) -> Scored | Unscored:
        spec = _spec(config)
        if spec is None:
            raise ValueError("The run asks for no semantic consistency.")
        different = list(dict.fromkeys(text[:LONGEST] for text in texts))
        if len(different) == 1:
            return Scored(value=1.0)
        called = await self._calling(spec).ask(
            lambda: self._embedders.lease(spec), lambda embedder: embedder.embed(different)
        )
        if called.answer is None:
            cause = "judge" if called.away else "evaluator"
            return Unscored(reason=called.trouble or "", cause=cause, spent=Spent(calls=called.calls))
        vectors = dict(zip(different, called.answer.vectors, strict=True))
        spent = called.answer.spent.model_copy(update={"calls": called.calls})
        return Scored(value=_mean_of_pairs([text[:LONGEST] for text in texts], vectors), spent=spent)

    def told(self, metrics: AgentMetrics, columns: Columns) -> AgentMetrics:
        measured = columns.evaluators[-1]
        rows = measured.scored
        values, cases = measured.values[rows], columns.case_index[rows].astype(np.int64)
        judging = metrics.judging
        if measured.spent is not None and measured.spent.calls:
            judging = measured.spent if judging is None else judging.plus(measured.spent)
        update = {"judging": judging, "unlike_unknown": int((~rows).sum())}
        if not len(values):
            return metrics.model_copy(update=update)
        order = np.argsort(cases)
        values, cases = values[order], cases[order]
        cluster = None if columns.cluster is None else columns.cluster[rows][order]
        clusters = case_clusters(cases, cluster)
        interval = share_intervals([values], clusters)[0]
        found = Mean(
            value=float(values.mean()),
            low=interval and interval.low,
            high=interval and interval.high,
            n=len(values),
            clusters=None if cluster is None else len(cluster_sizes(clusters)),
        )
        return metrics.model_copy(update={**update, "semantic_consistency": found})

    def _calling(self, spec: EmbeddingSpec) -> Calling:
        key = spec.model_dump_json()
        who = f"The embedding model {spec.model or spec.kind!r}"
        found = self._callings.pop(key, None) or Calling(who, max_attempts=spec.max_attempts, timeout_s=spec.timeout_s)
        self._callings = {key: found}
        return found


def _spec(config: BenchmarkDefinition) -> EmbeddingSpec | None:
    asked = config.metrics.semantic_consistency
    return None if asked is None else EmbeddingSpec.model_validate(asked.model_dump())


def _mean_of_pairs(texts: Sequence[str], vectors: Mapping[str, Sequence[float]]) -> float:
    likeness = [1.0 if a == b else cosine(vectors[a], vectors[b]) for a, b in combinations(texts, 2)]
    return float(np.clip(likeness, 0.0, 1.0).mean())
