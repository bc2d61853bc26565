"""Judges a recorded run by a policy, against a baseline where the policy has relative rules."""

import asyncio
from datetime import UTC, datetime

from adapters.database.judge_models import judge_models
from api.calibrating import judge_shortfalls
from api.comparing import taken
from api.item_views import judging_versions
from api.services import Services
from core.errors import Conflict
from core.gates import Gate, GateRequest
from core.ids import new_id
from core.runs import ENDED, Run
from evaluators.comparability import Side, counterpart, mismatches
from evaluators.gate import judge
from evaluators.gate_rules import Opponent
from evaluators.judge.identity import judges_in


async def gated(services: Services, run_id: str, request: GateRequest, project_id: str) -> Gate:
    """Raises NotFound, and Conflict for a run that has not ended."""
    run = await services.runs.get(run_id, project_id=project_id)
    if run.status not in ENDED:
        raise Conflict(f"The run is {run.status}; a gate judges runs that have ended.")
    opponents: dict[str, Opponent] = {}
    if request.baseline is not None and request.policy.relative:
        baseline = await services.runs.get(request.baseline, project_id=project_id)
        opponents = await _opponents(services, run, baseline)
    lacks = await _shortfalls(services, request, run, project_id)
    judgement = await asyncio.to_thread(judge, request.policy, run, opponents, shortfalls=lacks)
    return Gate(
        **dict(judgement),
        gate_id=new_id("gate"),
        project_id=project_id,
        run_id=run_id,
        baseline_run_id=request.baseline,
        policy=request.policy,
        created_at=datetime.now(UTC),
    )


async def _shortfalls(
    services: Services, request: GateRequest, run: Run, project_id: str
) -> dict[str, tuple[str, ...]]:
    """By label, what the calibrations of the run's judges lack for a policy that asks for them."""
    level = request.policy.requires.judges
    if level is None:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    versions = judging_versions(run)
    for evaluation, evaluator in ((own, each) for own in run.config.evaluators for each in judges_in([own])):
        # The version whose verdicts stand, which may not be the installed one any more.
        judged = evaluation.label, versions.get(evaluation.label, "")
        served = await judge_models(services.engine, run.run_id, judged, evaluator.label)
        lacks = await judge_shortfalls(services, project_id, evaluator, level, served=served)
        # Judges inside of composites may share a label.
        found[evaluator.label] = found.get(evaluator.label, ()) + lacks
    return found


async def _opponents(services: Services, run: Run, baseline: Run) -> dict[str, Opponent]:
    """By the name of the agent that is judged; those without a counterpart are left out."""
    found: dict[str, Opponent] = {}
    for number, agent in enumerate(run.agents):
        candidate, other = Side(run, number), counterpart(baseline, agent.agent_id)
        if other is None or other.agent.metrics is None or agent.metrics is None:
            continue
        found[agent.agent_id] = Opponent(
            baseline=other.agent,
            before=await taken(services, other),
            after=await taken(services, candidate),
            obstacles=tuple(each.detail for each in mismatches(other, candidate) if each.refuses),
        )
    return found
