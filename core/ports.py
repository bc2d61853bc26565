"""What the activities need from outside, one verb a port. Adapters and evaluators implement; `worker` joins them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation, Price, PromptSpec
from core.cases import Case, Question, Reply
from core.datasets import CaseSet
from core.verdicts import Scored, Unscored


class Agent(Protocol):
    """The system under test. Raises the errors of `core.errors`; may have an `aclose()`."""

    async def ask(self, question: Question) -> Reply: ...


class Evaluator(Protocol):
    """Judges one reply. Raises CannotJudge when it has nothing to judge by; pure, so it may run twice."""

    async def evaluate(self, case: Case, reply: Reply) -> Scored | Unscored: ...


class Secrets(Protocol):
    async def reveal(self, name: str, *, origin: str) -> str:
        """The stored credential of this name. Raises AgentUnusable when there is none for this origin."""
        ...


class ObjectStorage(Protocol):
    """Blobs by key. `get` raises NotFound; `put` of an existing key with the same content is harmless."""

    async def get(self, key: str) -> bytes: ...

    async def put(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> None: ...

    async def exists(self, key: str) -> bool: ...


@dataclass(frozen=True)
class AgentContext:
    """What an agent plugin's `build(settings, context)` gets besides its settings."""

    http: Any
    """The process's shared outgoing HTTP stack (`adapters.network`)."""
    secrets: Secrets
    timeout_s: float = 120.0
    """Deadline of one call, in seconds."""
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    """The provider variables this process was given (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, `ANTHROPIC_API_KEY`, ...)."""
    price: Price | None = None
    """Overrides the price table for `Reply.cost_usd`."""
    allowed_callables: tuple[str, ...] = ()
    allowed_commands: tuple[str, ...] = ()


class Agents(Protocol):
    def lease(self, spec: AgentSpec) -> AbstractAsyncContextManager[Agent]:
        """An open agent, shared by all who lease the same spec. Raises InvalidPlugin or AgentUnusable."""
        ...


@dataclass(frozen=True)
class NamedEvaluator:
    label: str
    version: str
    evaluate: Callable[[Case, Reply], Awaitable[Scored | Unscored]]


class Evaluators(Protocol):
    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        """The evaluators in order. Raises InvalidPlugin."""
        ...


class CaseSets(Protocol):
    """Makes and reads the cases of runs."""

    async def prepare(self, spec: DatasetSpec, *, project_id: str, examples: int) -> CaseSet:
        """Loads, maps, filters, samples and stores the cases, and holds out `examples` per category.

        Preparing the same dataset twice gives the same digest. Raises InvalidDataset, NotFound, Unavailable.
        """
        ...

    async def open(self, digest: str) -> CaseSet: ...

    async def read(self, case_set: CaseSet, start: int, stop: int) -> Sequence[Case]:
        """Cases `start` to `stop` (exclusive) in order."""
        ...


class Prompter(Protocol):
    """Turns cases into questions for one agent."""

    def question(self, case: Case, *, trial: int, reveal_expected: bool) -> Question: ...


class Prompts(Protocol):
    def open(self, prompt: PromptSpec, case_set: CaseSet) -> Prompter:
        """Compiles the templates. Raises InvalidInput for a template that does not parse."""
        ...


Validator = Callable[[BenchmarkDefinition], None]
"""Raises InvalidInput (with a pointer) for a definition that could never run."""
