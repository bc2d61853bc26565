"""Preparation: the dataset becomes the run's cases, and the run becomes a plan the workflow can follow."""

from temporalio import activity

from activities.adoption import Adopter
from activities.heartbeats import heartbeating
from core.datasets import CaseSet
from core.errors import InvalidDataset, Throttled, TimedOut, Unavailable
from core.ids import RunId
from core.model import Model
from core.ports import Adoptions, CaseSets, RunRecords
from core.runs import ENDED, Run, RunStatus

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
        run = await self._runs.begin(run.run_id, case_set=case_set.digest, case_count=case_set.case_count)
        return Plan(
            run_no=await self._runs.number(run.run_id),
            name=run.name,
            benchmark_type=run.benchmark_type,
            case_count=case_set.case_count,
            trials=run.config.trials,
            round=run.round,
            asks=run.asks,
            # Whoever asks again after a decision wants the rest.
            stops=run.config.stopping is not None and run.round == 1,
            agents=tuple(
                PlannedAgent(
                    agent_no=number,
                    name=agent.name,
                    concurrency=agent.concurrency,
                    ended=before.status if before.status in ENDED else None,
                    error=before.error,
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
