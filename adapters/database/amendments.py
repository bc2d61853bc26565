"""Amendments: what is changed of a run after it was accepted, each one a revision, under the run's lock."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.database.engine import Sessions
from adapters.database.outbox import tell
from adapters.database.revisions import Expected, note_change, refuse_stale
from adapters.database.runs import locked, open_round
from adapters.database.tables import RunAgentRow, RunRow
from core.benchmarks import AgentSpec, BenchmarkDefinition, Evaluation
from core.budgets import NewBudget
from core.errors import Conflict
from core.events import EventType
from core.runs import ENDED


class Amendments:
    """Each method raises NotFound, and StaleRevision when the run is not at the expected revision."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def retune(
        self,
        run_id: str,
        concurrency: Mapping[str, int],
        *,
        budget: NewBudget | None = None,
        expected: Expected | None = None,
    ) -> None:
        """Other numbers of calls in flight, by agent name, and another budget if there is one."""
        async with self._sessions.begin() as session:
            row, config = await _amended(session, run_id, expected)
            agents = tuple(
                agent.model_copy(update={"concurrency": concurrency.get(agent.name, agent.concurrency)})
                for agent in config.agents
            )
            allowed = config.budget if budget is None else budget.budget
            _keep(row, config.model_copy(update={"agents": agents, "budget": allowed}))
            told = {} if budget is None else budget.model_dump(mode="json")
            tell(session, row, EventType.RUN_RETUNED, {"concurrency": dict(concurrency), **told})

    async def extend(
        self, run_id: str, *, trials: int, agents: Sequence[AgentSpec] = (), expected: Expected | None = None
    ) -> int:
        """More trials, more agents; returns the round in which they are asked."""
        async with self._sessions.begin() as session:
            row, config = await _amended(session, run_id, expected)
            first = len(config.agents)
            names = {agent.name for agent in config.agents}
            if twice := [agent.name for agent in agents if agent.name in names]:
                raise Conflict(f"The run has an agent {twice[0]!r} by now; look at it again.")
            trials = max(trials, config.trials)
            session.add_all(
                RunAgentRow(run_no=row.run_no, agent_no=first + number, name=agent.name)
                for number, agent in enumerate(agents)
            )
            _keep(row, config.model_copy(update={"trials": trials, "agents": (*config.agents, *agents)}))
            open_round(row)
            told = {"trials": trials, "agents": [agent.name for agent in agents], "round": row.round}
            tell(session, row, EventType.RUN_EXTENDED, told)
            return row.round

    async def rescore(self, run_id: str, evaluators: Sequence[Evaluation], *, expected: Expected | None = None) -> int:
        """Other evaluators for the stored answers; returns the round in which they judge. Raises Conflict for a run
        that has not ended."""
        async with self._sessions.begin() as session:
            row, config = await _amended(session, run_id, expected)
            if row.status not in ENDED:
                raise Conflict(f"The run is {row.status}; it can be scored anew once it has ended.")
            _keep(row, config.model_copy(update={"evaluators": tuple(evaluators)}))
            open_round(row, asks=False)
            # Counted again as they come; where the same version judged already, the end of the round counts it.
            await session.execute(update(RunAgentRow).where(RunAgentRow.run_no == row.run_no).values(evaluated=0))
            told = {"evaluators": [each.label for each in evaluators], "round": row.round}
            tell(session, row, EventType.RUN_RESCORED, told)
            return row.round


async def _amended(session: AsyncSession, run_id: str, expected: Expected | None) -> tuple[RunRow, BenchmarkDefinition]:
    row = await locked(session, run_id)
    await refuse_stale(session, row.revision, expected)
    # Under the lock: whoever amends the run keeps the amendment, or nothing of this.
    await note_change(session, expected, row.revision + 1)
    return row, BenchmarkDefinition.model_validate(row.config)


def _keep(row: RunRow, config: BenchmarkDefinition) -> None:
    row.config = config.model_dump(mode="json")
    row.revision += 1
    row.updated_at = func.now()
