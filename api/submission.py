"""From what was posted to a run that is recorded and on its way. Once it is recorded, it will run."""

import asyncio
from typing import Any, Literal

import structlog
from pydantic import ValidationError
from temporalio.service import RPCError

from adapters.definitions.ready_made import ready_made, ready_made_definition
from api.pointers import pointer
from api.run_requests import AgentChoice, InlineRun, NamedRun, Overrides, named
from api.services import Services
from api.validation import mistakes_of, refuse
from core.benchmarks import AgentSpec, BenchmarkDefinition
from core.errors import InvalidInput, NotFound, TimedOut, listed
from core.mistakes import own_words
from core.model import Model
from core.runs import Run
from workflows.start import start_run

START_S = 2.0
"""How long the start may keep the caller of an accepted run waiting; the reconciler starts what was not started."""

LOADING_S = 20.0
"""How long a dry run may load cases."""

logger = structlog.get_logger(__name__)


class Estimate(Model):
    """What a run would do. Nothing was started."""

    name: str
    cases: int
    agents: int
    trials: int
    calls: int
    """`cases x agents x trials`, retries not counted."""
    dry_run: Literal[True] = True


async def resolve(request: InlineRun | NamedRun, services: Services, project_id: str) -> BenchmarkDefinition:
    """The complete definition of a run that can work. Raises ProblemError (422)."""
    agents = await chosen_agents(request.agents, services, project_id)
    if isinstance(request, InlineRun):
        definition = build({**request.model_dump(exclude={"agents"}), "agents": agents})
        mistakes = await mistakes_of(definition, services, project_id)
    else:
        stored = await _benchmark(request, services, project_id)
        definition = overridden(stored, agents or stored.agents, request.overrides)
        found = await mistakes_of(definition, services, project_id)
        mistakes = [_of_request(mistake, request) for mistake in found]
    if not definition.agents:
        mistakes.insert(0, InvalidInput("A run needs at least one agent.", pointer="/agents"))
    refuse(mistakes)
    return definition


async def accept(
    services: Services,
    definition: BenchmarkDefinition,
    *,
    run_id: str,
    project_id: str,
    forked_from: str | None = None,
) -> Run:
    """Records the run, then starts it if Temporal is there."""
    run = await services.runs.create(run_id, definition, project_id=project_id, forked_from=forked_from)
    try:
        async with asyncio.timeout(START_S):
            await start_run(services.temporal, run_id, task_queue=services.settings.task_queue)
    except (RPCError, RuntimeError, TimeoutError) as error:
        logger.warning("run_start_left_to_reconciler", run_id=run_id, error=str(error) or type(error).__name__)
    return run


async def estimate(services: Services, definition: BenchmarkDefinition, *, project_id: str) -> Estimate:
    """Loads the cases as the run would. Raises InvalidDataset and what else the dataset does, TimedOut."""
    try:
        async with asyncio.timeout(LOADING_S):
            case_set = await services.case_sets.prepare(
                definition.dataset, project_id=project_id, examples=definition.examples
            )
    except TimeoutError as error:
        raise TimedOut(f"The dataset was not loaded within {LOADING_S:g} s; a run may take longer.") from error
    return Estimate(
        name=definition.name,
        cases=case_set.case_count,
        agents=len(definition.agents),
        trials=definition.trials,
        calls=case_set.case_count * len(definition.agents) * definition.trials,
    )


def build(content: dict[str, Any]) -> BenchmarkDefinition:
    """Raises ProblemError (422) for what the definition's own rules forbid."""
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


async def chosen_agents(choices: tuple[AgentChoice, ...], services: Services, project_id: str) -> tuple[AgentSpec, ...]:
    """Those spelled out and those stored, in order. Raises InvalidInput."""
    specs: list[AgentSpec] = []
    for number, choice in enumerate(choices):
        if isinstance(choice, AgentSpec):
            specs.append(choice)
            continue
        try:
            specs.append((await services.agents.get(project_id, *named(choice))).spec)
        except NotFound as error:
            raise InvalidInput(f"{error} GET /v1/agents lists them.", pointer=f"/agents/{number}") from error
    return tuple(specs)


async def _benchmark(request: NamedRun, services: Services, project_id: str) -> BenchmarkDefinition:
    name, version = named(request.benchmark)
    try:
        return (await services.benchmarks.get(project_id, name, version)).definition
    except NotFound as error:
        if name in ready_made() and version is None:
            return ready_made_definition(name, _folder(request, services))
        known = f"GET /v1/benchmarks lists them; ready-made are {listed(ready_made())}."
        raise InvalidInput(f"{error} {known}", pointer="/benchmark") from error


def _folder(request: NamedRun, services: Services) -> str:
    folders = services.settings.local_folders
    if request.folder is not None:
        return request.folder
    if len(folders) == 1:
        return str(folders[0])
    raise InvalidInput(
        "Say in `folder` where the benchmark's data files are; BENCHMARK_LOCAL_FOLDERS does not name just one folder.",
        pointer="/folder",
    )


def overridden(stored: BenchmarkDefinition, agents: tuple[AgentSpec, ...], overrides: Overrides) -> BenchmarkDefinition:
    """The definition with other agents and what is overridden. Raises ProblemError (422)."""
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
