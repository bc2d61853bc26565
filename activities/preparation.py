"""Preparation: the dataset becomes the run's cases, and the run becomes a plan the workflow can follow."""

from temporalio import activity

from activities.heartbeats import heartbeating
from core.benchmarks import BenchmarkDefinition
from core.ids import RunId
from core.model import Model
from core.ports import CaseSets, RunRecords


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

        Raises InvalidDataset, NotFound, Unavailable.
        """
        run = await self._runs.get(input.run_id)
        with heartbeating():
            case_set = run.case_set and await self._cases.open(run.case_set)
            if not case_set:
                case_set = await self._cases.prepare(
                    run.config.dataset, project_id=run.project_id, examples=_examples(run.config)
                )
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


def _examples(config: BenchmarkDefinition) -> int:
    """The most examples any agent of the run is shown."""
    prompts = [config.prompt, *(agent.prompt for agent in config.agents if agent.prompt is not None)]
    return max(prompt.few_shot.count for prompt in prompts)
