"""Preparation: the dataset becomes the run's cases, and the run becomes a plan the workflow can follow."""

from typing import Any

from temporalio import activity

from activities.adoption import Adopter
from activities.heartbeats import heartbeating
from core.datasets import CaseSet
from core.errors import InvalidDataset, Throttled, TimedOut, Unavailable
from core.ids import RunId
from core.model import Model
from core.ports import Adoptions, CaseSets, RunRecords
from core.runs import ENDED, Run, RunAgent, RunStatus

MOST_TRIES = 6
"""Half a minute for somebody else's server; our own parts are waited for much longer (`workflows.policies`)."""


class PrepareInput(Model):
    run_id: RunId


class PlannedAgent(Model):
    agent_no: int
    name: str
    concurrency: int
    ended: RunStatus | None = None
    """How its asking had ended before this round, if it had, and why."""
    error: str | None = None
    decided: bool = False
    """Whether it needs no more asking, for the run's question about it is decided."""


class Plan(Model):
    """What the workflow needs to know of the run: numbers and names, no questions."""

    run_no: int
    name: str
    benchmark_type: str
    case_count: int
    trials: int
    round: int
    asks: bool
    """False when stored answers are only judged anew."""
    stops: bool = False
    """Whether asking may end early, at a decision."""
    agents: tuple[PlannedAgent, ...]


class PreparationActivities:
    def __init__(self, *, runs: RunRecords, cases: CaseSets, adoptions: Adoptions) -> None:
        self._runs = runs
        self._cases = cases
        self._adopter = Adopter(runs=runs, cases=cases, adoptions=adoptions)

    @activity.defn
    async def prepare(self, input: PrepareInput) -> Plan:
        """Stores the run's cases and opens its record. Preparing again gives the same cases or fails.

        Raises InvalidInput, NotFound, TargetRefused, Unavailable, TimedOut, ServiceUnavailable.
        """
        run = await self._runs.get(input.run_id)
        with heartbeating():
            case_set = await self._cases.open(run.case_set) if run.case_set else await self._made(run)
            await self._adopter.adopt(run, case_set)
        # Cancelled, its workflow does not wait for this: who ended the run meanwhile had the last word.
        reopens = run.status in ENDED
        run = await self._runs.begin(
            run.run_id, case_set=case_set.digest, case_count=case_set.case_count, reopens=reopens
        )
        return Plan(
            run_no=await self._runs.number(run.run_id),
            name=run.name,
            benchmark_type=run.benchmark_type,
            case_count=case_set.case_count,
            trials=run.config.trials,
            round=run.round,
            asks=run.asks,
            stops=run.config.stopping is not None,
            agents=tuple(
                PlannedAgent(
                    agent_no=number,
                    name=agent.name,
                    concurrency=agent.concurrency,
                    **_former_end(before),
                    decided=before.decision is not None,
                )
                for number, (agent, before) in enumerate(zip(run.config.agents, run.agents, strict=True))
            ),
        )

    async def _made(self, run: Run) -> CaseSet:
        try:
            return await self._cases.prepare(
                run.config.dataset, project_id=run.project_id, examples=run.config.examples
            )
        except (Throttled, TimedOut, Unavailable) as error:
            tries = activity.info().attempt
            if tries < MOST_TRIES:
                raise
            raise InvalidDataset(
                f"The dataset could not be fetched in {tries} tries; the last: {error}", pointer="/dataset/source"
            ) from error


def _former_end(agent: RunAgent) -> dict[str, Any]:
    """How its asking ended. One that failed when all was asked failed by its verdicts, and may have others now."""
    if agent.status not in ENDED:
        return {}
    asked_all = agent.counts.total > 0 and not agent.counts.pending
    if agent.status == "failed" and asked_all:
        return {"ended": "completed"}
    return {"ended": agent.status, "error": agent.error}
