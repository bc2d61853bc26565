"""Named, versioned definitions: datasets, benchmarks and agents."""

import asyncio

import pytest

from adapters.database.agents import AgentRepository
from adapters.database.datasets import DatasetRepository
from adapters.database.engine import Sessions
from core.benchmarks import AgentSpec
from core.datasets import DatasetVersion
from core.errors import InvalidInput, NotFound
from core.plugins import PluginSpec


def agent(name: str, model: str) -> AgentSpec:
    return AgentSpec(name=name, agent=PluginSpec.model_validate({"kind": "openai", "model": model}))


async def stored(datasets: DatasetRepository, name: str, digest: str, *, project_id: str = "default") -> DatasetVersion:
    return await datasets.add(
        project_id=project_id,
        name=name,
        digest=digest,
        format="jsonl",
        row_count=2,
        fields=["input", "expected"],
        size_bytes=40,
        object_key=f"datasets/{digest}",
    )


async def test_new_content_is_a_new_version_and_the_newest_stands_for_the_name(database: Sessions) -> None:
    agents = AgentRepository(database)
    first = await agents.add("default", agent("gpt", "small"))
    second = await agents.add("default", agent("gpt", "large"))
    assert (first.version, second.version) == (1, 2)
    assert await agents.get("default", "gpt") == second
    assert await agents.get("default", "gpt", 1) == first
    assert await agents.get("default", first.agent_id) == first


async def test_storing_the_newest_content_again_makes_no_version_but_going_back_does(database: Sessions) -> None:
    agents = AgentRepository(database)
    versions = [(await agents.add("default", agent("gpt", model))).version for model in ("a", "a", "b", "a")]
    assert versions == [1, 1, 2, 3]


async def test_a_dataset_with_the_same_bytes_is_the_same_version_however_old(database: Sessions) -> None:
    datasets = DatasetRepository(database)
    first = await stored(datasets, "maths", "d1")
    await stored(datasets, "maths", "d2")
    assert await stored(datasets, "maths", "d1") == first


async def test_parallel_uploads_of_one_name_number_its_versions_without_gap_or_repeat(database: Sessions) -> None:
    datasets = DatasetRepository(database)
    made = await asyncio.gather(*(stored(datasets, "maths", f"d{number % 6}") for number in range(18)))
    assert sorted({version.version for version in made}) == [1, 2, 3, 4, 5, 6]
    assert len({version.dataset_id for version in made}) == 6


async def test_pages_show_each_name_once_with_its_newest_version(database: Sessions) -> None:
    datasets = DatasetRepository(database)
    for name in ("c", "a", "b"):
        await stored(datasets, name, "d1")
        await stored(datasets, name, "d2")
    first = await datasets.page("default", limit=2)
    assert [(one.name, one.version) for one in first.items] == [("a", 2), ("b", 2)]
    rest = await datasets.page("default", limit=2, cursor=first.next_cursor)
    assert [(one.name, one.version) for one in rest.items] == [("c", 2)]
    assert rest.next_cursor is None


async def test_versions_of_a_name_come_newest_first_page_by_page(database: Sessions) -> None:
    datasets = DatasetRepository(database)
    for digest in ("d1", "d2", "d3"):
        await stored(datasets, "maths", digest)
    first = await datasets.versions("default", "maths", limit=2)
    rest = await datasets.versions("default", "maths", limit=2, cursor=first.next_cursor)
    assert [one.version for one in (*first.items, *rest.items)] == [3, 2, 1]


async def test_another_project_sees_nothing_of_it(database: Sessions) -> None:
    datasets = DatasetRepository(database)
    mine = await stored(datasets, "maths", "d1", project_id="mine")
    for name in ("maths", mine.dataset_id):
        with pytest.raises(NotFound, match="There is no dataset"):
            await datasets.find("yours", name)
    assert (await datasets.page("yours", limit=5)).items == ()


async def test_a_cursor_of_another_listing_is_refused(database: Sessions) -> None:
    datasets = DatasetRepository(database)
    for digest in ("d1", "d2"):
        await stored(datasets, "maths", digest)
    cursor = (await datasets.versions("default", "maths", limit=1)).next_cursor
    with pytest.raises(InvalidInput, match="cursor"):
        await datasets.page("default", limit=1, cursor=cursor)
