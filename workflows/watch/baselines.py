"""The watch over completed runs: each is held against the baseline of its schedule or its benchmark, once."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from adapters.database.baselines import BaselineRepository, Due
from adapters.database.comparisons import ComparisonRepository
from adapters.database.failures import is_absence
from adapters.database.manifests import ManifestRepository
from adapters.database.runs import RunRepository
from core.baselines import AgentCheck, BaselineCheck, FixedRun, LastGood, Outcome
from core.columns import CaseColumns
from core.comparisons import Comparison, Flip, Terms
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import repeatable_id
from core.runs import Run
from evaluators.comparability import Side, counterpart, mismatches
from evaluators.comparison import compare

AT_ONCE: Final = 5
"""Runs in one look."""
SENTENCES: Final[dict[Outcome, str]] = {
    "no_regression": "No agent is worse than in the baseline, as far as these cases can tell.",
    "first": "There is no earlier completed run to hold it against; later ones may be held against this one.",
}

logger = structlog.get_logger(__name__)


class BaselineWatch:
    def __init__(
        self,
        *,
        baselines: BaselineRepository,
        runs: RunRepository,
        comparisons: ComparisonRepository,
        manifests: ManifestRepository,
    ) -> None:
        self._baselines = baselines
        self._runs = runs
        self._comparisons = comparisons
        self._manifests = manifests

    async def look(self) -> None:
        """Holds every completed run that was not yet held against its baseline against it, the earliest first."""
        for due in await self._baselines.due(most=AT_ONCE):
            try:
                check = await self._check(due)
            except Exception as error:
                if is_absence(error):
                    raise
                # Tried again it would break again, and keep all later runs from being looked at.
                logger.exception("baseline_check_broken", run_id=due.run_id)
                reason = f"The comparison broke, and the service's log tells why: {type(error).__name__}."
                check = _begun(due).model_copy(update={"outcome": "not_comparable", "sentence": reason})
            await self._baselines.record(check)
            if check.outcome == "regression":
                logger.warning("regression_found", run_id=due.run_id, baseline=check.baseline_run_id)

    async def _check(self, due: Due) -> BaselineCheck:
        candidate, found = await self._runs.get(due.run_id), _begun(due)
        chosen = await self._chosen(due)
        if chosen is None or chosen == due.run_id:
            return found
        found = found.model_copy(update={"baseline_run_id": chosen})
        try:
            baseline = await self._runs.get(chosen, project_id=due.project_id)
            differed = await self._manifests.differences(due.project_id, chosen, due.run_id)
            found = found.model_copy(update={"differences": differed})
            agents = await self._held(due, baseline, candidate)
        except (Conflict, InvalidInput, NotFound) as error:
            return found.model_copy(update={"outcome": "not_comparable", "sentence": str(error)})
        worse = [each for each in agents if each.finding == "worse"]
        outcome: Outcome = "regression" if worse else "no_regression"
        said = " ".join(f"{each.agent_id}: {each.sentence}" for each in worse) or SENTENCES["no_regression"]
        return found.model_copy(update={"outcome": outcome, "sentence": said, "agents": tuple(agents)})

    async def _chosen(self, due: Due) -> str | None:
        """The run to hold it against; None while there is none."""
        match due.baseline:
            case FixedRun(run_id=run_id):
                return run_id
            case LastGood():
                return next(iter(await self._baselines.good_runs(due, most=1)), None)
            case rolling:
                runs = [await self._runs.get(each) for each in await self._baselines.good_runs(due, most=rolling.runs)]
                return median_run(runs)

    async def _held(self, due: Due, baseline: Run, candidate: Run) -> list[AgentCheck]:
        """Every agent that has a counterpart. Raises InvalidInput when no agent can be compared."""
        error = due.baseline.error_of_agent(len(candidate.agents))
        pairs = list(_pairs(baseline, candidate))
        if not pairs:
            raise InvalidInput(f"No agent with figures is in this run and in the baseline {baseline.run_id}.")
        obstacles = [each.detail for side, other in pairs for each in mismatches(other, side) if each.refuses]
        if obstacles:
            raise InvalidInput(" ".join(dict.fromkeys(obstacles)))
        return [await self._agent(due, error, other, side) for side, other in pairs]

    async def _agent(self, due: Due, error: float, baseline: Side, candidate: Side) -> AgentCheck:
        terms = Terms(confidence=1 - error)
        before, after = [await self._columns(side) for side in (baseline, candidate)]
        found, flips = await asyncio.to_thread(compare, before, after, terms)
        comparison = Comparison(
            **dict(found),
            # The same look makes the same one, if its record was lost.
            comparison_id=repeatable_id("cmp", due.completed_at, f"{due.watch} {due.run_id} {candidate.agent_no}"),
            project_id=due.project_id,
            created_at=datetime.now(UTC),
            baseline=baseline.told,
            candidate=candidate.told,
            terms=terms,
            mismatches=mismatches(baseline, candidate),
            made_of=await self._manifests.differences(
                due.project_id,
                baseline.run.run_id,
                due.run_id,
                agents=(baseline.agent.agent_id, candidate.agent.agent_id),
            ),
        )
        await self._keep(comparison, flips)
        first = found.scores[0]
        return AgentCheck(
            agent_id=candidate.agent.agent_id,
            baseline_agent_id=baseline.agent.agent_id,
            comparison_id=comparison.comparison_id,
            finding=found.finding,
            sentence=found.sentence,
            cases=first.cases,
            effect=first.difference,
            low=first.low,
            high=first.high,
            p=first.permutation_p,
            error=error,
        )

    async def _keep(self, comparison: Comparison, flips: Sequence[Flip]) -> None:
        try:
            await self._comparisons.get(comparison.project_id, comparison.comparison_id)
        except NotFound:
            await self._comparisons.add(comparison, flips)

    async def _columns(self, side: Side) -> CaseColumns:
        return await self._runs.case_columns(side.run.run_id, side.agent_no, list(side.versions.items()))


def _begun(due: Due) -> BaselineCheck:
    return BaselineCheck(
        run_id=due.run_id,
        run_name=due.name,
        project_id=due.project_id,
        watch=due.watch,
        baseline=due.baseline,
        baseline_run_id=None,
        outcome="first",
        sentence=SENTENCES["first"],
        completed_at=due.completed_at,
        checked_at=datetime.now(UTC),
    )


def _pairs(baseline: Run, candidate: Run) -> Iterator[tuple[Side, Side]]:
    """Every agent of the candidate with its counterpart, where both have figures."""
    for number, agent in enumerate(candidate.agents):
        other = counterpart(baseline, agent.agent_id)
        if agent.metrics is not None and other is not None and other.agent.metrics is not None:
            yield Side(candidate, number), other


def median_run(runs: Sequence[Run]) -> str | None:
    """The run whose first agent has the median score; of an even number the lower one. None without scores."""
    scored = sorted(
        (run.agents[0].metrics.score.value, run.run_id)
        for run in runs
        if run.agents[0].metrics is not None and run.agents[0].metrics.score is not None
    )
    return scored[(len(scored) - 1) // 2][1] if scored else None
