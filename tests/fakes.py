"""Fakes that work: the ports of core over plain memory, for tests of what stands above them."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.benchmarks import AgentSpec, DatasetSpec, Evaluation, FailedCountsAs, PromptSpec, Stopping
from core.budgets import Account, Spent
from core.cases import Case, Message, Question, Reply, Usage
from core.columns import Columns
from core.datasets import CaseSet
from core.errors import InvalidDataset, InvalidInput, NotFound
from core.limits import ProviderKey
from core.ports import Agent, NamedEvaluator
from core.verdicts import NOTHING_EARLIER, Earlier, Scored, Unscored
from core.work import Share

Answer = Callable[[Question], Reply | BaseException]


class CountingCases:
    """`core.ports.CaseSets` of sums: case i asks for i + i."""

    def __init__(self, count: int) -> None:
        self._set = CaseSet(digest="sums", case_count=count, shard_size=count or 1, shards=())

    async def prepare(self, spec: DatasetSpec, *, project_id: str, examples: int) -> CaseSet:
        if not self._set.case_count:
            raise InvalidDataset("The dataset is empty; give it at least one row.")
        return self._set

    async def open(self, digest: str) -> CaseSet:
        return self._set

    async def read(self, case_set: CaseSet, start: int, stop: int) -> Sequence[Case]:
        return [
            Case(id=f"sum-{i}", input=f"{i} + {i}", expected=str(2 * i), category="even" if i % 2 == 0 else "odd")
            for i in range(start, stop)
        ]


class PlainPrompts:
    """`core.ports.Prompts`: the case's input, nothing around it; no question can be made of the `poisoned` cases."""

    def __init__(self, poisoned: frozenset[str] = frozenset()) -> None:
        self._poisoned = poisoned

    def open(self, prompt: PromptSpec, case_set: CaseSet) -> "PlainPrompts":
        return self

    def question(self, case: Case, *, trial: int, reveal_expected: bool) -> Question:
        if case.id in self._poisoned:
            raise InvalidInput("The template fills more than 1 MiB.")
        return Question(
            case_id=case.id, messages=(Message(role="user", content=case.input),), trial=trial, expected=case.expected
        )


@dataclass
class CalculatingAgent:
    """Answers sums rightly after `seconds`, unless `answer` says something else. Remembers every call."""

    seconds: float = 0.0
    answer: Answer | None = None
    calls: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    in_flight: int = 0
    most_in_flight: int = 0

    async def ask(self, question: Question) -> Reply:
        self.calls[question.case_id, question.trial] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.in_flight -= 1
        given = None if self.answer is None else self.answer(question)
        if isinstance(given, BaseException):
            raise given
        return given or Reply(text=question.expected or "", usage=Usage(input_tokens=5, output_tokens=1))


class Lending:
    """`core.ports.Agents` over agents made beforehand, by name."""

    def __init__(self, agents: dict[str, Agent]) -> None:
        self._agents = agents

    @asynccontextmanager
    async def lease(self, spec: AgentSpec) -> AsyncGenerator[Agent]:
        yield self._agents[spec.name]

    def simulated(self, spec: AgentSpec) -> bool:
        return True


class EqualityEvaluators:
    """`core.ports.Evaluators`: right is what equals the expected answer."""

    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        return [NamedEvaluator(label=each.label, version="1", evaluate=_equal) for each in evaluations]


async def _equal(case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored:
    return Scored(value=float(reply.text == case.expected), answer=reply.text)


class InPlace:
    """`core.ports.Isolation` without any: the evaluators of `EqualityEvaluators`, in this process."""

    async def judge(
        self, evaluation: Evaluation, answers: Sequence[tuple[Case, Reply]]
    ) -> AsyncGenerator[Sequence[Scored | Unscored]]:
        yield [await _equal(case, reply) for case, reply in answers]


@dataclass
class MemoryStorage:
    """`core.ports.ObjectStorage` in a dictionary."""

    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def get(self, key: str) -> bytes:
        if key not in self.blobs:
            raise NotFound(f"There is no object {key!r}.")
        return self.blobs[key]

    async def put(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> None:
        self.blobs[key] = content

    async def exists(self, key: str) -> bool:
        return key in self.blobs

    async def remove(self, folder: str) -> None:
        self.blobs = {key: content for key, content in self.blobs.items() if not key.startswith(f"{folder}/")}


class NoKeys:
    """`core.ports.ProviderKeys` of agents that no provider limits."""

    async def key_of(self, spec: AgentSpec) -> ProviderKey | None:
        return None


class Unlimited:
    """`core.ports.Budgets` of a run that may spend what it likes."""

    async def accounts(self, run_id: str) -> Sequence[Account]:
        return ()

    async def charge(self, share: Share, spent: Spent) -> None:
        return None


def undecided(
    stopping: Stopping,
    counting: FailedCountsAs,
    agent: Columns,
    rival: Columns | None,
    *,
    case_count: int,
    decisions: int,
) -> str | None:
    """`activities.evaluation.Decided` that never decides."""
    return None
