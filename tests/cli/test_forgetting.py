"""`benchmark db forget`: nothing of an old run is left behind, neither in the database nor in the object storage."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.database.engine import open_engine
from adapters.database.runs import RunRepository
from adapters.storage.opening import open_storage
from cli.main import run as typed
from core.benchmarks import BenchmarkDefinition
from core.errors import NotFound
from core.ids import DEFAULT_PROJECT, new_id
from tests.api.bodies import definition


def forget(*more: str) -> None:
    with pytest.raises(SystemExit) as ended:
        typed(["db", "forget", "--older-than", "1", *more])
    assert not ended.value.code


def test_an_old_run_is_forgotten_with_its_reports(
    migrated_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"file://{tmp_path}/objects"
    storage, run_id, other = open_storage(url), new_id("run"), new_id("run")

    async def prepare() -> None:
        async with open_engine(migrated_database_url) as engine:
            runs = RunRepository(engine)
            for each in (run_id, other):
                config = BenchmarkDefinition.model_validate(definition())
                await runs.create(each, config, project_id=DEFAULT_PROJECT)
                await storage.put(f"reports/{each}/round-1.json", b"{}")
            await runs.note(run_id, "completed")
            async with engine.begin() as connection:
                await connection.execute(text("update runs set completed_at = now() - interval '2 days'"))

    async def is_there(each: str) -> tuple[bool, bool]:
        async with open_engine(migrated_database_url) as engine:
            try:
                await RunRepository(engine).get(each)
            except NotFound:
                return False, await storage.exists(f"reports/{each}/round-1.json")
        return True, await storage.exists(f"reports/{each}/round-1.json")

    asyncio.run(prepare())
    monkeypatch.setenv("DATABASE_URL", migrated_database_url)
    monkeypatch.setenv("BENCHMARK_STORAGE_URL", url)
    forget("--dry-run")
    assert asyncio.run(is_there(run_id)) == (True, True)
    forget()
    assert asyncio.run(is_there(run_id)) == (False, False)
    assert asyncio.run(is_there(other)) == (True, True), "it has not ended"
    assert f"{run_id}: 0 rows removed." in capsys.readouterr().err
