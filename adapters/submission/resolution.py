"""From what was posted, a whole definition or the name of one, to the complete definition of a run that can work."""

from typing import Any

from pydantic import ValidationError

from adapters.definitions.ready_made import ready_made, ready_made_definition
from adapters.submission.premises import Premises
from adapters.submission.validation import mistakes_of, refuse
from core.benchmarks import AgentSpec, BenchmarkDefinition
from core.errors import InvalidInput, NotFound, listed
from core.mistakes import own_words, pointer
from core.plugins import PluginSpec
from core.run_requests import AgentChoice, InlineRun, NamedRun, Overrides, named


async def resolve(request: InlineRun | NamedRun, premises: Premises, project_id: str) -> BenchmarkDefinition:
    """The complete definition of a run that can work. Raises InvalidRequest."""
    agents = await chosen_agents(request.agents, premises, project_id)
    if isinstance(request, InlineRun):
        definition = build({**request.model_dump(exclude={"agents"}), "agents": agents})
        mistakes = await mistakes_of(definition, premises, project_id)
    else:
        stored = await _benchmark(request, premises, project_id)
        definition = overridden(stored, agents or stored.agents, request.overrides)
        found = await mistakes_of(definition, premises, project_id)
        mistakes = [_of_request(mistake, request) for mistake in found]
    if not definition.agents:
        mistakes.insert(0, InvalidInput("A run needs at least one agent.", pointer="/agents"))
    refuse(mistakes)
    return await _pinned(definition, premises, project_id)


async def _pinned(definition: BenchmarkDefinition, premises: Premises, project_id: str) -> BenchmarkDefinition:
    """With the version of its dataset that is the newest now, where none is named: the run's record says which."""
    source = definition.dataset.source
    if source.kind != "uploaded" or source.settings.get("version") is not None:
        return definition
    newest = await premises.datasets.find(project_id, str(source.settings["name"]), None)
    pinned = PluginSpec.model_validate({**source.model_dump(), "version": newest.version})
    return definition.model_copy(update={"dataset": definition.dataset.model_copy(update={"source": pinned})})


def build(content: dict[str, Any]) -> BenchmarkDefinition:
    """Raises InvalidRequest for what the definition's own rules forbid."""
    try:
        return BenchmarkDefinition.model_validate(content)
    except ValidationError as error:
        refuse(
            [
                InvalidInput(own_words(one), pointer=pointer(one["loc"]))
                for one in error.errors(include_url=False, include_context=False, include_input=False)
            ]
        )
        raise


async def chosen_agents(choices: tuple[AgentChoice, ...], premises: Premises, project_id: str) -> tuple[AgentSpec, ...]:
    """Those spelled out and those stored, in order. Raises InvalidInput."""
    specs: list[AgentSpec] = []
    for number, choice in enumerate(choices):
        if isinstance(choice, AgentSpec):
            specs.append(choice)
            continue
        try:
            specs.append((await premises.agents.get(project_id, *named(choice))).spec)
        except NotFound as error:
            raise InvalidInput(f"{error} GET /v1/agents lists them.", pointer=f"/agents/{number}") from error
    return tuple(specs)


async def _benchmark(request: NamedRun, premises: Premises, project_id: str) -> BenchmarkDefinition:
    name, version = named(request.benchmark)
    try:
        return (await premises.benchmarks.get(project_id, name, version)).definition
    except NotFound as error:
        if name in ready_made() and version is None:
            return ready_made_definition(name, _folder(request, premises))
        known = f"GET /v1/benchmarks lists them; ready-made are {listed(ready_made())}."
        raise InvalidInput(f"{error} {known}", pointer="/benchmark") from error


def _folder(request: NamedRun, premises: Premises) -> str:
    folders = premises.settings.local_folders
    if request.folder is not None:
        return request.folder
    if len(folders) == 1:
        return str(folders[0])
    raise InvalidInput(
        "Say in `folder` where the benchmark's data files are; BENCHMARK_LOCAL_FOLDERS does not name just one folder.",
        pointer="/folder",
    )


def overridden(stored: BenchmarkDefinition, agents: tuple[AgentSpec, ...], overrides: Overrides) -> BenchmarkDefinition:
    """The definition with other agents and what is overridden. Raises InvalidRequest."""
    told = {name: getattr(overrides, name) for name in overrides.model_fields_set}
    told = {name: value for name, value in told.items() if value is not None}
    cut = {name: told.pop(name) for name in ("limit", "seed", "categories") if name in told}
    dataset = stored.dataset.model_copy(update=cut)
    return build({**stored.model_dump(), "dataset": dataset.model_dump(), **_plain(told), "agents": agents})


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.model_dump() if hasattr(value, "model_dump") else value for name, value in told.items()}


def _of_request(mistake: InvalidInput, request: NamedRun) -> InvalidInput:
    """The mistake, pointing into what was posted instead of into the definition it led to."""
    _, first, *_ = (*mistake.pointer.split("/"), "")
    if first in request.overrides.model_fields_set:
        return InvalidInput(str(mistake), pointer=f"/overrides{mistake.pointer}")
    if first == "agents" and request.agents:
        return mistake
    return InvalidInput(f"The benchmark {request.benchmark!r}: {mistake}", pointer="/benchmark")
