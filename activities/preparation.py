"""Preparation: the dataset becomes the run's cases, and the run becomes a plan the workflow can follow."""

from temporalio import activity

from activities.heartbeats import heartbeating
from core.benchmarks import BenchmarkDefinition
from core.datasets import CaseSet
from core.errors import InvalidDataset, Throttled, TimedOut, Unavailable
from core.ids import RunId
from core.model import Model
from core.ports import CaseSets, RunRecords
from core.runs import Run

MOST_TRIES = 6
"""Half a minute for somebody else's server; our own parts are waited for much longer (`workflows.policies`)."""


class PrepareInput(Model):
    run_id: RunId


class PlannedAgent(Model):
    agent_no: int
    name: str
    concurrency: int


class Plan(Model):
    """What the workflow needs to know of the run: numbers and names, no questions."""

    run_no: int
    name: str
    benchmark_type: str
    case_count: int
    trials: int
    round: int
    agents: tuple[PlannedAgent, ...]


class PreparationActivities:
    def __init__(self, *, runs: RunRecords, cases: CaseSets) -> None:
        self._runs = runs
        self._cases = cases

    @activity.defn
    async def prepare(self, input: PrepareInput) -> Plan:
        """Stores the run's cases and opens its record. Preparing again gives the same cases or fails.

        Raises InvalidInput, NotFound, TargetRefused, Unavailable, TimedOut, ServiceUnavailable.
        """
        run = await self._runs.get(input.run_id)
        with heartbeating():
            case_set = await self._cases.open(run.case_set) if run.case_set else await self._made(run)
        run = await self._runs.begin(run.run_id, case_set=case_set.digest, case_count=case_set.case_count)
        return Plan(
            run_no=await self._runs.number(run.run_id),
            name=run.name,
            benchmark_type=run.benchmark_type,
            case_count=case_set.case_count,
            trials=run.config.trials,
            round=run.round,
            agents=tuple(
                PlannedAgent(agent_no=number, name=agent.name, concurrency=agent.concurrency)
                for number, agent in enumerate(run.config.agents)
            ),
        )

    async def _made(self, run: Run) -> CaseSet:
        try:
            return await self._cases.prepare(
                run.config.dataset, project_id=run.project_id, examples=_examples(run.config)
            )
        except (Throttled, TimedOut, Unavailable) as error:
            tries = activity.info().attempt
            if tries < MOST_TRIES:
                raise
            raise InvalidDataset(
                f"The dataset could not be fetched in {tries} tries; the last: {error}", pointer="/dataset/source"
            ) from error


def _examples(config: BenchmarkDefinition) -> int:
    """The most examples any agent of the run is shown."""
    prompts = [config.prompt, *(agent.prompt for agent in config.agents if agent.prompt is not None)]
    return max(prompt.few_shot.count for prompt in prompts)
