"""Answers of the API about definitions, written by `python -m tests.benchmark_client.generation`."""

from typing import Literal

from pydantic import Field

from benchmark_client.models.answer import Answer


class Limits(Answer):
    """What is allowed at most; None does not limit."""

    in_flight: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


class PluginSpec(Answer):
    """The durable form of a plugin: its kind and its settings, side by side."""

    kind: str


class Price(Answer):
    """US dollars per million tokens; overrides the price table."""

    input: float
    output: float


class Message(Answer):
    role: Literal["system", "user", "assistant"] | str
    content: str


class FewShot(Answer):
    """Solved examples shown before the question, as user and assistant turns."""

    count: int = 0
    examples: tuple[Message, ...] = ()


class PromptSpec(Answer):
    """How a case becomes messages. Templates are sandboxed Jinja over the case: `id`, `input`, `choices` (list),
    `lettered` (choices as "A. ..." lines), `category`, `metadata`.
    """

    system: str | None = None
    template: str = "{{ input }}"
    few_shot: FewShot
    example_answer: str = "{{ expected }}"
    messages: tuple[Message, ...] | str = ()


class AgentSpec(Answer):
    """One agent of a run: the plugin that reaches it and how it may be asked."""

    name: str
    agent: PluginSpec
    prompt: PromptSpec | None = None
    concurrency: int = 8
    timeout_s: float = 120.0
    max_attempts: int = 5
    price: Price | None = None
    limits: Limits


class Budget(Answer):
    """What may be spent at most; None does not limit. What is in flight is not counted before it is answered, so the
    sum may end above by as much.
    """

    max_usd: float | None = None
    max_tokens: int | None = None
    max_calls: int | None = None
    unknown_price: Literal["stop", "ignore"] | str = "stop"


class Choices(Answer):
    """Options gathered from columns: the right one and the wrong ones, shuffled by the case's id."""

    correct: str
    incorrect: tuple[str, ...]


class FieldMapping(Answer):
    """Which column makes each field of a case. An entry with `{{` in it is a sandboxed Jinja expression over the row's
    columns (`{{ row["with spaces"] }}`), `file` (the file's name without its endings) and `number` (the row's).
    """

    id: str | None = None
    input: str = "input"
    expected: str | None = None
    choices: str | tuple[str, ...] | Choices | None = None
    category: str | None = None
    cluster: str | None = None
    tools: str | None = None
    metadata: tuple[str, ...] = ()


class DatasetSpec(Answer):
    """Where the cases come from, and which of them are asked."""

    source: PluginSpec
    fields: FieldMapping
    categories: tuple[str, ...] = ()
    limit: int | None = None
    seed: int | None = None
    order: Literal["dataset", "drawn"] | str = "dataset"


class Evaluation(Answer):
    """An evaluator and the name its scores go by (default: its kind)."""

    kind: str
    name: str | None = None


class ExtraMetrics(Answer):
    """Figures that cost something, and so must be asked for."""

    semantic_consistency: PluginSpec | None = None


class Stopping(Answer):
    """When to stop asking because a question is decided, at an error that holds however often one looks.

    Of several agents each decision gets an equal part of the error. What was asked beyond a decision is what was in
    flight (`concurrency`) and what came in since the last look: 20 questions, or a twentieth of those settled by
    then.
    """

    threshold: float | None = None
    rival: str | None = None
    error: float = 0.05


class BenchmarkDefinition(Answer):
    """Everything a run needs to know. The first evaluator decides what counts as correct."""

    name: str
    description: str = ""
    benchmark_type: str = "question-answering"
    dataset: DatasetSpec
    prompt: PromptSpec
    agents: tuple[AgentSpec, ...] = ()
    evaluators: tuple[Evaluation, ...]
    trials: int = 1
    priority: int = 5
    delivery: Literal["at_least_once", "at_most_once"] | str = "at_least_once"
    failed_counts_as: Literal["unscored", "wrong"] | str = "unscored"
    budget: Budget | None = None
    stopping: Stopping | None = None
    metrics: ExtraMetrics
    tags: dict[str, str] = Field(default_factory=dict)


class InlineRun(Answer):
    """A whole definition. Its agents may be names of stored ones."""

    name: str
    description: str = ""
    benchmark_type: str = "question-answering"
    dataset: DatasetSpec
    prompt: PromptSpec
    agents: tuple[AgentSpec | str, ...] = ()
    evaluators: tuple[Evaluation, ...]
    trials: int = 1
    priority: int = 5
    delivery: Literal["at_least_once", "at_most_once"] | str = "at_least_once"
    failed_counts_as: Literal["unscored", "wrong"] | str = "unscored"
    budget: Budget | None = None
    stopping: Stopping | None = None
    metrics: ExtraMetrics
    tags: dict[str, str] = Field(default_factory=dict)


class Overrides(Answer):
    """What this run does otherwise than its benchmark says; absent fields stay as they are."""

    name: str | None = None
    limit: int | None = None
    seed: int | None = None
    categories: tuple[str, ...] | None = None
    trials: int | None = None
    prompt: PromptSpec | None = None
    evaluators: tuple[Evaluation, ...] | None = None
    budget: Budget | None = None
    tags: dict[str, str] | None = None


class NamedRun(Answer):
    """A stored or ready-made benchmark."""

    benchmark: str
    """`name`, or `name@version`."""
    agents: tuple[AgentSpec | str, ...] = ()
    overrides: Overrides
    folder: str | None = None
