"""Asking: one activity answers a batch of questions with many calls in flight.

Every answer is recorded when it arrives, so a crash loses nothing that was paid for, and the next attempt
asks only what is not recorded yet.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from temporalio import activity

from activities.admission import Limiter
from activities.budgeting import BudgetGate
from activities.crew import Crew
from activities.heartbeats import carried_through
from activities.lanes import LanePool
from activities.prepared import Prepared, PreparedRuns
from activities.questioning import Questioner
from core.cases import Case
from core.datasets import CaseSet
from core.limits import Asker
from core.model import Model
from core.outcomes import ItemKey
from core.ports import Agents, Budgets, CaseSets, Ledger, Prompts, RunRecords
from core.work import Batch, Halt, Settled


def asking_queue(task_queue: str) -> str:
    """Where batches wait for a worker: a queue of their own, so that long calls never keep short steps waiting."""
    return f"{task_queue}-asking"


class AskInput(Model):
    batch: Batch
    lanes: int
    """Calls in flight that this batch brings along; see `activities.lanes`."""


class AskOutput(Model):
    settled: Settled
    finished: bool
    """False when the batch was stopped early (pause, cancel, deploy): ask the same batch again for the rest."""
    unusable: str | None = None
    """Why no request to this agent can succeed, if that turned out."""
    halt: Halt | None = None
    """Why the run has to pause before the rest is asked."""
    absent: int = 0
    """How many questions failed now because the agent was not there; 0 if it ever answered one of the run."""
    trouble: str | None = None
    """What happened to the last of those."""


class AskingActivities:
    def __init__(
        self,
        *,
        runs: RunRecords,
        ledger: Ledger,
        cases: CaseSets,
        prompts: Prompts,
        agents: Agents,
        limiter: Limiter,
        budgets: Budgets,
    ) -> None:
        self._runs = PreparedRuns(runs)
        self._ledger = ledger
        self._cases = cases
        self._prompts = prompts
        self._agents = agents
        self._limiter = limiter
        self._budgets = budgets
        self._lanes = LanePool()
        self._gates: WeakValueDictionary[str, BudgetGate] = WeakValueDictionary()

    @activity.defn
    async def ask(self, input: AskInput) -> AskOutput:
        """Asks what is not settled yet. Told to stop, it claims nothing more and waits for what is in flight."""
        stop = asyncio.Event()
        return await carried_through(self._ask(input, stop), stop)

    async def _ask(self, input: AskInput, stop: asyncio.Event) -> AskOutput:
        batch = input.batch
        done, before = await self._ledger.settled(batch)
        open_keys = [key for key in batch.questions() if key not in done]
        if not open_keys:
            return AskOutput(settled=before, finished=True)
        run = await self._runs.get(batch.share)
        case_set = await self._cases.open(run.case_set)
        questions = await self._questions(open_keys, case_set)
        async with self._crew(input, run, case_set, stop) as crew:
            finished = await crew.work_through(questions)
        # One that answered elsewhere in the run was there, whatever this batch saw of it.
        absent = crew.absent if crew.absent and not await self._ledger.ever_answered(batch.share) else 0
        return AskOutput(
            settled=Settled(answered=before.answered + crew.answered, failed=before.failed + crew.failed),
            finished=finished,
            unusable=crew.unusable,
            halt=crew.halt,
            absent=absent,
            trouble=crew.trouble,
        )

    @asynccontextmanager
    async def _crew(
        self, input: AskInput, run: Prepared, case_set: CaseSet, stop: asyncio.Event
    ) -> AsyncGenerator[Crew]:
        """The batch's crew, with everything it works with."""
        share = input.batch.share
        spec = run.config.agents[share.agent_no]
        asker = Asker(run_id=share.run_id, project_id=run.project_id, weight=run.config.priority, limits=spec.limits)
        async with (
            self._agents.lease(spec) as agent,
            self._limiter.joined(spec, asker, stop) as admission,
            self._lanes.joined((share.run_no, share.agent_no), input.lanes) as lanes,
        ):
            questioner = Questioner(
                agent=agent,
                prompter=self._prompts.open(spec.prompt or run.config.prompt, case_set),
                ledger=self._ledger,
                share=share,
                spec=spec,
                admission=admission,
                budget=self._gates.setdefault(share.run_id, BudgetGate(self._budgets, share)),
                delivery=run.config.delivery,
                reveal_expected=self._agents.simulated(spec),
                stop=stop,
            )
            yield Crew(questioner, lanes, stop)

    async def _questions(self, keys: Sequence[ItemKey], case_set: CaseSet) -> list[tuple[ItemKey, Case]]:
        """Each key with its case. A batch may span trials, so its cases are a few runs of neighbours."""
        indexes = sorted({key.case_index for key in keys})
        cases: dict[int, Case] = {}
        first = 0
        for position in range(1, len(indexes) + 1):
            if position == len(indexes) or indexes[position] != indexes[position - 1] + 1:
                start, stop = indexes[first], indexes[position - 1] + 1
                cases.update(zip(range(start, stop), await self._cases.read(case_set, start, stop), strict=True))
                first = position
        return [(key, cases[key.case_index]) for key in keys]
