"""What the activities need from outside, one verb a port. Adapters and evaluators implement; `worker` joins them."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from core.benchmarks import AgentSpec, DatasetSpec, Evaluation, Price, PromptSpec
from core.budgets import Account
from core.budgets import Spent as Spending
from core.cases import Case, Question, Reply
from core.claims import Claim, Delivery
from core.datasets import CaseSet
from core.embeddings import Embedders
from core.limits import Allowance, ProviderKey, Report, Told
from core.metrics import AgentMetrics
from core.outcomes import Item, ItemKey
from core.plugins import AT_ONCE
from core.prices import Prices
from core.runs import Run, RunStatus, Validity
from core.verdicts import NOTHING_EARLIER, Earlier, Figures, Scored, UnitCounts, Unscored
from core.webhooks import Tried
from core.work import Batch, BatchAnswer, BatchVerdict, HaltKind, Settled, Share

if TYPE_CHECKING:
    # Brings numpy, which no side process should have to load.
    from core.columns import Columns


class Agent(Protocol):
    """The system under test. Raises the errors of `core.errors`; may have an `aclose()`."""

    async def ask(self, question: Question) -> Reply: ...


class Evaluator(Protocol):
    """Judges one reply. Raises CannotJudge when it has nothing to judge by; pure, so it may run twice.

    May have a `prepare()`, which a side process calls once, before the first answer: for imports that take seconds.
    """

    async def evaluate(self, case: Case, reply: Reply) -> Scored | Unscored: ...


class ConnectedEvaluator(Protocol):
    """Judges one reply with the help of others, on the worker's event loop: plugins with `connected=True`.

    Transient trouble is repeated inside; who cannot be had in the end makes an Unscored of cause `judge`, no error.
    `earlier` holds the verdict of every evaluator of the run that is not connected.
    """

    async def evaluate(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored: ...


class Secrets(Protocol):
    async def reveal(self, name: str, *, origin: str) -> str:
        """The stored credential of this name. Raises AgentUnusable when there is none for this origin."""
        ...


class ObjectStorage(Protocol):
    """Blobs by key. `get` raises NotFound; `put` of an existing key with the same content is harmless; `remove` takes
    everything below a folder away, and is harmless where there is nothing."""

    async def get(self, key: str) -> bytes: ...

    async def remove(self, folder: str) -> None: ...

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
    prices: Prices | None = None
    """What the operator says models cost."""
    allowed_callables: tuple[str, ...] = ()
    allowed_commands: tuple[str, ...] = ()
    told: Callable[[Told], None] | None = None
    """Hears what a provider says of its limits."""


class Agents(Protocol):
    def lease(self, spec: AgentSpec) -> AbstractAsyncContextManager[Agent]:
        """An open agent, shared by all who lease the same spec. Raises InvalidPlugin or AgentUnusable."""
        ...

    def simulated(self, spec: AgentSpec) -> bool:
        """Whether the agent only plays a model, and so may be told the expected answer."""
        ...


@dataclass(frozen=True)
class EvaluatorContext:
    """What a connected evaluator's `build(settings, context)` gets besides its settings."""

    agents: Agents
    """Agents to ask. A lease holds one of the spec's `concurrency` places of this process: take one for each call."""
    isolation: "Isolation | None" = None
    """Where the rules inside a connected evaluator judge."""
    embedders: Embedders | None = None
    """Who turns texts into vectors."""


class Evaluate(Protocol):
    """Those that are not connected look at no earlier verdicts."""

    async def __call__(self, case: Case, reply: Reply, earlier: Earlier = NOTHING_EARLIER) -> Scored | Unscored: ...


@dataclass(frozen=True)
class NamedEvaluator:
    label: str
    version: str
    evaluate: Evaluate
    connected: bool = False
    """Asks others: to be awaited many at a time, within a time limit, and never in a side process."""
    at_once: int = AT_ONCE
    """Of a connected one: so many at a time, over all batches of a run in this process."""
    prepare: Callable[[], None] | None = None
    """Loads what takes seconds to load; a side process calls it before the first answer."""
    figures: Figures | None = None
    """What its scores come to together."""


class Evaluators(Protocol):
    def open(self, evaluations: Sequence[Evaluation]) -> Sequence[NamedEvaluator]:
        """The evaluators in order. Raises InvalidPlugin."""
        ...


class Isolation(Protocol):
    """Judges with an evaluator that is not connected where it can hurt nobody."""

    def judge(
        self, evaluation: Evaluation, answers: Sequence[tuple[Case, Reply]]
    ) -> AsyncGenerator[Sequence[Scored | Unscored]]:
        """One verdict for each answer, in order, some at a time. An evaluator that crashes, hangs or eats memory
        leaves that answer unscored, and the others are judged. Raises ServiceUnavailable."""
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


class Ledger(Protocol):
    """The record of every call: claimed before it is sent, settled with its outcome, each exactly once.

    Every method returns when the fact is durable. While the database is away they wait: what was
    answered is kept in memory and written when it is back.
    """

    async def settled(self, batch: Batch) -> tuple[set[ItemKey], Settled]:
        """The questions of the batch that need no asking in this round, and what became of them."""
        ...

    async def ever_answered(self, share: Share) -> bool:
        """Whether any question of this agent has an answer in this run."""
        ...

    @property
    def fenced(self) -> bool:
        """Whether this process was out of touch for so long that others may have taken over its claims: what was
        claimed but not sent must be released and claimed again."""
        ...

    async def claim(self, share: Share, key: ItemKey, *, delivery: Delivery = "at_least_once") -> Claim:
        """Announces a call, unless somebody else has the question. Looks once; who is `Held` off asks again later."""
        ...

    async def release(self, share: Share, key: ItemKey, fence: int, detail: str, *, sent: bool = True) -> None:
        """The call failed in a way that is worth another call, or was not sent at all."""
        ...

    def abandon(self, fence: int) -> None:
        """Nobody will settle or release the claim: it counts as lost, and whoever asks next in this process gets it."""
        ...

    async def settle(self, share: Share, fence: int, item: Item) -> bool:
        """The question is done; with the call that ended it, in one transaction. Raises BadAnswer for an answer that
        the record cannot hold.

        False for an outcome that came too late: the claim was taken over meanwhile. It is kept beside the one that
        counts, and never replaces it.
        """
        ...


class ProviderKeys(Protocol):
    async def key_of(self, spec: AgentSpec) -> ProviderKey | None:
        """Whose limits hold for this agent's calls; None for an agent that no provider limits."""
        ...


class SharedLimits(Protocol):
    async def exchange(self, key: ProviderKey, report: Report) -> Allowance:
        """Tells what this process saw of the key and wants of it, and gives what it may do next.

        A report without demands gives everything back. Raises ServiceUnavailable, and then nothing was told.
        """
        ...


class Budgets(Protocol):
    async def accounts(self, run_id: str) -> Sequence[Account]:
        """What limits the spending of the run, and what was spent; nothing when it may spend what it likes."""
        ...

    async def charge(self, share: Share, spent: Spending) -> None:
        """Adds what judging the agent's answers cost. Waits for the database."""
        ...


class Verdicts(Protocol):
    async def lacking(self, batch: Batch, evaluators: Sequence[tuple[str, str]]) -> Sequence[BatchAnswer]:
        """Answers of the batch that lack a verdict of one of these (label, version) evaluators."""
        ...

    async def record(self, share: Share, verdicts: Sequence[BatchVerdict], *, primary: str) -> int:
        """Writes verdicts that are not there yet; returns how many of the primary evaluator were new."""
        ...


class Adoptions(Protocol):
    """Answers that a run takes over from another."""

    async def adopt(
        self, run_no: int, from_run_no: int, *, agents: Mapping[int, int], cases: Mapping[int, int], trials: int
    ) -> None:
        """Copies what agents of the other run answered, and its verdicts. `agents` is by agent number of the new run,
        `cases` by case index of the other one; trials from `trials` on stay behind. Twice changes nothing."""
        ...


class Submissions(Protocol):
    """Accepts the runs of schedules."""

    async def submit(self, schedule_id: str, at: datetime) -> tuple[str | None, str | None]:
        """The id of the run of this time, or why there can be none. Twice gives the same."""
        ...


class Couriers(Protocol):
    """Deliveries of webhooks, one attempt at a time."""

    async def deliver(self, delivery_id: str, *, pause_s: float | None) -> Tried:
        """Tries once and records how it went. `pause_s` is the time until the next attempt if this one fails; None
        when it is the last."""
        ...


class Manifests(Protocol):
    async def keep(self, run: Run, versions: Sequence[tuple[str, str]]) -> None:
        """Writes down what this round of the run was made of, with the (label, version) of its evaluators; the first
        one that is told stays."""
        ...


class RunRecords(Protocol):
    """The record of a run that people see."""

    async def get(self, run_id: str) -> Run: ...

    async def number(self, run_id: str) -> int:
        """The run's number in the large tables."""
        ...

    async def begin(self, run_id: str, *, case_set: str, case_count: int, reopens: bool = True) -> Run:
        """The cases are known and the asking starts (again). A run that has ended stays so unless this `reopens` it."""
        ...

    async def note(
        self, run_id: str, status: RunStatus, error: str | None = None, *, halted: HaltKind | None = None
    ) -> None:
        """The run's status changed; `halted` is what a paused one waits for, if nobody asked for the pause. Ending a
        run that has ended already changes nothing but its reason."""
        ...

    async def note_agent(
        self, run_id: str, agent_no: int, status: RunStatus, error: str | None = None, *, decision: str | None = None
    ) -> None:
        """With a decision, what was not asked by then does not belong to the run."""
        ...

    async def columns(self, run_id: str, agent_no: int, evaluators: Sequence[tuple[str, str]]) -> "Columns":
        """The agent's settled questions with the verdicts of these (label, version) evaluators."""
        ...

    def counts(self, run_id: str, agent_no: int, evaluator: tuple[str, str]) -> AsyncGenerator[Sequence[UnitCounts]]:
        """The counts in the details of this (label, version) evaluator's scores, some at a time, unit after unit."""
        ...

    async def trouble(self, run_id: str, agent_no: int, evaluator: str) -> str:
        """Why the agent's last unscored answer was not judged by this evaluator, or else why its last failed question
        failed; "" when there is neither."""
        ...

    async def keep_metrics(
        self, run_id: str, agent_no: int, metrics: AgentMetrics, *, evaluated: int, validity: Validity, coverage: float
    ) -> None: ...

    async def keep_report(self, run_id: str, report_key: str, *, validity: Validity) -> None: ...
