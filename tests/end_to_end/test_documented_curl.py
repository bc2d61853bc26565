"""Every `curl` that the documents show, typed as it stands there against the whole service."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.bodies import definition
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.user import User
from tests.test_docs import ROOT, Block, blocks

CURL = shutil.which("curl")
STREAMED_S = 2
TIMED_OUT = 28
MADE = ("schedules", "webhooks", "api-keys")


def typed() -> list[tuple[str, str]]:
    """(where, command), in the order of the documents: later ones may stand on earlier ones."""
    found: list[tuple[str, str]] = []
    for block in blocks("sh"):
        lines = block.text.replace("\\\n", " ").splitlines()
        found += [(str(block), line) for line in lines if line.startswith("curl ")]
    return found


def first(language: str, document: str) -> Block:
    return next(block for block in blocks(language) if block.document == ROOT / document)


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """With the files that the commands name."""
    (tmp_path / "capitals.yaml").write_text(first("yaml", "README.md").text)
    (tmp_path / "nightly.json").write_text(first("json", "docs/schedules.md").text)
    return tmp_path


@pytest.fixture
async def clean(user: User) -> AsyncIterator[None]:
    """What the commands make is taken away again: others use the same service."""
    before = {kind: await ids(user, kind) for kind in MADE}
    runs = await ids(user, "runs")
    yield
    for kind in MADE:
        for each in await ids(user, kind) - before[kind]:
            gone = (
                user.http.post(f"/v1/{kind}/{each}/revoke")
                if kind == "api-keys"
                else user.http.delete(f"/v1/{kind}/{each}")
            )
            assert (await gone).is_success
    for each in await ids(user, "runs") - runs:
        await user.http.post(f"/v1/runs/{each}/cancel")


async def ids(user: User, kind: str) -> set[str]:
    items = (await user.look(f"/v1/{kind}", limit=200))["items"]
    return {next(value for name, value in each.items() if name.endswith("_id")) for each in items}


async def does(command: str, folder: Path) -> tuple[int, str]:
    """Its exit code, and what it printed."""
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await shell.communicate()
    return shell.returncode or 0, said.decode(errors="replace")


@pytest.mark.skipif(
    CURL is None, reason="there is no curl on this machine, which the documents' commands are typed with"
)
async def test_every_curl_of_the_documents_is_answered(
    user: User, deployment: Deployment, folder: Path, clean: None
) -> None:
    run_id = await user.submit(definition())
    await user.ended(run_id)
    address = deployment.apis[0].url.removeprefix("http://")
    commands = typed()
    assert len(commands) >= 8
    for where, command in commands:
        line = re.sub(r"\brun_\.\.\.", run_id, command.partition("    #")[0]).replace("localhost:8080", address)
        streams = "event-stream" in line
        ends = f" --fail-with-body --max-time {STREAMED_S if streams else 60}"
        code, said = await does(line + ends, folder)
        assert code == (TIMED_OUT if streams else 0), f"{where}: {said}"
        assert not streams or "retry: 1000" in said, "a stream has begun, which has no end of its own"
