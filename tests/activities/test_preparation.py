"""Preparation, as Temporal calls it: patient with what may come back, and not for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.preparation import MOST_TRIES, PreparationActivities, PrepareInput
from adapters.database.adoption import StoredAdoptions
from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from core.benchmarks import BenchmarkDefinition, DatasetSpec
from core.cases import Case
from core.datasets import CaseSet
from core.errors import BenchmarkError, InvalidDataset, ServiceUnavailable, TimedOut, Unavailable
from core.ids import DEFAULT_PROJECT, new_id

CONFIG = BenchmarkDefinition.model_validate(
    {"name": "x", "dataset": {"source": {"kind": "url"}}, "evaluators": [{"kind": "exact"}]}
)


@dataclass
class Away:
    """Case sets that cannot be made."""

    error: BenchmarkError

    async def prepare(self, spec: DatasetSpec, *, project_id: str, examples: int) -> CaseSet:
        raise self.error

    async def open(self, digest: str) -> CaseSet:
        raise self.error

    async def read(self, case_set: CaseSet, start: int, stop: int) -> Sequence[Case]:
        raise self.error


async def prepared(engine: AsyncEngine, error: BenchmarkError, *, attempt: int) -> None:
    runs = RunRepository(engine)
    run = await runs.create(new_id("run"), CONFIG, project_id=DEFAULT_PROJECT)
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    activities = PreparationActivities(runs=runs, adoptions=StoredAdoptions(engine), cases=Away(error))
    await environment.run(activities.prepare, PrepareInput(run_id=run.run_id))


@dataclass
class Ending(Away):
    """Case sets whose run ends while they are made."""

    runs: RunRepository
    run_id: str

    async def prepare(self, spec: DatasetSpec, *, project_id: str, examples: int) -> CaseSet:
        await self.runs.note(self.run_id, "cancelled")
        return CaseSet(digest="made", case_count=3, shard_size=3, shards=())


async def test_a_run_that_is_cancelled_while_it_is_prepared_stays_cancelled_until_it_is_prepared_anew(
    migrated_database_url: str,
) -> None:
    async with open_engine(migrated_database_url) as engine:
        runs = RunRepository(engine)
        run = await runs.create(new_id("run"), CONFIG, project_id=DEFAULT_PROJECT)
        cases = Ending(Unavailable("never"), runs, run.run_id)
        activities = PreparationActivities(runs=runs, adoptions=StoredAdoptions(engine), cases=cases)
        wanted = PrepareInput(run_id=run.run_id)
        await ActivityEnvironment().run(activities.prepare, wanted)
        left = await runs.get(run.run_id)
        assert (left.status, left.started_at, left.case_set) == ("cancelled", None, None)
        await ActivityEnvironment().run(activities.prepare, wanted)
        assert (await runs.get(run.run_id)).status == "processing", "its workflow was reset"


@pytest.mark.parametrize("error", [Unavailable("data.example failed (HTTP 503)."), TimedOut("No file within 600 s.")])
async def test_somebody_elses_server_is_given_up_on_after_some_tries(
    migrated_database_url: str, error: BenchmarkError
) -> None:
    async with open_engine(migrated_database_url) as engine:
        with pytest.raises(type(error)):
            await prepared(engine, error, attempt=MOST_TRIES - 1)
        with pytest.raises(InvalidDataset) as given_up:
            await prepared(engine, error, attempt=MOST_TRIES)
    assert str(given_up.value) == f"The dataset could not be fetched in {MOST_TRIES} tries; the last: {error}"


async def test_our_own_storage_is_waited_for(migrated_database_url: str) -> None:
    async with open_engine(migrated_database_url) as engine:
        with pytest.raises(ServiceUnavailable):
            await prepared(engine, ServiceUnavailable("The object storage does not answer."), attempt=3 * MOST_TRIES)
