"""A benchmark definition: which agents answer which dataset, asked how, judged by what.

The same model is the YAML file, the REST body and what a run keeps of its configuration.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator

from core.budgets import Budget
from core.cases import Message
from core.claims import Delivery
from core.limits import NO_LIMITS, Limits
from core.model import Model, Name
from core.plugins import PluginSpec


class Price(Model):
    """US dollars per million tokens; overrides the price table."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class FewShot(Model):
    """Solved examples shown before the question, as user and assistant turns."""

    count: int = Field(default=0, ge=0, le=64)
    """How many to draw from the dataset, of the question's own category, never one that is asked."""
    examples: tuple[Message, ...] = ()
    """Examples written out instead: alternating user and assistant messages."""

    @model_validator(mode="after")
    def _one_source(self) -> "FewShot":
        if self.count and self.examples:
            raise ValueError("give either `count` or `examples`, not both")
        if any(m.role != ("user", "assistant")[i % 2] for i, m in enumerate(self.examples)):
            raise ValueError("`examples` must alternate: user, assistant, user, assistant, ...")
        if len(self.examples) % 2:
            raise ValueError("`examples` must end with an assistant message")
        return self


class PromptSpec(Model):
    """How a case becomes messages. Templates are sandboxed Jinja over the case: `id`, `input`, `choices` (list),
    `lettered` (choices as "A. ..." lines), `category`, `metadata`."""

    system: str | None = None
    """Sent as it is."""
    template: str = "{{ input }}"
    few_shot: FewShot = FewShot()
    example_answer: str = "{{ expected }}"
    """How the answer of a drawn example is shown; sees `expected` besides the rest."""
    messages: Annotated[tuple[Message, ...], Field(max_length=200)] | str = ()
    """The whole conversation, in place of `system`, `template` and `few_shot`: messages, each a template; or the
    metadata field that holds a list of messages, `item.history` reaches into an object."""

    @model_validator(mode="after")
    def _one_conversation(self) -> "PromptSpec":
        if self.messages and (self.system or self.few_shot.count or self.few_shot.examples):
            raise ValueError("`messages` is the whole conversation; leave `system` and `few_shot` out")
        return self

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Who says what, in its order, examples apart: (role, template). Where cases hold the conversation, its field
        takes the template's place."""
        if isinstance(self.messages, tuple) and self.messages:
            return tuple((each.role, each.content) for each in self.messages)
        if isinstance(self.messages, str) and self.messages:
            return (("conversation", self.messages),)
        return (*([("system", self.system)] if self.system else []), ("user", self.template))


class AgentSpec(Model):
    """One agent of a run: the plugin that reaches it and how it may be asked."""

    name: Name
    agent: PluginSpec
    prompt: PromptSpec | None = None
    """Overrides the benchmark's prompt for this agent."""
    concurrency: int = Field(default=8, ge=1, le=2000)
    """Calls in flight at once, over all workers."""
    timeout_s: float = Field(default=120.0, gt=0, le=3600)
    """Deadline of one call, in seconds, connection included."""
    max_attempts: int = Field(default=5, ge=1, le=20)
    """Calls for one question before it is recorded as failed."""
    price: Price | None = None
    limits: Limits = NO_LIMITS
    """What to keep to besides the limits that hold for the provider key anyway: over all workers, and for all runs that
    ask by the same key while this one does."""


class Choices(Model):
    """Options gathered from columns: the right one and the wrong ones, shuffled by the case's id."""

    correct: str
    incorrect: tuple[str, ...] = Field(min_length=1)


class FieldMapping(Model):
    """Which column makes each field of a case. An entry with `{{` in it is a sandboxed Jinja expression over the row's
    columns (`{{ row["with spaces"] }}`), `file` (the file's name without its endings) and `number` (the row's)."""

    id: str | None = None
    """Default: a column named `id`, else the row's number (after the file's name, if there are several)."""
    input: str = "input"
    expected: str | None = None
    """Default: the first present of `expected`, `target`, `answer`; `""` for none. With `choices` of the form
    `{correct, incorrect}` it is the letter of the right one."""
    choices: str | tuple[str, ...] | Choices | None = None
    """A column holding a list, the columns of the options, or `{correct, incorrect}`."""
    category: str | None = None
    """Default: a column named `category`, if there is one; `""` for none."""
    cluster: str | None = None
    """A column that says which cases belong together, such as the passage that several questions are about: intervals
    and tests then take the clusters as what is independent. Default: every case stands alone."""
    tools: str | None = None
    """A column with the list of tools the agent may call: `{name, description, parameters}`, bare or within
    `function` as OpenAI has them. Default: the agent may call nothing."""
    metadata: tuple[str, ...] = ()
    """Columns kept with the case for templates and evaluators."""


class DatasetSpec(Model):
    """Where the cases come from, and which of them are asked."""

    source: PluginSpec
    fields: FieldMapping = FieldMapping()
    categories: tuple[str, ...] = ()
    """Keep only these categories; empty keeps all."""
    limit: int | None = Field(default=None, ge=1, le=10_000_000)
    """Ask at most this many."""
    seed: int | None = None
    """With `limit`: draw that many at random by this seed, over all categories; a larger limit draws the same ones and
    more. Without a seed the first ones are taken, evenly over the categories. Few-shot examples come from the end."""
    order: Literal["dataset", "drawn"] = "dataset"
    """In which order they are asked: as the dataset has them, or at random as the seed draws them."""

    @model_validator(mode="after")
    def _seeded(self) -> "DatasetSpec":
        if self.order == "drawn" and self.seed is None:
            raise ValueError("`order: drawn` needs a `seed` to draw by; give one, `seed: 1` say")
        return self


class Stopping(Model):
    """When to stop asking because a question is decided, at an error that holds however often one looks.

    Of several agents each decision gets an equal part of the error. What was asked beyond a decision is what was in
    flight (`concurrency`) and what came in since the last look: 20 questions, or a twentieth of those settled by then.
    """

    threshold: float | None = Field(default=None, gt=0, lt=1)
    """Is the agent's accuracy over all cases above or below this?"""
    rival: Name | None = None
    """Or: is the agent better or worse than this agent of the run?"""
    error: float = Field(default=0.05, gt=0, le=0.5)
    """The chance of any wrong decision, about all agents of the run together, at most."""

    @model_validator(mode="after")
    def _one_question(self) -> "Stopping":
        if (self.threshold is None) == (self.rival is None):
            raise ValueError("give either `threshold` or `rival`: one of them is the question to decide")
        return self


class Evaluation(PluginSpec):
    """An evaluator and the name its scores go by (default: its kind)."""

    name: Name | None = None

    @property
    def label(self) -> str:
        return self.name or self.kind


class ExtraMetrics(Model):
    """Figures that cost something, and so must be asked for."""

    semantic_consistency: PluginSpec | None = None
    """How alike the answers to one case are in meaning, where cases are asked several times: who makes vectors of them,
    as in the evaluator `similarity`; `{kind: ngrams}` needs no key."""

    @model_validator(mode="after")
    def _embeds(self) -> "ExtraMetrics":
        if self.semantic_consistency is not None:
            # Embeddings are priced like agents, so they know this module.
            from core.embeddings import EmbeddingSpec

            EmbeddingSpec.model_validate(self.semantic_consistency.model_dump())
        return self


FailedCountsAs = Literal["unscored", "wrong"]


class BenchmarkDefinition(Model):
    """Everything a run needs to know. The first evaluator decides what counts as correct."""

    name: Name
    description: str = ""
    benchmark_type: str = "question-answering"
    dataset: DatasetSpec
    prompt: PromptSpec = PromptSpec()
    agents: tuple[AgentSpec, ...] = Field(default=(), max_length=50)
    evaluators: tuple[Evaluation, ...] = Field(min_length=1, max_length=20)
    trials: int = Field(default=1, ge=1, le=1000)
    """How often every agent answers every case."""
    priority: int = Field(default=5, ge=1, le=10)
    """The run's weight beside others of its project that ask by the same provider key: 10 gets twice as much as 5."""
    delivery: Delivery = "at_least_once"
    """A call that was lost with its worker is sent again, once; or never (`at_most_once`): then its question failed for
    the cause `unknown`, and the score comes with bounds."""
    failed_counts_as: FailedCountsAs = "unscored"
    """With `wrong`, failures that are the agent's fault count as wrong answers; all others lower coverage only."""
    budget: Budget | None = None
    """What the run may spend on its agents; when it is spent, the run pauses."""
    stopping: Stopping | None = None
    """Stop asking an agent once this is decided. The cases must be asked as they are drawn (`dataset.order`)."""
    metrics: ExtraMetrics = ExtraMetrics()
    tags: dict[Annotated[str, Field(max_length=64)], str] = Field(default_factory=dict[str, str], max_length=32)

    @property
    def examples(self) -> int:
        """The most examples any agent is shown: so many cases of each category are held out."""
        prompts = (self.prompt, *(agent.prompt for agent in self.agents if agent.prompt))
        return max(prompt.few_shot.count for prompt in prompts)

    @model_validator(mode="after")
    def _distinct_names(self) -> "BenchmarkDefinition":
        for what, names in (
            ("agents", [agent.name for agent in self.agents]),
            ("evaluators", [evaluation.label for evaluation in self.evaluators]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"the {what} share the name {sorted(twice)[0]!r}; give each its own `name`")
        return self

    @property
    def decisions(self) -> int:
        """How many decisions `stopping` waits for: one about each agent, or about each but the rival."""
        held = [agent for agent in self.agents if self.stopping is None or agent.name != self.stopping.rival]
        return max(1, len(held))

    @model_validator(mode="after")
    def _can_stop(self) -> "BenchmarkDefinition":
        if self.stopping is None:
            return self
        if self.dataset.order != "drawn":
            raise ValueError("`stopping` needs cases in a random order; set `seed` and `order: drawn` of the dataset")
        if self.trials != 1:
            raise ValueError("`stopping` decides on one trial a case; leave `trials` at 1")
        names = [agent.name for agent in self.agents]
        if names and self.stopping.rival is not None and self.stopping.rival not in names:
            raise ValueError(f"the rival {self.stopping.rival!r} is no agent of the run")
        return self


DefinitionFormat = Literal["yaml", "json"]
Settings = dict[str, JsonValue]
