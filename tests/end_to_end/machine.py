"""A small deployment of one test's own: worker and API processes that it may kill, and a look behind the scenes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from adapters.database.runs import RunRepository
from cli.pollers import poller_count
from core.benchmarks import BenchmarkDefinition
from core.ids import DEFAULT_PROJECT, new_id
from core.runs import Run, RunStatus
from tests.end_to_end.deployment import Deployment
from workflows.start import start_run


@dataclass(kw_only=True)
class Machine(Deployment):
    client: Client
    engine: AsyncEngine

    @property
    def runs(self) -> RunRepository:
        return RunRepository(self.engine)

    async def accept(self, definition: dict[str, Any]) -> str:
        """Writes the run's record, and no more: as if the API had died right after."""
        config = BenchmarkDefinition.model_validate(definition)
        return (await self.runs.create(new_id("run"), config, project_id=DEFAULT_PROJECT)).run_id

    async def submit(self, definition: dict[str, Any]) -> str:
        run_id = await self.accept(definition)
        await start_run(self.client, run_id, task_queue=self.environment["BENCHMARK_TASK_QUEUE"])
        return run_id

    async def polled_by(self, workers: int) -> None:
        """Returns once that many workers wait for work."""
        while True:
            if await poller_count(self.client, self.environment["BENCHMARK_TASK_QUEUE"]) >= workers:
                return
            await asyncio.sleep(0.05)

    async def settled(self, run_id: str, questions: int) -> None:
        """Returns once that many questions have an outcome."""
        while True:
            counts = (await self.runs.get(run_id)).counts
            if counts.answered + counts.failed >= questions:
                return
            await asyncio.sleep(0.02)

    async def until(self, run_id: str, *statuses: RunStatus) -> Run:
        """The record once it has one of these statuses."""
        while True:
            run = await self.runs.get(run_id)
            if run.status in statuses:
                return run
            await asyncio.sleep(0.05)

    async def ended(self, run_id: str) -> Run:
        await asyncio.gather(self.client.get_workflow_handle(run_id).result(), return_exceptions=True)
        return await self.runs.get(run_id)

    async def rows(self, query: str, **parameters: object) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            return (await connection.execute(text(query), parameters)).all()
