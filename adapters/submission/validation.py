"""Whether a definition can work at all, told before anything is accepted: every mistake at once, with its place."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adapters.datasets.case_sets import open_source
from adapters.datasets.mapping import Mapper
from adapters.datasets.uploaded import UploadedSettings
from adapters.prompts.prompts import mistakes_of_prompt
from adapters.submission.premises import Premises
from core.benchmarks import AgentSpec, BenchmarkDefinition
from core.errors import InvalidInput, InvalidPlugin, InvalidRequest, NotFound
from core.plugins import find, settings_of
from core.ports import AgentContext


async def mistakes_of(definition: BenchmarkDefinition, premises: Premises, project_id: str) -> list[InvalidInput]:
    """What would keep a run of it from working, each with its place in the definition."""
    mistakes = [*_mistakes(definition), *premises.mistakes_of_evaluators(definition.evaluators)]
    for number, agent in enumerate(definition.agents):
        mistakes += _refused(agent, premises.agent_context(agent, project_id), f"/agents/{number}/agent")
    spec = definition.dataset
    context = premises.dataset_context(project_id)
    mistakes += _caught(open_source, spec, context)
    if spec.source.kind == "uploaded" and not mistakes:
        settings = UploadedSettings.model_validate(spec.source.settings)
        try:
            await premises.datasets.find(project_id, settings.name, settings.version)
        except NotFound as error:
            mistakes.append(InvalidInput(f"{error} GET /v1/datasets lists them.", pointer="/dataset/source/name"))
    return mistakes


def mistakes_of_agent(spec: AgentSpec, *, pointer: str = "") -> list[InvalidInput]:
    return list(_agent(spec, pointer))


def refuse(mistakes: Sequence[InvalidInput]) -> None:
    """Raises InvalidRequest if there are any."""
    if mistakes:
        raise InvalidRequest(mistakes)


def _mistakes(definition: BenchmarkDefinition) -> Iterator[InvalidInput]:
    for number, agent in enumerate(definition.agents):
        yield from _agent(agent, f"/agents/{number}")
    yield from _caught(Mapper, definition.dataset.fields)
    yield from mistakes_of_prompt(definition.prompt)


def _agent(agent: AgentSpec, pointer: str) -> Iterator[InvalidInput]:
    yield from _caught(settings_of, "agents", agent.agent, pointer=f"{pointer}/agent")
    if agent.prompt is not None:
        yield from mistakes_of_prompt(agent.prompt, pointer=f"{pointer}/prompt")


def _refused(agent: AgentSpec, context: AgentContext, pointer: str) -> Iterator[InvalidInput]:
    """Settings that are right, but that the operator does not allow."""
    try:
        refusal = find("agents", agent.agent.kind).refusal
        sentence = refusal and refusal(settings_of("agents", agent.agent), context)
    except InvalidPlugin:
        return  # Told already, with its place.
    if sentence:
        yield InvalidPlugin(sentence, pointer=pointer)


def _caught(check: Callable[..., Any], *arguments: Any, **named: Any) -> Iterator[InvalidInput]:
    try:
        check(*arguments, **named)
    except InvalidInput as error:
        yield error
