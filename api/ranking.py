"""The leaderboard of a benchmark, from its completed runs: each agent with its newest one."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from adapters.database.runs import RunFilter
from api.services import Services
from core.errors import NotFound
from core.leaderboards import CaseSetRuns, Leaderboard, LeftOut
from core.runs import Run
from evaluators.comparability import Side
from evaluators.leaderboard import sentence, standings

MOST_RUNS = 200
"""The newest; an agent that is in none of them is not current."""


async def ranked(
    services: Services, benchmark: str, project_id: str, *, case_set: str | None, limit: int
) -> Leaderboard:
    """Raises NotFound."""
    narrow = RunFilter(status="completed", name=benchmark)
    runs = await services.runs.page(project_id=project_id, limit=MOST_RUNS, narrow=narrow)
    asked = [run for run in runs if run.case_set is not None and run.case_set == (case_set or runs[0].case_set)]
    if not asked:
        which = "" if case_set is None else f" over the cases {case_set!r}"
        raise NotFound(f"There is no completed run of a benchmark {benchmark!r}{which}.")
    sides, left_out = _current(asked, limit)
    if not sides:
        raise NotFound(f"No agent of {benchmark!r} has figures to rank it by: {left_out[0].reason}")
    label, version = next(iter(sides[0].versions.items()))
    columns = [await services.runs.case_columns(side.run.run_id, side.agent_no, [(label, version)]) for side in sides]
    found = await asyncio.to_thread(standings, sides, columns)
    return Leaderboard(
        benchmark=benchmark,
        case_set=asked[0].case_set or "",
        cases=asked[0].case_count or 0,
        evaluator=label,
        version=version,
        sentence=sentence(found),
        standings=found,
        left_out=tuple(left_out),
        other_case_sets=_others(runs, asked[0].case_set),
    )


def _current(runs: Sequence[Run], limit: int) -> tuple[list[Side], list[LeftOut]]:
    """Each agent's newest part that can be ranked with the others, and why the rest cannot."""
    sides: dict[str, Side] = {}
    left_out: list[LeftOut] = []
    seen: set[str] = set()
    for side in (Side(run, number) for run in runs for number in range(len(run.agents))):
        name = side.agent.agent_id
        if name in seen:
            continue
        seen.add(name)
        reason = _hindrance(side, next(iter(sides.values()), None))
        if reason is None and len(sides) >= limit:
            reason = f"More than the {limit} agents asked for."
        if reason is None:
            sides[name] = side
        else:
            left_out.append(LeftOut(agent_id=name, run_id=side.run.run_id, reason=reason))
    return list(sides.values()), left_out


def _hindrance(side: Side, newest: Side | None) -> str | None:
    """Why the agent cannot be ranked beside the newest one; None when it can."""
    metrics = side.agent.metrics
    if metrics is None or metrics.score is None:
        return "None of its answers was scored."
    if side.agent.validity == "invalid":
        return f"Its figures are invalid: {side.agent.coverage or 0:.1%} of its questions were scored."
    if newest is not None and _yardstick(side) != _yardstick(newest):
        return "It was judged by another evaluator, version or settings than the newest run."
    return None


def _yardstick(side: Side) -> tuple[object, ...]:
    first = side.run.config.evaluators[0]
    return first, side.versions.get(first.label)


def _others(runs: Sequence[Run], own: str | None) -> tuple[CaseSetRuns, ...]:
    counts = Counter((run.case_set, run.case_count or 0) for run in runs if run.case_set not in (None, own))
    return tuple(CaseSetRuns(case_set=digest or "", cases=cases, runs=n) for (digest, cases), n in counts.items())
