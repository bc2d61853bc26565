"""What every object storage promises, tried on a directory and on a real S3 server."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from adapters.storage.directory import ABANDONED_S, INCOMING
from adapters.storage.opening import open_storage
from core.errors import InvalidInput, NotFound, ServiceUnavailable
from core.ports import ObjectStorage

pytest_plugins = ["tests.object_storage"]


@pytest.fixture(params=["directory", "s3", "s3 with a prefix"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStorage:
    if request.param == "directory":
        return open_storage(f"file://{tmp_path}/objects")
    bucket = request.getfixturevalue("s3_bucket")
    return open_storage(f"s3://{bucket}" + ("/of/mine" if "prefix" in request.param else ""))


async def test_what_was_put_is_got(storage: ObjectStorage) -> None:
    content = bytes(range(256)) * 100
    await storage.put("cases/ab/abc.jsonl.gz", content)
    assert await storage.get("cases/ab/abc.jsonl.gz") == content
    assert await storage.exists("cases/ab/abc.jsonl.gz")


async def test_an_empty_blob_is_there(storage: ObjectStorage) -> None:
    await storage.put("empty", b"")
    assert await storage.exists("empty")
    assert await storage.get("empty") == b""


async def test_putting_twice_is_harmless_and_the_last_one_stays(storage: ObjectStorage) -> None:
    await storage.put("report.json", b"one")
    await storage.put("report.json", b"one", media_type="application/json")
    await storage.put("report.json", b"two")
    assert await storage.get("report.json") == b"two"


async def test_what_was_never_put_is_not_found(storage: ObjectStorage) -> None:
    await storage.put("folder/blob", b"x")
    assert not await storage.exists("nothing")
    assert not await storage.exists("folder")
    for key in ("nothing", "folder", "folder/nothing", "folder/blob/below"):
        with pytest.raises(NotFound, match=key):
            await storage.get(key)


async def test_a_folder_is_removed_with_all_that_is_below_and_nothing_beside(storage: ObjectStorage) -> None:
    for key in ("reports/run_1/a.json", "reports/run_1/deeper/b.json", "reports/run_10/a.json", "reports/run_1.json"):
        await storage.put(key, b"x")
    await storage.remove("reports/run_1")
    await storage.remove("reports/run_1")
    assert not await storage.exists("reports/run_1/a.json")
    assert not await storage.exists("reports/run_1/deeper/b.json")
    assert await storage.exists("reports/run_10/a.json")
    assert await storage.exists("reports/run_1.json")


def test_what_a_killed_process_left_half_written_is_swept_at_the_next_start(tmp_path: Path) -> None:
    incoming = tmp_path / "objects" / INCOMING
    incoming.mkdir(parents=True)
    for name, age_s in (("abandoned", ABANDONED_S + 60), ("being-written", 5.0)):
        (incoming / name).write_bytes(b"half")
        moment = time.time() - age_s
        os.utime(incoming / name, (moment, moment))
    open_storage(f"file://{tmp_path}/objects")
    assert [path.name for path in incoming.iterdir()] == ["being-written"]


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/etc/passwd", "../up", "a/../../b", "a//b", "a/", ".hidden", "a/.incoming/x", "-rf", "a b",
        "a\\b", "a\0b", "a\nb", "ä", "x" * 600, "y/" * 200 + "y" * 300,
    ],
)  # fmt: skip
async def test_a_key_cannot_leave_its_place(storage: ObjectStorage, key: str) -> None:
    with pytest.raises(InvalidInput, match="storage key"):
        await storage.put(key, b"x")
    with pytest.raises(InvalidInput, match="storage key"):
        await storage.get(key)
    with pytest.raises(InvalidInput, match="storage key"):
        await storage.exists(key)


async def test_many_at_once_never_show_half_a_blob(storage: ObjectStorage) -> None:
    versions = [bytes([n]) * 100_000 for n in range(8)]

    async def seen() -> bytes:
        try:
            return await storage.get("busy")
        except NotFound:
            return versions[0]

    async with asyncio.TaskGroup() as group:
        readings = [group.create_task(seen()) for _ in range(16)]
        for version in versions:
            group.create_task(storage.put("busy", version))
    assert all(reading.result() in versions for reading in readings)
    assert await storage.get("busy") in versions


@pytest.mark.parametrize("url", ["", "/folder", "file://relative/x", "s3://", "http://x/y", "s3://b?x=1", "file:a"])
def test_another_address_is_refused_with_the_right_ones(url: str) -> None:
    with pytest.raises(InvalidInput, match="file:///absolute/folder or s3://bucket/prefix"):
        open_storage(url)


async def test_a_directory_leaves_no_drafts_behind(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}/with%20space")
    await storage.put("a/b", b"x")
    await storage.check()
    assert sorted(p.name for p in (tmp_path / "with space").rglob("*") if p.is_file()) == ["b", "check"]


async def test_a_directory_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    storage = open_storage(f"file://{tmp_path}/taken")
    with pytest.raises(ServiceUnavailable, match=r"cannot write 'check': .+\."):
        await storage.check()
    with pytest.raises(ServiceUnavailable, match="cannot write 'a/b'"):
        await storage.put("a/b", b"x")


async def test_a_missing_bucket_is_named(s3_bucket: str) -> None:
    storage = open_storage(f"s3://{s3_bucket}-absent")
    with pytest.raises(ServiceUnavailable, match=rf"no bucket '{s3_bucket}-absent' at http://127.*create it"):
        await storage.check()
    with pytest.raises(ServiceUnavailable, match="no bucket"):
        await storage.put("a", b"x")
    with pytest.raises(ServiceUnavailable, match="no bucket"):
        await storage.get("a")


async def test_a_present_bucket_passes_its_check(s3_bucket: str) -> None:
    await open_storage(f"s3://{s3_bucket}").check()


async def test_wrong_keys_are_told_from_a_missing_blob(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    storage = open_storage(f"s3://{s3_bucket}")
    with pytest.raises(ServiceUnavailable, match="AWS_ACCESS_KEY_ID"):
        await storage.get("a")
    with pytest.raises(ServiceUnavailable, match="credentials"):
        await storage.exists("a")


async def test_no_keys_at_all_is_a_sentence(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(ServiceUnavailable, match=r"cannot be reached: .*credentials.*\.$"):
        await open_storage(f"s3://{s3_bucket}").get("a")


async def test_a_server_that_is_away_is_worth_another_try(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(ServiceUnavailable, match="cannot be reached"):
        await open_storage(f"s3://{s3_bucket}").get("a")
