"""Whether a definition can work at all, told before anything is accepted: every mistake at once, with its place."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adapters.datasets.case_sets import open_source
from adapters.datasets.mapping import Mapper
from adapters.datasets.uploaded import UploadedSettings
from adapters.prompts.prompts import mistakes_of_prompt
from api.problem_kinds import INVALID
from api.problems import ProblemDetail, ProblemError
from api.services import Services
from core.benchmarks import AgentSpec, BenchmarkDefinition
from core.errors import InvalidInput, InvalidPlugin, NotFound
from core.plugins import find, settings_of
from core.ports import AgentContext
from evaluators.registry import InstalledEvaluators, refuse_waiting


async def mistakes_of(definition: BenchmarkDefinition, services: Services, project_id: str) -> list[InvalidInput]:
    """What would keep a run of it from working, each with its place in the definition."""
    mistakes = list(_mistakes(definition, code=services.settings.code_execution != "off"))
    for number, agent in enumerate(definition.agents):
        mistakes += _refused(agent, services.agent_context(agent, project_id), f"/agents/{number}/agent")
    spec = definition.dataset
    context = services.dataset_context(project_id)
    mistakes += _caught(open_source, spec, context)
    if spec.source.kind == "uploaded" and not mistakes:
        settings = UploadedSettings.model_validate(spec.source.settings)
        try:
            await services.datasets.find(project_id, settings.name, settings.version)
        except NotFound as error:
            mistakes.append(InvalidInput(f"{error} GET /v1/datasets lists them.", pointer="/dataset/source/name"))
    return mistakes


def mistakes_of_agent(spec: AgentSpec, *, pointer: str = "") -> list[InvalidInput]:
    return list(_agent(spec, pointer))


def refuse(mistakes: Sequence[InvalidInput]) -> None:
    """Raises ProblemError (422) if there are any."""
    if mistakes:
        found = [ProblemDetail(pointer=mistake.pointer, detail=str(mistake)) for mistake in mistakes]
        raise ProblemError(INVALID, str(mistakes[0]), errors=found)


def _mistakes(definition: BenchmarkDefinition, *, code: bool) -> Iterator[InvalidInput]:
    for number, agent in enumerate(definition.agents):
        yield from _agent(agent, f"/agents/{number}")
    yield from _caught(Mapper, definition.dataset.fields)
    yield from mistakes_of_prompt(definition.prompt)
    yield from _evaluators(definition, code=code)


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


def _evaluators(definition: BenchmarkDefinition, *, code: bool) -> Iterator[InvalidInput]:
    installed = InstalledEvaluators(code=code)
    found = [
        mistake
        for number, evaluation in enumerate(definition.evaluators)
        for mistake in _caught(installed.open_one, evaluation, f"/evaluators/{number}")
    ]
    yield from found or _caught(refuse_waiting, definition.evaluators)


def _caught(check: Callable[..., Any], *arguments: Any, **named: Any) -> Iterator[InvalidInput]:
    try:
        check(*arguments, **named)
    except InvalidInput as error:
        yield error
