"""Case sets are stored once, by their content, and read back as they were."""

import asyncio
import json
from pathlib import Path

import pytest

from adapters.datasets.case_sets import StoredCaseSets
from adapters.datasets.shards import ShardReader
from adapters.storage.opening import open_storage
from core.datasets import CaseSet
from core.errors import NotFound, ServiceUnavailable
from core.ports import ObjectStorage
from tests.adapters.datasets.preparing import case_sets, cases_of, inline, prepared

ROWS = [{"id": n, "input": f"What is {n} + {n}?", "answer": str(2 * n), "n": n} for n in range(1234)]
SPEC = inline(ROWS, fields={"metadata": ["n"]})

pytest_plugins = ["tests.object_storage"]


class CountingStorage:
    """Storage that remembers what was asked of it."""

    def __init__(self, storage: ObjectStorage) -> None:
        self.storage = storage
        self.gets: list[str] = []
        self.puts: list[str] = []

    async def get(self, key: str) -> bytes:
        self.gets.append(key)
        return await self.storage.get(key)

    async def put(self, key: str, content: bytes, *, media_type: str = "application/octet-stream") -> None:
        self.puts.append(key)
        await self.storage.put(key, content, media_type=media_type)

    async def exists(self, key: str) -> bool:
        return await self.storage.exists(key)

    async def remove(self, folder: str) -> None:
        await self.storage.remove(folder)


def counting(folder: Path) -> tuple[CountingStorage, StoredCaseSets]:
    storage = CountingStorage(open_storage(f"file://{folder}"))
    return storage, case_sets(folder, storage=storage)


async def test_cases_are_read_back_in_pieces_of_any_size(tmp_path: Path) -> None:
    sets = case_sets(tmp_path)
    case_set = await prepared(sets, SPEC)
    assert (case_set.case_count, case_set.shard_size, len(case_set.shards)) == (1234, 500, 3)
    whole = await sets.read(case_set, 0, 1234)
    assert [case.model_dump(exclude_defaults=True) for case in whole] == [
        {"id": str(n), "input": f"What is {n} + {n}?", "expected": str(2 * n), "metadata": {"n": n}}
        for n in range(1234)
    ]
    for start, stop in ((0, 1), (499, 501), (450, 1050), (1200, 9999), (1234, 1300), (7, 7)):
        assert list(await sets.read(case_set, start, stop)) == list(whole[start:stop])


async def test_the_same_cases_again_have_the_same_digest_and_write_nothing(tmp_path: Path) -> None:
    storage, sets = counting(tmp_path)
    first = await prepared(sets, SPEC, examples=2)
    written = len(storage.puts)
    assert written == 4
    assert await prepared(sets, SPEC, examples=2) == first
    assert len(storage.puts) == written
    reordered = inline([dict(reversed(row.items())) for row in ROWS], fields={"metadata": ["n"]})
    assert await prepared(sets, reordered, examples=2) == first
    assert len(storage.puts) == written


async def test_another_case_or_another_order_is_another_digest(tmp_path: Path) -> None:
    sets = case_sets(tmp_path)
    digests = {
        (await prepared(sets, spec, examples=examples)).digest
        for spec, examples in (
            (inline(ROWS[:10]), 0),
            (inline(ROWS[:9]), 0),
            (inline(ROWS[9::-1]), 0),
            (inline([*ROWS[:9], {**ROWS[9], "answer": "x"}]), 0),
            (inline(ROWS[:10]), 1),
            (inline(ROWS[:10], limit=5), 1),
            (inline(ROWS[:10], limit=5), 2),
        )
    }
    assert len(digests) == 7


async def test_a_set_is_opened_by_its_digest_in_another_process(tmp_path: Path) -> None:
    case_set = await prepared(case_sets(tmp_path), SPEC, examples=3)
    other = case_sets(tmp_path)
    assert await other.open(case_set.digest) == case_set
    assert [case.id for case in await other.read(case_set, 1229, 1231)] == ["1229", "1230"]
    with pytest.raises(NotFound):
        await other.open("0" * 64)


async def test_preparing_again_mends_what_a_crash_left(tmp_path: Path) -> None:
    storage, sets = counting(tmp_path)
    case_set = await prepared(sets, SPEC)
    (tmp_path / "case-sets" / f"{case_set.digest}.json").unlink()
    (tmp_path / case_set.shards[1]).unlink()
    storage.puts.clear()
    assert await prepared(sets, SPEC) == case_set
    assert storage.puts == [case_set.shards[1], f"case-sets/{case_set.digest}.json"]


async def test_readers_of_a_shard_share_one_fetch(tmp_path: Path) -> None:
    storage, sets = counting(tmp_path)
    case_set = await prepared(sets, SPEC)
    pieces = await asyncio.gather(*(sets.read(case_set, start, start + 50) for start in range(0, 1200, 50)))
    assert sorted(storage.gets) == sorted(case_set.shards)
    assert [case.id for piece in pieces for case in piece] == [str(n) for n in range(1200)]


async def test_a_reader_who_gives_up_does_not_end_it_for_the_others(tmp_path: Path) -> None:
    storage, sets = counting(tmp_path)
    case_set = await prepared(sets, SPEC)
    impatient = asyncio.create_task(sets.read(case_set, 0, 10))
    patient = asyncio.create_task(sets.read(case_set, 0, 10))
    await asyncio.sleep(0)
    impatient.cancel()
    assert len(await patient) == 10
    assert impatient.cancelled()
    assert storage.gets == [case_set.shards[0]]


async def test_the_cache_keeps_to_its_size(tmp_path: Path) -> None:
    storage, sets = counting(tmp_path)
    case_set = await prepared(sets, SPEC)
    reader = ShardReader(storage, cache_bytes=1)
    for key in (*case_set.shards, *case_set.shards, case_set.shards[-1]):
        assert await reader.cases(key)
    assert storage.gets == [*case_set.shards, *case_set.shards]


async def test_a_failed_fetch_is_tried_again(tmp_path: Path) -> None:
    sets = case_sets(tmp_path)
    case_set = await prepared(sets, SPEC)
    shard = tmp_path / case_set.shards[0]
    content = shard.read_bytes()
    shard.unlink()
    with pytest.raises(NotFound):
        await sets.read(case_set, 0, 1)
    shard.write_bytes(content)
    assert len(await sets.read(case_set, 0, 1)) == 1


@pytest.mark.parametrize("damage", ["cut", "shifted", "gone"])
async def test_damaged_cases_are_never_asked(tmp_path: Path, damage: str) -> None:
    sets = case_sets(tmp_path)
    case_set = await prepared(sets, SPEC)
    shard = tmp_path / case_set.shards[0]
    content = shard.read_bytes()
    shard.write_bytes({"cut": content[:-20], "shifted": b"x" + content, "gone": b""}[damage])
    with pytest.raises(ServiceUnavailable, match="damaged"):
        await sets.read(case_set, 0, 1)
    (tmp_path / case_set.shards[1]).write_bytes((tmp_path / case_set.shards[2]).read_bytes())
    with pytest.raises(ServiceUnavailable, match="not what their name says"):
        await sets.read(case_set, 500, 501)


async def test_large_cases_make_small_shards(tmp_path: Path) -> None:
    sets = case_sets(tmp_path)
    case_set = await prepared(sets, inline([{"input": f"{n}" + "x" * 1_000_000} for n in range(9)]))
    assert case_set.shard_size == 4
    assert [case.input[0] for case in await sets.read(case_set, 0, 9)] == list("012345678")


async def test_a_large_set_is_made_with_little_memory(tmp_path: Path) -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    file = tmp_path / "many.jsonl"
    with file.open("w") as lines:
        for n in range(20_000):
            lines.write(json.dumps({"input": f"What is {n} + {n}? " + "Think. " * 40, "answer": str(2 * n)}) + "\n")
    sets = case_sets(tmp_path / "objects", local_folders=(tmp_path,))
    tracemalloc.start()
    try:
        case_set = await prepared(sets, {"source": {"kind": "file", "path": str(file)}, "limit": 15_000, "seed": 1})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert case_set.case_count == 15_000
    assert peak < file.stat().st_size / 2


async def test_on_s3_it_is_all_the_same(tmp_path: Path, s3_bucket: str) -> None:
    sets = case_sets(tmp_path, storage=open_storage(f"s3://{s3_bucket}/of/us"))
    case_set = await prepared(sets, SPEC)
    assert case_set.digest == (await prepared(case_sets(tmp_path), SPEC)).digest
    assert [case.id for case in await sets.read(await sets.open(case_set.digest), 498, 502)] == [
        "498",
        "499",
        "500",
        "501",
    ]


async def test_storage_that_is_away_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ServiceUnavailable):
        await cases_of(case_sets(tmp_path / "file"), SPEC)


def test_a_case_set_of_a_million_is_a_small_manifest() -> None:
    case_set = CaseSet(
        digest="0" * 64, case_count=10**6, shard_size=500, shards=("cases/ab/" + "0" * 64 + ".jsonl.gz",) * 2000
    )
    assert len(case_set.model_dump_json()) < 200_000
