"""The leaderboard of a benchmark, from its completed runs: each agent, as it was set, with its newest one."""

import asyncio
from collections.abc import Sequence

from adapters.database.agents import digest_of
from adapters.database.entrants import Entrant, case_sets, entrants, stored_versions
from api.services import Services
from core.benchmarks import FailedCountsAs
from core.errors import NotFound
from core.leaderboards import CaseSetRuns, Leaderboard, LeftOut, Standing
from core.runs import Run
from evaluators.comparability import Side
from evaluators.leaderboard import sentence, standings

MOST_ENTRANTS = 200
"""The newest; who is none of them is not current."""


async def ranked(
    services: Services, benchmark: str, project_id: str, *, case_set: str | None, limit: int
) -> Leaderboard:
    """Raises NotFound."""
    known = await case_sets(services.engine, project_id, benchmark)
    asked = next((each for each in known if case_set in (None, each.case_set)), None)
    if asked is None:
        which = "" if case_set is None else f" over the cases {case_set!r}"
        raise NotFound(f"There is no completed run of a benchmark {benchmark!r}{which}.")
    sides, left_out = _current(await _sides(services, benchmark, project_id, asked), limit)
    if not sides:
        raise NotFound(f"No agent of {benchmark!r} has figures to rank it by: {left_out[0].reason}")
    label, version = next(iter(sides[0].versions.items()))
    columns = [await services.runs.case_columns(side.run.run_id, side.agent_no, [(label, version)]) for side in sides]
    found = await asyncio.to_thread(standings, sides, columns)
    return Leaderboard(
        benchmark=benchmark,
        case_set=asked.case_set,
        cases=asked.cases,
        evaluator=label,
        version=version,
        sentence=sentence(found),
        standings=await _with_versions(services, project_id, sides, found),
        left_out=tuple(left_out),
        other_case_sets=tuple(each for each in known if each != asked),
    )


async def _sides(services: Services, benchmark: str, project_id: str, asked: CaseSetRuns) -> list[Side]:
    """The newest first."""
    found: Sequence[Entrant] = await entrants(
        services.engine, project_id, benchmark, asked.case_set, limit=MOST_ENTRANTS
    )
    runs: dict[str, Run] = {}
    for run_id in dict.fromkeys(each.run_id for each in found):
        runs[run_id] = await services.runs.get(run_id, project_id=project_id)
    return [Side(runs[each.run_id], each.agent_no) for each in found]


def _current(newest: Sequence[Side], limit: int) -> tuple[list[Side], list[LeftOut]]:
    """Each agent's newest part that can be ranked with the others, and why the rest cannot."""
    sides: dict[tuple[str, str], Side] = {}
    left_out: dict[tuple[str, str], LeftOut] = {}
    for side in newest:
        name, settings = key = side.agent.agent_id, side.settings
        if key in sides or key in left_out:
            continue
        reason = _hindrance(side, next(iter(sides.values()), None))
        if reason is None and len(sides) >= limit:
            reason = f"More than the {limit} agents asked for."
        if reason is None:
            sides[key] = side
        else:
            left_out[key] = LeftOut(agent_id=name, settings=settings, run_id=side.run.run_id, reason=reason)
    return list(sides.values()), list(left_out.values())


def _hindrance(side: Side, newest: Side | None) -> str | None:
    """Why the agent cannot be ranked beside the newest one; None when it can."""
    metrics = side.agent.metrics
    if metrics is None or metrics.score is None:
        return "None of its answers was scored."
    if side.agent.validity == "invalid":
        return f"Its figures are invalid: {side.agent.coverage or 0:.1%} of its questions were scored."
    if side.agent.decision is not None:
        asked, of = side.agent.counts.total, (side.run.case_count or 0) * side.run.config.trials
        return f"It was asked {asked:,} of {of:,} questions only: its run stops at a decision."
    if newest is not None and _yardstick(side) != _yardstick(newest):
        return "It was judged by another evaluator, version or settings than the newest run."
    if newest is not None and (counted := _counted(side)) != (other := _counted(newest)):
        return f"Its failures count as {counted}, and those of the newest run as {other}."
    return None


def _yardstick(side: Side) -> tuple[object, ...]:
    first = side.run.config.evaluators[0]
    return first, side.versions.get(first.label)


def _counted(side: Side) -> FailedCountsAs:
    return side.run.config.failed_counts_as


async def _with_versions(
    services: Services, project_id: str, sides: Sequence[Side], found: Sequence[Standing]
) -> tuple[Standing, ...]:
    """Told for agents that are stored as they were asked."""
    stored = await stored_versions(services.engine, project_id, [side.agent.agent_id for side in sides])
    digests = {(side.agent.agent_id, side.settings): digest_of(side.spec) for side in sides}
    versions = [stored.get((each.agent_id, digests[each.agent_id, each.settings])) for each in found]
    return tuple(
        each.model_copy(update={"agent_version": version}) for each, version in zip(found, versions, strict=True)
    )
