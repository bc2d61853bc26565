"""Where rows come from: files, uploads, buckets and addresses, and only those that are allowed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.network.download import HttpDownload
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
from adapters.storage.opening import open_storage
from adapters.storage.s3 import S3Bucket
from core.benchmarks import DatasetSpec
from core.errors import InvalidDataset, InvalidInput, InvalidPlugin, NotFound, TargetRefused, Unavailable
from tests.adapters.datasets.preparing import Uploads, case_sets, cases_of

pytest_plugins = ["tests.object_storage"]

LINES = b'{"input": "1 + 1?", "answer": "2"}\n{"input": "2 + 2?", "answer": "4"}\n'


def source(**settings: Any) -> dict[str, Any]:
    return {"source": settings}


async def test_an_unknown_source_is_told_from_the_installed_ones(tmp_path: Path) -> None:
    installed = "answers, file, inline, reasoning_gym, s3"
    with pytest.raises(InvalidPlugin, match=f"no kind 'ftp' in datasets; installed: {installed}"):
        await cases_of(case_sets(tmp_path), source(kind="ftp"))


class TestFile:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data"
        (folder / "bbh").mkdir(parents=True)
        (folder / "one.jsonl").write_bytes(LINES)
        for name in ("sorting", "counting"):
            (folder / "bbh" / f"{name}.json").write_text(json.dumps([{"input": f"{name}?", "target": "x"}] * 2))
        (tmp_path / "secret.jsonl").write_bytes(LINES)
        (folder / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
        (folder / "out").symlink_to(tmp_path)
        return folder

    async def test_a_file_in_an_allowed_folder_is_read(self, data: Path, tmp_path: Path) -> None:
        sets = case_sets(tmp_path / "objects", local_folders=(data,))
        cases = await cases_of(sets, source(kind="file", path=f"{data}/one.jsonl"))
        assert [(case.id, case.input, case.expected) for case in cases] == [("1", "1 + 1?", "2"), ("2", "2 + 2?", "4")]

    async def test_many_files_are_told_apart_by_their_names(self, data: Path, tmp_path: Path) -> None:
        sets = case_sets(tmp_path / "objects", local_folders=(data,))
        spec = source(kind="file", path=f"{data}/bbh/*.json") | {"fields": {"category": "file"}}
        cases = await cases_of(sets, spec)
        assert [(case.id, case.category) for case in cases] == [
            ("counting-1", "counting"),
            ("counting-2", "counting"),
            ("sorting-1", "sorting"),
            ("sorting-2", "sorting"),
        ]
        listed = source(kind="file", path=[f"{data}/bbh/sorting.json", f"{data}/bbh/*.json"])
        assert [case.id for case in await cases_of(sets, listed)][:2] == ["sorting-1", "sorting-2"]

    @pytest.mark.parametrize(
        "path",
        [
            "{data}/../secret.jsonl", "{data}/link.jsonl", "{data}/out/secret.jsonl", "{data}/*.jsonl", "/etc/passwd",
            "one.jsonl", "{data}/../*.jsonl", "{data}/out/*.jsonl", "/*", "*", "{data}/\0", "/nowhere/at/all",
        ],
    )  # fmt: skip
    async def test_nothing_outside_the_allowed_folders_is_read(self, data: Path, tmp_path: Path, path: str) -> None:
        sets = case_sets(tmp_path / "objects", local_folders=(data,))
        with pytest.raises(InvalidInput, match="BENCHMARK_LOCAL_FOLDERS") as caught:
            await cases_of(sets, source(kind="file", path=path.replace("{data}", str(data))))
        assert caught.value.pointer == "/dataset/source/path"

    async def test_no_folder_is_allowed_unless_the_operator_says_so(self, data: Path, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="not inside a folder"):
            await cases_of(case_sets(tmp_path / "objects"), source(kind="file", path=f"{data}/one.jsonl"))

    @pytest.mark.parametrize("path", ["{data}/two.jsonl", "{data}/*.csv", "{data}/bbh"])
    async def test_a_file_that_is_not_there_is_not_found(self, data: Path, tmp_path: Path, path: str) -> None:
        sets = case_sets(tmp_path / "objects", local_folders=(data,))
        with pytest.raises(NotFound, match="There is no file"):
            await cases_of(sets, source(kind="file", path=path.replace("{data}", str(data))))

    async def test_a_broken_line_is_named(self, data: Path, tmp_path: Path) -> None:
        (data / "one.jsonl").write_bytes(LINES + b"{oops}\n")
        sets = case_sets(tmp_path / "objects", local_folders=(data,))
        with pytest.raises(InvalidDataset, match=r"^Line 3: it is not JSON"):
            await cases_of(sets, source(kind="file", path=f"{data}/one.jsonl"))

    async def test_an_empty_file_is_named(self, data: Path, tmp_path: Path) -> None:
        (data / "bbh" / "empty.jsonl").write_bytes(b"\n")
        sets = case_sets(tmp_path / "objects", local_folders=(data,))
        with pytest.raises(InvalidDataset, match="'empty' has no rows"):
            await cases_of(sets, source(kind="file", path=f"{data}/bbh/*"))


class TestUploaded:
    async def test_the_newest_version_is_read_unless_one_is_named(self, tmp_path: Path) -> None:
        storage, uploads = open_storage(f"file://{tmp_path}"), Uploads()
        for number in (1, 2):
            await storage.put(f"datasets/{number}", LINES.replace(b"1 + 1", b"version %d" % number))
            uploads.add("sums", "jsonl", f"datasets/{number}")
        sets = case_sets(tmp_path, storage=storage, stored=uploads)
        assert (await cases_of(sets, source(kind="uploaded", name="sums")))[0].input == "version 2?"
        assert (await cases_of(sets, source(kind="uploaded", name="sums", version=1)))[0].input == "version 1?"

    async def test_another_projects_dataset_is_not_found(self, tmp_path: Path) -> None:
        uploads = Uploads()
        uploads.add("sums", "jsonl", "datasets/1")
        sets = case_sets(tmp_path, stored=uploads)
        spec = DatasetSpec.model_validate(source(kind="uploaded", name="sums"))
        with pytest.raises(NotFound, match="no dataset 'sums'"):
            await sets.prepare(spec, project_id="other", examples=0)


class TestS3:
    async def test_an_object_of_an_allowed_bucket_is_read(self, tmp_path: Path, s3_bucket: str) -> None:
        S3Bucket(s3_bucket).put("team/sums.jsonl", LINES, "application/jsonl")
        for allowed in (s3_bucket, f"{s3_bucket}/team", f"{s3_bucket}/team/"):
            sets = case_sets(tmp_path, buckets=(allowed,))
            assert len(await cases_of(sets, source(kind="s3", bucket=s3_bucket, key="team/sums.jsonl"))) == 2

    @pytest.mark.parametrize("allowed", [(), ("another",), ("{bucket}/tea",), ("{bucket}/other",)])
    async def test_another_object_is_not(self, tmp_path: Path, s3_bucket: str, allowed: tuple[str, ...]) -> None:
        sets = case_sets(tmp_path, buckets=tuple(entry.replace("{bucket}", s3_bucket) for entry in allowed))
        with pytest.raises(InvalidInput, match="BENCHMARK_DATASET_BUCKETS"):
            await cases_of(sets, source(kind="s3", bucket=s3_bucket, key="team/sums.jsonl"))

    async def test_a_missing_object_is_not_found(self, tmp_path: Path, s3_bucket: str) -> None:
        with pytest.raises(NotFound, match=r"has no 'nothing\.jsonl'"):
            await cases_of(
                case_sets(tmp_path, buckets=(s3_bucket,)), source(kind="s3", bucket=s3_bucket, key="nothing.jsonl")
            )


class TestUrl:
    @pytest.fixture
    async def site(self) -> AsyncIterator[str]:
        async def lines(_: web.Request) -> web.Response:
            return web.Response(body=LINES)

        async def moved(request: web.Request) -> web.Response:
            raise web.HTTPFound(request.query["to"])

        async def circle(request: web.Request) -> web.Response:
            raise web.HTTPFound(request.path)

        async def status(request: web.Request) -> web.Response:
            return web.Response(status=int(request.match_info["status"]))

        app = web.Application()
        app.router.add_get("/data/sums.jsonl", lines)
        app.router.add_get("/moved/sums.jsonl", moved)
        app.router.add_get("/circle/sums.jsonl", circle)
        app.router.add_get("/status/{status}/sums.jsonl", status)
        runner = web.AppRunner(app)
        await runner.setup()
        port = web.TCPSite(runner, "127.0.0.1", 0)
        await port.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()

    async def read(self, tmp_path: Path, url: str, *, allow: tuple[str, ...] = ("loopback",), **more: str) -> int:
        async with HttpPool(NetworkGuard(allow)) as http:
            sets = case_sets(tmp_path, download=HttpDownload(http))
            return len(await cases_of(sets, source(kind="url", url=url, **more)))

    async def test_a_file_is_fetched_and_named_by_its_address(self, tmp_path: Path, site: str) -> None:
        assert await self.read(tmp_path, f"{site}/data/sums.jsonl?raw=1") == 2

    async def test_a_redirect_is_followed(self, tmp_path: Path, site: str) -> None:
        assert await self.read(tmp_path, f"{site}/moved/sums.jsonl?to=/data/sums.jsonl") == 2

    async def test_a_redirect_to_a_forbidden_address_is_not(self, tmp_path: Path, site: str) -> None:
        with pytest.raises(TargetRefused):
            await self.read(tmp_path, f"{site}/moved/sums.jsonl?to=http://169.254.169.254/latest")
        with pytest.raises(Unavailable, match="redirects to an address that is not https"):
            await self.read(tmp_path, f"{site}/moved/sums.jsonl?to=file:///etc/passwd")

    async def test_a_redirect_in_a_circle_ends(self, tmp_path: Path, site: str) -> None:
        with pytest.raises(Unavailable, match="redirects more than 5 times"):
            await self.read(tmp_path, f"{site}/circle/sums.jsonl")

    async def test_a_private_address_is_refused(self, tmp_path: Path, site: str) -> None:
        with pytest.raises(TargetRefused):
            await self.read(tmp_path, f"{site}/data/sums.jsonl", allow=())

    @pytest.mark.parametrize(("status", "error"), [(404, NotFound), (403, InvalidInput), (500, Unavailable)])
    async def test_a_refusal_says_what_it_is(
        self, tmp_path: Path, site: str, status: int, error: type[Exception]
    ) -> None:
        with pytest.raises(error, match=f"HTTP {status}"):
            await self.read(tmp_path, f"{site}/status/{status}/sums.jsonl")

    async def test_a_changed_file_is_noticed(self, tmp_path: Path, site: str) -> None:
        right = "e50d2c9fa9ab0a3f9a1cb2b6e34ec24ca0a1a4be81d35ed0fbb04dd9da4dd5ae"
        with pytest.raises(InvalidDataset, match="The file has changed: its sha256 is") as caught:
            await self.read(tmp_path, f"{site}/data/sums.jsonl", sha256=right)
        actual = str(caught.value).split("sha256 is ")[1][:64]
        assert await self.read(tmp_path, f"{site}/data/sums.jsonl", sha256=actual) == 2
