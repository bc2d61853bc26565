"""The estimate of a run that has not begun: whom it would ask how often, what that takes, and what it would cost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from adapters.agents.provider import Priced
from adapters.embeddings.openai import OpenAIEmbedder
from adapters.prompts.prompts import JinjaPrompts
from api.services import Services
from core.benchmarks import AgentSpec, BenchmarkDefinition, Evaluation
from core.budgets import Account, Spent
from core.cases import Case
from core.datasets import CaseSet
from core.embeddings import EmbeddingSpec
from core.errors import TimedOut
from core.estimates import Estimate, Part, Range, Role, TrackRecord, priced
from core.expectations import assumed, expected_input, expected_output, summed, warned
from core.limits import NO_LIMITS, Limits, ProviderKey
from core.plugins import find, settings_of
from core.prices import KnownPrice
from core.token_counts import PER_MESSAGE, count_tokens
from evaluators.asking import asked_by
from evaluators.registry import version_of

LOADING_S = 20.0
"""How long loading the cases may take."""
SAMPLE = 500
"""Cases whose prompts are counted: of more of them, ten blocks that lie evenly."""
BLOCKS = 10
CEILINGS = ("max_tokens", "max_completion_tokens")
"""Settings of agents that bound an answer."""


class Wanted(NamedTuple):
    """Somebody whom the run would ask."""

    name: str
    role: Role
    spec: AgentSpec | EmbeddingSpec
    calls: Range
    input_tokens: Range
    """Of a call, as the next."""
    output_tokens: Range
    record: TrackRecord | None


@dataclass
class Tallied:
    """Whom an evaluator would ask about a sample of so many cases."""

    spec: AgentSpec | EmbeddingSpec
    cases: int
    calls: int = 0
    tokens: float = 0.0
    """Of all calls, without the answers that are judged."""
    surely: bool = True

    def wanted(self, shown: Range, *, answers: int, record: TrackRecord | None) -> Wanted:
        """To judge so many answers; `shown` are the tokens of one."""
        calls = self.calls / self.cases * answers
        role: Role = "judge" if isinstance(self.spec, AgentSpec) else "embeddings"
        return Wanted(
            name=self.spec.name if isinstance(self.spec, AgentSpec) else self.spec.model,
            role=role,
            spec=self.spec,
            calls=Range(low=calls if self.surely else 0, expected=calls, high=calls),
            input_tokens=expected_input(self.tokens / self.calls, None).plus(shown),
            output_tokens=expected_output(role, _ceiling(self.spec), record),
            record=record,
        )


class Known(NamedTuple):
    """What is known of somebody before he is asked."""

    price: KnownPrice | None
    key: ProviderKey | None


class Estimator:
    def __init__(
        self,
        services: Services,
        definition: BenchmarkDefinition,
        case_set: CaseSet,
        sample: Sequence[Case],
        *,
        project_id: str,
    ) -> None:
        self._services = services
        self._definition = definition
        self._case_set = case_set
        self._sample = sample
        self._project_id = project_id
        self._answers = case_set.case_count * definition.trials
        """Of one agent."""

    async def estimate(self) -> Estimate:
        definition = self._definition
        agents = [await self._agent(spec) for spec in definition.agents]
        judges = await self._judges(agents)
        known = [await self._known(wanted.spec) for wanted in (*agents, *judges)]
        parts = [_part(wanted, each.price) for wanted, each in zip((*agents, *judges), known, strict=True)]
        dollars = [part.usd for part in parts]
        return Estimate(
            name=definition.name,
            cases=self._case_set.case_count,
            agents=len(definition.agents),
            trials=definition.trials,
            calls=self._answers * len(definition.agents),
            judging_calls=summed([part.calls for part in parts if part.role != "agent"]),
            input_tokens=summed([part.input_tokens for part in parts]),
            output_tokens=summed([part.output_tokens for part in parts]),
            usd=None if None in dollars else summed([usd for usd in dollars if usd is not None]),
            seconds=await self._seconds((*agents, *judges), parts, known),
            parts=tuple(parts),
            warnings=tuple(warned(parts, await self._accounts())),
            assumptions=tuple(assumed(parts, cases=self._case_set.case_count, counted=len(self._sample))),
        )

    async def _agent(self, spec: AgentSpec) -> Wanted:
        counted = await asyncio.to_thread(self._prompt_tokens, spec)
        record = await self._services.track_records.of_agent(
            self._project_id, spec, self._definition, self._case_set.digest
        )
        low = 0 if self._definition.stopping is not None else self._answers
        return Wanted(
            spec.name,
            "agent",
            spec,
            Range(low=low, expected=self._answers, high=self._answers),
            expected_input(counted, record),
            expected_output("agent", _ceiling(spec), record),
            record,
        )

    def _prompt_tokens(self, spec: AgentSpec) -> float:
        """Of a call, in the mean over the sample."""
        prompter = JinjaPrompts().open(spec.prompt or self._definition.prompt, self._case_set)
        total = 0.0
        for case in self._sample:
            question = prompter.question(case, trial=0, reveal_expected=False)
            total += sum(PER_MESSAGE + count_tokens(message.content) for message in question.messages)
            total += sum(count_tokens(tool.model_dump_json()) for tool in question.tools)
        return total / max(len(self._sample), 1)

    async def _judges(self, agents: Sequence[Wanted]) -> list[Wanted]:
        found: list[Wanted] = []
        shown = summed([agent.output_tokens for agent in agents]).scaled(1 / max(len(agents), 1))
        answers = self._answers * len(agents)
        for evaluation in self._definition.evaluators:
            asked = await asyncio.to_thread(self._asked_by, evaluation)
            if not asked:
                continue
            record = await self._services.track_records.of_judging(
                self._project_id, evaluation.label, version_of(evaluation)
            )
            found += [each.wanted(shown, answers=answers, record=record) for each in asked]
        return found

    def _asked_by(self, evaluation: Evaluation) -> list["Tallied"]:
        """Whom it asks about the sample."""
        tallies: dict[str, Tallied] = {}
        for case in self._sample:
            for asked in asked_by([evaluation], case):
                key = asked.spec.model_dump_json()
                tallied = tallies.setdefault(key, Tallied(asked.spec, len(self._sample)))
                tallied.calls += asked.calls
                tallied.tokens += asked.calls * sum(PER_MESSAGE + count_tokens(text) for text in asked.texts)
                tallied.surely = tallied.surely and asked.surely
        return list(tallies.values())

    async def _known(self, spec: AgentSpec | EmbeddingSpec) -> Known:
        asked: Any
        context = self._services.agent_context(spec, self._project_id)
        if isinstance(spec, EmbeddingSpec):
            asked = OpenAIEmbedder(spec, context)
        else:
            asked = find("agents", spec.agent.kind).build(settings_of("agents", spec.agent), context)
        try:
            price = await asked.price() if isinstance(asked, Priced) else _own_price(spec)
            return Known(price, await self._services.key_names.of(asked))
        finally:
            close: Any = getattr(asked, "aclose", None)
            if close is not None:
                await close()

    async def _accounts(self) -> Sequence[Account]:
        own = self._definition.budget
        project = await self._services.budgets.of_project(self._project_id)
        accounts = [] if own is None else [Account(whose="run", budget=own, spent=Spent())]
        return accounts if project is None else [*accounts, project]

    async def _seconds(self, wanted: Sequence[Wanted], parts: Sequence[Part], known: Sequence[Known]) -> float | None:
        """The slowest part, and the keys whose limits are slower than that."""
        times = [part.seconds for part in parts if part.seconds is not None]
        keys = {each.key.key_id: each.key for each in known if each.key is not None}
        for key_id, key in keys.items():
            limits, rate = await self._services.limits.standing(key)
            mine = [at for at, each in enumerate(known) if each.key is not None and each.key.key_id == key_id]
            for at in mine:
                spec = wanted[at].spec
                limits = limits.narrowed(spec.limits if isinstance(spec, AgentSpec) else NO_LIMITS)
            times += _limited(limits, rate, [parts[at] for at in mine])
        return max(times, default=None)


async def estimate(services: Services, definition: BenchmarkDefinition, *, project_id: str) -> Estimate:
    """Loads the cases as the run would. Raises InvalidDataset and what else the dataset does, TimedOut."""
    try:
        async with asyncio.timeout(LOADING_S):
            case_set = await services.case_sets.prepare(
                definition.dataset, project_id=project_id, examples=definition.examples
            )
            sample = await _sample(services, case_set)
    except TimeoutError as error:
        raise TimedOut(f"The dataset was not loaded within {LOADING_S:g} s; a run may take longer.") from error
    return await Estimator(services, definition, case_set, sample, project_id=project_id).estimate()


async def _sample(services: Services, case_set: CaseSet) -> list[Case]:
    count = case_set.case_count
    if count <= SAMPLE:
        return list(await services.case_sets.read(case_set, 0, count))
    size, cases = SAMPLE // BLOCKS, list[Case]()
    for block in range(BLOCKS):
        start = block * (count - size) // (BLOCKS - 1)
        cases += await services.case_sets.read(case_set, start, start + size)
    return cases


def _part(wanted: Wanted, price: KnownPrice | None) -> Part:
    taken = wanted.input_tokens.times(wanted.calls)
    given = wanted.output_tokens.times(wanted.calls)
    latency = wanted.record.latency_s if wanted.record is not None else None
    return Part(
        name=wanted.name,
        role=wanted.role,
        calls=wanted.calls,
        input_tokens=taken,
        output_tokens=given,
        price=price,
        usd=priced(price, taken, given),
        seconds=None if latency is None else wanted.calls.expected * latency / wanted.spec.concurrency,
        record=wanted.record,
    )


def _limited(limits: Limits, rate: float | None, parts: Sequence[Part]) -> list[float]:
    """Seconds that the parts need at least at this key."""
    calls = summed([part.calls for part in parts]).expected
    tokens = summed([part.input_tokens.plus(part.output_tokens) for part in parts]).expected
    times = [] if rate is None else [calls / rate]
    if limits.requests_per_minute is not None:
        times.append(60 * calls / limits.requests_per_minute)
    if limits.tokens_per_minute is not None:
        times.append(60 * tokens / limits.tokens_per_minute)
    return times


def _ceiling(spec: AgentSpec | EmbeddingSpec) -> float | None:
    if isinstance(spec, EmbeddingSpec):
        return None
    settings = settings_of("agents", spec.agent)
    return next((value for name in CEILINGS if (value := getattr(settings, name, None)) is not None), None)


def _own_price(spec: AgentSpec | EmbeddingSpec) -> KnownPrice | None:
    if spec.price is None:
        return None
    price = spec.price
    return KnownPrice(input=price.input, output=price.output, source="agent", detail="The agent's own `price`.")
