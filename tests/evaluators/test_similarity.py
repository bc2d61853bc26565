"""Similarity of meaning, over a real embeddings endpoint on loopback whose vectors count letters."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pytest

from activities.admission import Desks
from adapters.agents.key_names import KeyNames
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge, InvalidPlugin
from core.key_state import KeyState
from core.limits import Limits
from core.ports import AgentContext, EvaluatorContext, NamedEvaluator
from core.verdicts import Scored, Spent, Unscored
from evaluators.isolation.pool import SideProcesses
from evaluators.registry import InstalledEvaluators
from tests.activities.limited import MemoryLimits
from tests.adapters.agents.asking import CANARY, StoredSecrets
from tests.evaluators.judge.panels import ScriptedAgents
from tests.providers import Asked, Provider, Sends, Status
from worker.embedders import ContextFor, EmbedderPool

CASE = Case(id="1", input="?", expected="the capital of France", metadata={"others": ["Paris", "Lutetia"]})


def vector(text: str) -> list[float]:
    """How often each letter occurs."""
    return [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]


def embedded(texts: Sequence[str], **changes: Any) -> Sends:
    """The answer to these texts, the last one first: the order is told by the index alone."""
    data = [{"object": "embedding", "index": at, "embedding": vector(text)} for at, text in enumerate(texts)]
    return Sends(orjson.dumps({"data": data[::-1], "usage": {"prompt_tokens": 7, "total_tokens": 7}} | changes))


def answer(asked: Asked) -> Sends:
    return embedded(asked.body["input"])


def cosine(one: str, other: str) -> float:
    a, b = np.array(vector(one)), np.array(vector(other))
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@dataclass(frozen=True)
class Bench:
    provider: Provider
    pool: HttpPool
    limits: MemoryLimits
    desks: Desks

    def embedders(self, context_for: ContextFor) -> EmbedderPool:
        return EmbedderPool(context_for, self.desks, KeyNames(salt, origins_as_one=()))

    def evaluator(self, embeddings: dict[str, Any] | None = None, **settings: Any) -> NamedEvaluator:
        secrets = StoredSecrets({("lab", self.provider.root): CANARY})
        spec = {"model": "letters", "base_url": self.provider.url, "max_attempts": 2, **(embeddings or {})}
        pool = self.embedders(
            lambda spec: AgentContext(http=self.pool, secrets=secrets, timeout_s=spec.timeout_s, price=spec.price)
        )
        evaluation = Evaluation.model_validate({"kind": "similarity", "embeddings": spec, **settings})
        return InstalledEvaluators(EvaluatorContext(agents=ScriptedAgents(), embedders=pool)).open_one(evaluation)


async def salt() -> str:
    return "salt"


@asynccontextmanager
async def opened(*allowed: str) -> AsyncGenerator[Bench]:
    limits = MemoryLimits(way_s=0)
    desks = Desks(limits, owner="a test", patience_s=60, longest_wait_s=900)
    async with Provider(answer) as provider, HttpPool(NetworkGuard(allowed)) as pool, aclosing(desks):
        yield Bench(provider, pool, limits, desks)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with opened("loopback") as bench:
        yield bench


async def test_calls_of_embedders_go_through_the_limiter_of_their_key(bench: Bench) -> None:
    bench.limits.state = KeyState(limits=Limits(in_flight=1))
    evaluator = bench.evaluator({"concurrency": 8})
    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(evaluator.evaluate(CASE, Reply(text="Paris")))
    assert (len(bench.provider.log), bench.provider.most_in_flight) == (6, 1)
    [desk] = bench.desks.desks.values()
    assert (desk.key.origin, desk.key.model) == (bench.provider.root, "letters")


async def test_the_score_is_the_cosine_to_the_closest_right_answer(bench: Bench) -> None:
    verdict = await bench.evaluator(also_accept="others").evaluate(CASE, Reply(text="It is Paris, France"))
    assert isinstance(verdict, Scored)
    wanted = max(cosine("It is Paris, France", each) for each in ("the capital of France", "Paris", "Lutetia"))
    assert verdict.value == pytest.approx(wanted, abs=1e-9)
    assert verdict.details["cosine"] == pytest.approx(wanted, abs=1e-9)
    assert bench.provider.log[0].body == {
        "model": "letters",
        "input": ["It is Paris, France", "Paris", "Lutetia", "the capital of France"],
        "encoding_format": "float",
    }


@pytest.mark.parametrize(("text", "value"), [("The French capital", 1.0), ("zzz", 0.0)])
async def test_a_threshold_makes_it_right_or_wrong(bench: Bench, text: str, value: float) -> None:
    verdict = await bench.evaluator(threshold=0.8).evaluate(CASE, Reply(text=text))
    assert isinstance(verdict, Scored)
    assert verdict.value == value
    assert verdict.details["score"] == pytest.approx(cosine(text, "the capital of France"), abs=1e-9)


async def test_what_it_cost_is_told_apart_from_the_answer(bench: Bench) -> None:
    priced = {"price": {"input": 2, "output": 0}, "dimensions": 26, "credential": "lab"}
    verdict = await bench.evaluator(priced).evaluate(CASE, Reply(text="Paris"))
    assert verdict.spent == Spent(calls=1, input_tokens=7, cost_usd=14e-6)
    assert bench.provider.log[0].headers["authorization"] == f"Bearer {CANARY}"
    assert bench.provider.log[0].body["dimensions"] == 26


async def test_a_throttled_call_is_repeated_and_counted(bench: Bench) -> None:
    bench.provider.next(Status(429, headers={"Retry-After": "0"}))
    verdict = await bench.evaluator().evaluate(CASE, Reply(text="Paris"))
    assert isinstance(verdict, Scored)
    assert verdict.spent
    assert verdict.spent.calls == len(bench.provider.log) == 2


async def test_a_model_that_is_away_leaves_the_answer_to_be_judged_another_time(bench: Bench) -> None:
    bench.provider.next(*[Status(503)] * 2)
    verdict = await bench.evaluator().evaluate(CASE, Reply(text="Paris"))
    assert isinstance(verdict, Unscored)
    assert verdict.cause == "judge"
    assert "'letters' is away" in verdict.reason


async def test_a_model_that_cannot_be_asked_is_asked_once(bench: Bench) -> None:
    bench.provider.next(Status(401))
    evaluator = bench.evaluator()
    for _ in range(3):
        verdict = await evaluator.evaluate(CASE, Reply(text="Paris"))
        assert isinstance(verdict, Unscored)
        assert verdict.cause == "judge"
    assert len(bench.provider.log) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        embedded(["only one"]),
        embedded(["one", "two", "three"]),
        Sends(b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}'),
        Sends(b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}]}'),
        Sends(b'{"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]}'),
        Sends(b'{"data": [{"index": 0, "embedding": [1e300]}, {"index": 1, "embedding": [1]}]}'),
        Sends(b'{"data": [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": [1]}]}'),
        Sends(b'{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [1]}]}'),
        Sends(b"[]"),
    ],
    ids=lambda wrong: wrong.content.decode()[:60],
)
async def test_vectors_that_do_not_fit_the_texts_leave_the_answer_unscored(bench: Bench, wrong: Sends) -> None:
    bench.provider.next(wrong)
    verdict = await bench.evaluator().evaluate(CASE, Reply(text="Paris"))
    assert isinstance(verdict, Unscored)
    assert (verdict.cause, verdict.spent) == ("evaluator", Spent(calls=1))


async def test_nothing_is_asked_where_there_is_nothing_to_compare(bench: Bench) -> None:
    evaluator = bench.evaluator()
    verdict = await evaluator.evaluate(CASE, Reply(text="  "))
    assert isinstance(verdict, Scored)
    assert (verdict.value, verdict.reason) == (0, "no answer found")
    with pytest.raises(CannotJudge, match="no expected answer"):
        await evaluator.evaluate(Case(id="2", input="?"), Reply(text="Paris"))
    assert bench.provider.log == []


async def test_a_vector_without_length_is_like_nothing(bench: Bench) -> None:
    verdict = await bench.evaluator().evaluate(CASE, Reply(text="12345"))
    assert isinstance(verdict, Scored)
    assert verdict.value == 0


async def test_calls_in_flight_are_bounded(bench: Bench) -> None:
    evaluator = bench.evaluator({"concurrency": 2})
    await asyncio.gather(*(evaluator.evaluate(CASE, Reply(text=f"Paris {n}")) for n in range(12)))
    assert len(bench.provider.log) == 12
    assert bench.provider.most_in_flight <= 2


async def test_the_network_guard_stands_before_it() -> None:
    async with opened() as bench:
        verdict = await bench.evaluator().evaluate(CASE, Reply(text="Paris"))
        assert isinstance(verdict, Unscored)
        assert verdict.cause == "judge"
        assert bench.provider.log == []


async def test_it_stands_in_a_composite_behind_a_rule(bench: Bench) -> None:
    spec = {"kind": "similarity", "embeddings": {"model": "letters", "base_url": bench.provider.url}, "threshold": 0.9}
    context = AgentContext(http=bench.pool, secrets=StoredSecrets({}), timeout_s=5.0)
    embedders = bench.embedders(lambda _: context)
    installed = InstalledEvaluators(EvaluatorContext(agents=ScriptedAgents(), embedders=embedders))
    either = {"kind": "composite", "rule": "any", "of": [{"kind": "exact"}, spec]}
    evaluator = installed.open_one(Evaluation.model_validate(either))
    assert evaluator.connected
    for text, asked in (("The capital of France.", 0), ("the French capital of", 1)):
        verdict = await evaluator.evaluate(CASE, Reply(text=text))
        assert isinstance(verdict, Scored)
        assert verdict.value == 1
        assert len(bench.provider.log) == asked


@pytest.mark.parametrize("url", ["ftp://host/v1", "host/v1", "https://user:secret@host/v1"])
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    spec = {"kind": "similarity", "embeddings": {"model": "m", "base_url": url}}
    with pytest.raises(InvalidPlugin) as refused:
        InstalledEvaluators().open([Evaluation.model_validate(spec)])
    assert refused.value.pointer == "/evaluators/0/embeddings/base_url"


async def test_rules_beside_it_in_a_composite_judge_in_their_side_process(bench: Bench) -> None:
    spec = {"kind": "similarity", "embeddings": {"model": "letters", "base_url": bench.provider.url}}
    context = AgentContext(http=bench.pool, secrets=StoredSecrets({}), timeout_s=5.0)
    both = {"kind": "composite", "rule": "weighted", "of": [{"kind": "length", "max": 1, "weight": 3}, spec]}
    async with SideProcesses(most=1) as isolation:
        others = EvaluatorContext(
            agents=ScriptedAgents(), isolation=isolation, embedders=bench.embedders(lambda _: context)
        )
        evaluator = InstalledEvaluators(others).open_one(Evaluation.model_validate(both))
        verdict = await evaluator.evaluate(CASE, Reply(text="France"))
    assert isinstance(verdict, Scored)
    assert verdict.value == pytest.approx((3 + cosine("France", "the capital of France")) / 4, abs=1e-9)
