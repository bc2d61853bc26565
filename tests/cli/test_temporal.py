"""The embedded Temporal server keeps what it knows and shows its Web UI."""

import asyncio
from pathlib import Path

import httpx2
from temporalio.client import Client

from cli.embedded.sockets import free_port
from cli.embedded.temporal import TemporalServer
from tests.services import running


def server_on(folder: Path, *, ui: bool = False) -> TemporalServer:
    port = free_port()
    return TemporalServer(port, free_port(avoid={port}) if ui else None, folder / "state" / "temporal.db")


async def start_a_workflow(server: TemporalServer) -> None:
    client = await Client.connect(server.address)
    await client.start_workflow("Nobody", id="kept", task_queue="nobody")


async def status_of_the_workflow(server: TemporalServer) -> str:
    client = await Client.connect(server.address)
    status = (await client.get_workflow_handle("kept").describe()).status
    assert status
    return status.name


def test_workflows_are_there_after_a_restart(tmp_path: Path) -> None:
    server = server_on(tmp_path)
    with running(server.service(), tmp_path / "temporal.log"):
        asyncio.run(start_a_workflow(server))
    server = server_on(tmp_path)
    with running(server.service(), tmp_path / "temporal.log"):
        assert asyncio.run(status_of_the_workflow(server)) == "RUNNING"


def test_workflows_survive_a_killed_server(tmp_path: Path) -> None:
    server = server_on(tmp_path)
    with running(server.service(), tmp_path / "temporal.log") as process:
        asyncio.run(start_a_workflow(server))
        process.kill()
    with running(server.service(), tmp_path / "temporal.log"):
        assert asyncio.run(status_of_the_workflow(server)) == "RUNNING"


def test_the_web_ui_is_served(tmp_path: Path) -> None:
    server = server_on(tmp_path, ui=True)
    with running(server.service(), tmp_path / "temporal.log"), httpx2.Client(trust_env=False) as browser:
        page = browser.get(str(server.ui_url), follow_redirects=True)
    assert page.status_code == 200
    assert "<!doctype html>" in page.text.lower()
