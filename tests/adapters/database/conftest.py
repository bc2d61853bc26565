"""A migrated database for each test of a repository."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import Sessions, open_engine, sessions
from adapters.database.ledger import PostgresLedger, open_ledger
from adapters.database.runs import RunRepository
from core.benchmarks import AgentSpec, BenchmarkDefinition, DatasetSpec, Evaluation
from core.ids import DEFAULT_PROJECT, new_id
from core.plugins import PluginSpec
from core.work import Share


@pytest.fixture
async def engine(migrated_database_url: str) -> AsyncIterator[AsyncEngine]:
    async with open_engine(migrated_database_url) as engine:
        yield engine


@pytest.fixture
async def ledger(engine: AsyncEngine) -> AsyncIterator[PostgresLedger]:
    async with open_ledger(engine, "a test") as ledger:
        yield ledger


@pytest.fixture
async def share(engine: AsyncEngine) -> Share:
    """The only agent's share of a run of 10 cases."""
    runs = RunRepository(engine)
    config = BenchmarkDefinition(
        name="sums",
        dataset=DatasetSpec(source=PluginSpec(kind="inline")),
        agents=(AgentSpec(name="agent", agent=PluginSpec(kind="simulated")),),
        evaluators=(Evaluation(kind="exact"),),
    )
    run = await runs.create(new_id("run"), config, project_id=DEFAULT_PROJECT)
    return Share(run_id=run.run_id, run_no=await runs.number(run.run_id), agent_no=0, case_count=10)


@pytest.fixture
def database(engine: AsyncEngine) -> Sessions:
    """Sessions on a fresh database with every migration applied."""
    return sessions(engine)
