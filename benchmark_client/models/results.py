"""Answers of the API about results, written by `python -m tests.benchmark_client.generation`."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from benchmark_client.models.answer import Answer
from benchmark_client.models.definitions import AgentSpec, DatasetSpec, Evaluation, PromptSpec
from benchmark_client.models.metrics import AgentMetrics, Category, VerdictsSpent
from benchmark_client.models.runs import Counts, Stall


class Served(Answer):
    """A model that answered, as the provider names it."""

    model: str | None = None
    fingerprint: str | None = None
    answers: int


class AgentPart(Answer):
    spec: AgentSpec
    prompt: PromptSpec
    served: tuple[Served, ...]


class ScoreView(Answer):
    evaluator: str
    version: str
    value: float | None = None
    answer: str | None = None
    reason: str | None = None
    cause: Literal["case", "evaluator", "judge", "undecided"] | str | None = None
    details: dict[str, JsonValue] | None = None
    spent: VerdictsSpent | None = None
    scored_at: datetime
    stale: bool


class ToolCall(Answer):
    """A call the agent made. Nothing runs it: that it was made, and how, is the answer."""

    name: str
    arguments: JsonValue


class Usage(Answer):
    """Tokens as the provider counted them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None


class ItemView(Answer):
    """How one question to one agent ended, and where all of it is."""

    agent_id: str
    agent_no: int
    case_index: int
    trial: int
    case_id: str
    category: str | None = None
    status: Literal["answered", "failed"] | str
    cause: (
        Literal["agent", "refused", "throttled", "timeout", "infrastructure", "budget", "cancelled", "unknown"]
        | str
        | None
    ) = None
    detail: str | None = None
    text: str | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    raw: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage
    latency_s: float | None = None
    queue_s: float
    cost_usd: float | None = None
    calls: int
    round: int
    answered_at: datetime
    scores: tuple[ScoreView, ...] = ()
    item_id: str
    link: str
    input: str | None = None
    expected: str | None = None


class AgentResult(Answer):
    agent_id: str
    status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str
    error: str | None = None
    metrics: AgentMetrics | None = None
    category_scores: dict[str, Category]
    counts: Counts
    validity: Literal["valid", "partial", "invalid"] | str | None = None
    coverage: float | None = None
    raw_responses_url: str
    raw_responses: tuple[ItemView, ...] | None = None


class ItemAttempt(Answer):
    """One call to the agent, written down before it was sent."""

    number: int
    fence: int
    round: int
    owner: str
    claimed_at: datetime
    finished_at: datetime | None = None
    status: Literal["open", "answered", "failed", "retried", "unsent", "unknown", "late"] | str
    detail: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class AttemptRecord(ItemAttempt):
    """A call in the list of all calls of a run."""

    agent_id: str
    case_index: int
    trial: int
    item_id: str


class Tool(Answer):
    """Something the agent may call instead of answering, or before it does."""

    name: str
    description: str = ""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class Case(Answer):
    """One row of a dataset after mapping: what to ask and what is right."""

    id: str
    input: str
    expected: str | None = None
    choices: tuple[str, ...] = ()
    category: str | None = None
    cluster: str | None = None
    tools: tuple[Tool, ...] = ()
    metadata: dict[str, JsonValue] = Field(default_factory=dict)


class DatasetPart(Answer):
    spec: DatasetSpec
    case_set: str | None = None
    cases: int | None = None


class EvaluatorPart(Answer):
    version: str
    evaluation: Evaluation
    served: tuple[str, ...] = ()


class FieldDifference(Answer):
    """Something that differs between what two runs were made of."""

    part: (
        Literal["dataset", "prompt", "agent", "model served", "evaluator", "judge", "code", "prices", "settings"] | str
    )
    field: str
    baseline: str | None = None
    candidate: str | None = None


class ItemDetail(ItemView):
    """Besides, the case that was asked and every call that was made for it."""

    case: Case | None = None
    attempts: tuple[ItemAttempt, ...]


class Software(Answer):
    """The worker that made the figures."""

    release: str
    build: str
    source: str
    python: str
    packages: dict[str, str]
    price_table: str


class KeptManifest(Answer):
    run_id: str
    round: int
    benchmark: str
    dataset: DatasetPart
    agents: dict[str, AgentPart]
    evaluators: dict[str, EvaluatorPart]
    settings: dict[str, JsonValue]
    software: Software
    manifest_digest: str
    created_at: datetime


class LimitWait(Answer):
    """What a run waits for at one provider key."""

    key_id: str
    origin: str
    credential: str | None = None
    model: str | None = None
    calls: int
    since: datetime
    until: datetime | None = None
    reason: str | None = None
    said: str
    """All of it in a sentence."""


class ManifestDifferences(Answer):
    """What the two runs differ in; nothing when their manifests' digests are equal."""

    baseline: str
    candidate: str
    differences: tuple[FieldDifference, ...]


class Results(Answer):
    run_id: str
    name: str
    status: Literal["queued", "processing", "paused", "completed", "failed", "cancelled"] | str
    validity: Literal["valid", "partial", "invalid"] | str | None = None
    error: str | None = None
    case_count: int | None = None
    agents: tuple[AgentResult, ...]


class Waiting(Answer):
    """One agent's questions that are neither answered nor failed, by their newest call."""

    agent_id: str
    unanswered: int = 0
    oldest_s: float | None = None
    repeated: int = 0
    last_error: str | None = None
    said: str | None = None
    """All of it in a sentence or two; None when there is nothing to tell."""


class WaitingView(Answer):
    """What a run that does not move waits for."""

    agents: tuple[Waiting, ...]
    limits: tuple[LimitWait, ...] = ()
    stalled: Stall | None = None
    paused: str | None = None
