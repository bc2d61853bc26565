"""Holds two agents' recorded parts of runs against each other."""

import asyncio
from datetime import UTC, datetime
from typing import Literal

from api.services import Services
from core.columns import CaseColumns
from core.comparisons import AgentOfRun, Comparison, ComparisonRequest, Differences, Flip, Terms
from core.errors import Conflict, InvalidInput, listed
from core.ids import new_id
from core.runs import ENDED
from evaluators.comparability import Side, counterpart, mismatches
from evaluators.comparison import compare
from evaluators.resources import Taken, resource_differences
from evaluators.summary import counted

Which = Literal["baseline", "candidate"]


async def compared(
    services: Services, request: ComparisonRequest, project_id: str
) -> tuple[Comparison, tuple[Flip, ...]]:
    """Raises NotFound, InvalidInput for agents that cannot be told or compared, Conflict for a run without figures."""
    baseline = await _side(services, project_id, request.baseline, request.candidate, "baseline")
    candidate = await _side(services, project_id, request.candidate, request.baseline, "candidate")
    found = mismatches(baseline, candidate)
    refused = [each for each in found if each.refuses and each.kind not in request.allow]
    if refused:
        kinds = listed([f'"{each.kind}"' for each in {each.kind: each for each in refused}.values()])
        said = " ".join(each.detail for each in refused)
        raise InvalidInput(f"{said} To compare all the same, put {kinds} into `allow`.", pointer="/allow")
    before, after = await taken(services, baseline), await taken(services, candidate)
    differences, flips = await asyncio.to_thread(_differences, before, after, request.terms)
    comparison = Comparison(
        **dict(differences),
        comparison_id=new_id("cmp"),
        project_id=project_id,
        created_at=datetime.now(UTC),
        baseline=baseline.told,
        candidate=candidate.told,
        terms=request.terms,
        mismatches=found,
        made_of=await services.manifests.differences(
            project_id,
            baseline.run.run_id,
            candidate.run.run_id,
            agents=(baseline.agent.agent_id, candidate.agent.agent_id),
        ),
    )
    return comparison, flips


def _differences(before: Taken, after: Taken, terms: Terms) -> tuple[Differences, tuple[Flip, ...]]:
    return compare(before.cases, after.cases, terms, resource_differences(before, after, terms))


async def taken(services: Services, side: Side) -> Taken:
    """The agent's cases with their scores, and what each of its questions took and came to."""
    questions = await services.runs.columns(side.run.run_id, side.agent_no, list(side.versions.items())[:1])
    return Taken(await case_columns(services, side), counted(questions, side.run.config.failed_counts_as))


async def case_columns(services: Services, side: Side) -> CaseColumns:
    """The scores that the agent's figures were made of."""
    versions = list(side.versions.items())
    return await services.runs.case_columns(side.run.run_id, side.agent_no, versions)


async def _side(services: Services, project_id: str, asked: AgentOfRun, other: AgentOfRun, which: Which) -> Side:
    run = await services.runs.get(asked.run_id, project_id=project_id)
    names = [agent.agent_id for agent in run.agents]
    if asked.agent_id is None:
        side = counterpart(run, other.agent_id or "")
    else:
        side = Side(run, names.index(asked.agent_id)) if asked.agent_id in names else None
    if side is None:
        said = "Say which agent of" if asked.agent_id is None else f"There is no agent {asked.agent_id!r} in"
        raise InvalidInput(f"{said} the run; its agents are {listed(names)}.", pointer=f"/{which}/agent_id")
    if run.status not in ENDED or side.agent.metrics is None:
        raise Conflict(f"The {which} has no figures that stay: its run is {run.status}.")
    return side
