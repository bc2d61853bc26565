"""Gathers what a run's report shows. What is computed from all items is made once for each round of an ended run."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Final

from pydantic import ValidationError

from api.comparing import taken
from api.item_views import judging_versions
from api.preference_reports import compares, preference_of
from api.services import Services
from api.shown_cases import shown_cases, shown_failures
from core.baselines import BaselineCheck
from core.benchmarks import Evaluation
from core.calibrations import Calibration
from core.errors import Conflict, InvalidInput, InvalidPlugin, NotFound, listed
from core.gates import Gate
from core.manifests import KeptManifest
from core.reports import Findings, JudgeCard, Report
from core.runs import ENDED, Run
from evaluators.comparability import Side
from evaluators.judge.identity import identity_of, judges_in
from evaluators.leaderboard import standings
from evaluators.reporting.answer import answer_of
from evaluators.reporting.contests import contests
from evaluators.reporting.distributions import is_graded, latency_curve, score_histogram, steadiness
from evaluators.reporting.telling import Telling, telling_cases
from evaluators.resources import Taken
from evaluators.summary import summarize

SHAPE: Final = 1
"""Of the findings that are kept; another one makes them anew."""


async def report_of(services: Services, run_id: str, project_id: str, *, baseline: str | None = None) -> Report:
    """`baseline` is the agent that the others are held against, the first one by default. Raises NotFound, and
    InvalidInput for an agent that the run does not have."""
    run = await services.runs.get(run_id, project_id=project_id)
    names = [agent.agent_id for agent in run.agents]
    if baseline is not None and baseline not in names:
        raise InvalidInput(f"The run has no agent {baseline!r}; its agents are {listed(names)}.", pointer="baseline")
    number = 0 if baseline is None else names.index(baseline)
    async with services.reporting:
        run = run if run.status in ENDED else await _so_far(services, run)
        findings = await _findings(services, run, number)
        preference = await preference_of(services, run) if compares(run) else None
    manifest = await _manifest(services, run)
    return Report(
        made_at=datetime.now(UTC),
        run=run,
        answer=answer_of(run, findings.contests, findings.standings, preference),
        findings=findings,
        judges=await _judges(services, run, manifest),
        preference=preference,
        gate=await _gate(services, run),
        check=await _check(services, run),
        manifest=manifest,
    )


async def _so_far(services: Services, run: Run) -> Run:
    """With the figures of what is recorded by now."""
    if run.case_set is None:
        return run
    versions = list(judging_versions(run).items())
    agents = list(run.agents)
    for number, agent in enumerate(agents):
        columns = await services.runs.columns(run.run_id, number, versions)
        summary = partial(summarize, columns, failed_counts_as=run.config.failed_counts_as)
        agents[number] = agent.model_copy(update={"metrics": await asyncio.to_thread(summary)})
    return run.model_copy(update={"agents": tuple(agents)})


async def _findings(services: Services, run: Run, baseline: int) -> Findings:
    key = f"reports/{run.run_id}/findings-{SHAPE}-{run.round}-{baseline}.json"
    if run.status in ENDED:
        try:
            return Findings.model_validate_json(await services.storage.get(key))
        except (NotFound, ValidationError):
            # There are none yet, or some of another version of the service.
            pass
    found = await _found(services, run, baseline)
    if run.status in ENDED:
        await services.storage.put(key, found.model_dump_json().encode(), media_type="application/json")
    return found


async def _found(services: Services, run: Run, baseline: int) -> Findings:
    sides = [Side(run, number) for number, agent in enumerate(run.agents) if agent.metrics is not None]
    if run.case_set is None or not sides:
        return Findings()
    read = [await taken(services, side) for side in sides]
    # Matches are no rivals of each other: what they have shown is the preference report's.
    rivals = not compares(run) and len(sides) > 1
    found, telling = await asyncio.to_thread(_computed, sides, read, baseline if rivals else None)
    return found.model_copy(
        update={
            "cases": await shown_cases(services, run, [side.agent_no for side in sides], telling),
            "failures": await shown_failures(services, run),
        }
    )


def _computed(sides: list[Side], read: list[Taken], baseline: int | None) -> tuple[Findings, list[Telling]]:
    names = [side.agent.agent_id for side in sides]
    questions = list(zip(names, (each.questions for each in read), strict=True))
    graded = any(is_graded(each.questions) for each in read)
    at = next((place for place, side in enumerate(sides) if side.agent_no == baseline), None)
    ranked = [place for place, side in enumerate(sides) if side.agent.metrics and side.agent.metrics.score]
    stopped = any(side.agent.decision for side in sides)
    found = Findings(
        contests=() if at is None or stopped else contests(names, read, baseline=at),
        standings=()
        if baseline is None or stopped or len(ranked) < 3
        else standings([sides[place] for place in ranked], [read[place].cases for place in ranked]),
        latency=tuple(each for each in (latency_curve(*own) for own in questions) if each is not None),
        scores=tuple(each for each in (score_histogram(*own) for own in questions) if graded and each is not None),
        steadiness=tuple(each for each in (steadiness(*own) for own in questions) if each is not None),
    )
    return found, telling_cases([each.cases for each in read])


async def _manifest(services: Services, run: Run) -> KeptManifest | None:
    try:
        return await services.manifests.get(run.project_id, run.run_id)
    except (NotFound, Conflict):
        return None


async def _gate(services: Services, run: Run) -> Gate | None:
    try:
        return await services.gates.newest(run.project_id, run.run_id)
    except NotFound:
        return None


async def _check(services: Services, run: Run) -> BaselineCheck | None:
    try:
        return await services.baselines.check_of(run.project_id, run.run_id)
    except NotFound:
        return None


async def _judges(services: Services, run: Run, manifest: KeptManifest | None) -> tuple[JudgeCard, ...]:
    return tuple([await _judge(services, run, each, manifest) for each in judges_in(run.config.evaluators)])


async def _judge(services: Services, run: Run, judge: Evaluation, manifest: KeptManifest | None) -> JudgeCard:
    part = None if manifest is None else manifest.evaluators.get(judge.label)
    served = () if part is None else part.served
    calibration: Calibration | None = None
    try:
        page = await services.calibrations.page(run.project_id, limit=1, judge=identity_of(judge).digest)
        calibration = next(iter(page.items), None)
    except InvalidPlugin:
        # Its plugin is not installed here any more.
        pass
    models = () if calibration is None or calibration.report is None else calibration.report.models
    return JudgeCard(
        label=judge.label,
        served=served,
        calibration=calibration,
        drifted=bool(models and served and not {*served} <= {*models}),
    )
