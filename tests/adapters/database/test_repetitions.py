"""Answers to repeated cases are measured once each, whatever breaks off, and cases keep the cluster they came with."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.likeness import Repetitions
from adapters.database.ledger import PostgresLedger
from adapters.database.repetitions import StoredRepetitions
from adapters.database.runs import RunRepository
from adapters.database.verdicts import PostgresVerdicts
from adapters.embeddings.ngrams import NgramEmbedder, NgramSettings
from core.benchmarks import BenchmarkDefinition, ExtraMetrics
from core.cases import Reply
from core.embeddings import Embedder, Embedding, EmbeddingSpec
from core.errors import AgentUnusable
from core.metrics import AgentMetrics
from core.outcomes import Answered
from core.plugins import PluginSpec
from core.runs import Run
from core.work import Share
from evaluators.likeness import SemanticLikeness
from evaluators.summary import summarize
from tests.adapters.database.items import FAILURE, item, settle

SAID = {
    0: ("It is Paris.", "it is  paris.", "It is Paris."),
    1: ("Oslo", "Oslo", "Oslo"),
    2: ("The answer is 4.", "Nobody knows!", "The answer is 5."),
    3: ("once",),
}


class Counted:
    """Embedders that work offline, count what they are asked, and may be closed."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.closed = False
        self._embedder = NgramEmbedder(NgramSettings())

    @asynccontextmanager
    async def lease(self, spec: EmbeddingSpec) -> AsyncGenerator[Embedder]:
        assert spec.kind == "ngrams"
        yield self

    async def embed(self, texts: Sequence[str]) -> Embedding:
        if self.closed:
            raise AgentUnusable("The key was refused.")
        self.asked.append(texts)
        return await self._embedder.embed(texts)


@pytest.fixture
async def answered(ledger: PostgresLedger, share: Share) -> Share:
    for case, texts in SAID.items():
        for trial, text in enumerate(texts):
            own = item(case, Answered(reply=Reply(text=text, latency_s=1.0)), trial)
            await settle(
                ledger, share, own.model_copy(update={"cluster": f"passage {case // 2}" if case < 3 else None})
            )
    await settle(ledger, share, item(4, FAILURE))
    return share


def repetitions(engine: AsyncEngine, embedders: Counted) -> Repetitions:
    return Repetitions(
        runs=RunRepository(engine),
        verdicts=PostgresVerdicts(engine),
        answers=StoredRepetitions(engine),
        likeness=SemanticLikeness(embedders),
    )


async def asked_for(engine: AsyncEngine, share: Share, *, wanted: bool = True) -> tuple[Run, AgentMetrics]:
    runs = RunRepository(engine)
    run = await runs.get(share.run_id)
    spec = PluginSpec(kind="ngrams") if wanted else None
    config = run.config.model_copy(update={"metrics": ExtraMetrics(semantic_consistency=spec), "trials": 3})
    return run.model_copy(update={"config": config}), summarize(await runs.columns(share.run_id, 0, [("exact", "1")]))


async def test_the_answers_to_each_case_are_measured_once(engine: AsyncEngine, answered: Share) -> None:
    embedders, (run, metrics) = Counted(), await asked_for(engine, answered)
    told = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert told.semantic_consistency is not None
    assert told.semantic_consistency.n == 3, "one answer and one failure say nothing of repetition"
    assert 0.5 < told.semantic_consistency.value < 1
    assert sorted(map(len, embedders.asked)) == [2, 3], "equal answers need no embedding"
    again = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert again.semantic_consistency == told.semantic_consistency
    assert len(embedders.asked) == 2


async def test_another_answer_has_its_case_measured_anew(
    engine: AsyncEngine, answered: Share, ledger: PostgresLedger
) -> None:
    embedders, (run, metrics) = Counted(), await asked_for(engine, answered)
    before = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    await settle(ledger, answered, item(1, Answered(reply=Reply(text="Bergen", latency_s=1.0)), 3))
    after = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert embedders.asked[2:] == [["Oslo", "Bergen"]]
    assert before.semantic_consistency
    assert after.semantic_consistency
    assert after.semantic_consistency.n == 3
    assert after.semantic_consistency.value < before.semantic_consistency.value


async def test_who_cannot_be_asked_leaves_the_figure_unknown_and_another_time_fills_it(
    engine: AsyncEngine, answered: Share
) -> None:
    embedders, (run, metrics) = Counted(), await asked_for(engine, answered)
    embedders.closed = True
    told = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert told.unlike_unknown == 2
    assert told.semantic_consistency is not None
    assert (told.semantic_consistency.n, told.semantic_consistency.low) == (1, None)
    embedders.closed = False
    mended = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert mended.semantic_consistency is not None
    assert (mended.semantic_consistency.n, mended.unlike_unknown) == (3, 0)


async def test_what_was_said_of_fewer_answers_counts_neither_as_known_nor_as_unknown(
    engine: AsyncEngine, answered: Share, ledger: PostgresLedger
) -> None:
    embedders, (run, metrics) = Counted(), await asked_for(engine, answered)
    embedders.closed = True
    await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    await settle(ledger, answered, item(1, Answered(reply=Reply(text="Bergen", latency_s=1.0)), 3))
    unmeasured = await repetitions(engine, embedders).measured(run, 0, metrics, asks=False)
    embedders.closed = False
    told = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert told.semantic_consistency is not None
    assert (told.semantic_consistency.n, told.unlike_unknown) == (3, 0)
    assert (unmeasured.semantic_consistency, unmeasured.unlike_unknown) == (None, 3)


async def test_only_the_clusters_of_measured_cases_are_told(engine: AsyncEngine, answered: Share) -> None:
    embedders, (run, metrics) = Counted(), await asked_for(engine, answered)
    embedders.closed = True
    one = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    embedders.closed = False
    every = await repetitions(engine, embedders).measured(run, 0, metrics, asks=True)
    assert metrics.clusters == 4
    assert [each.semantic_consistency and each.semantic_consistency.clusters for each in (one, every)] == [1, 2]


async def test_nobody_is_asked_without_a_wish_or_after_a_cancellation(engine: AsyncEngine, answered: Share) -> None:
    embedders, (run, metrics) = Counted(), await asked_for(engine, answered, wanted=False)
    assert await repetitions(engine, embedders).measured(run, 0, metrics, asks=True) == metrics
    run, metrics = await asked_for(engine, answered)
    cancelled = await repetitions(engine, embedders).measured(run, 0, metrics, asks=False)
    assert cancelled.semantic_consistency is None
    assert embedders.asked == []


async def test_cases_keep_the_cluster_they_came_with(engine: AsyncEngine, answered: Share) -> None:
    runs = RunRepository(engine)
    columns = await runs.columns(answered.run_id, 0, [("exact", "1")])
    by_case = await runs.case_columns(answered.run_id, 0, [("exact", "1")])
    assert columns.cluster is not None
    assert by_case.cluster is not None
    told = dict(zip(columns.case_index.tolist(), columns.cluster.tolist(), strict=True))
    assert told == dict(zip(by_case.case_index.tolist(), by_case.cluster.tolist(), strict=True))
    assert told[0] == told[1] != told[2]
    assert told[3] == told[4] == -1
    assert summarize(columns).clusters == 4


def test_a_metric_that_cannot_work_is_refused() -> None:
    given = {"name": "x", "dataset": {"source": {"kind": "inline"}}, "evaluators": [{"kind": "exact"}]}
    for wrong, says in (
        ({"kind": "openai"}, "name the `model`"),
        ({"kind": "nobody"}, "There is no kind 'nobody' in embedders; installed: "),
        ({"kind": "ngrams", "settings": {"size": 0}}, "rejects its setting 'size'"),
    ):
        with pytest.raises(ValueError, match=says):
            BenchmarkDefinition.model_validate({**given, "metrics": {"semantic_consistency": wrong}})
