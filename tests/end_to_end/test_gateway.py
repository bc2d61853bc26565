"""A real NGINX, configured as deployed, in front of two API processes: what passes, and what does not."""

import asyncio
import http.client
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from core.settings import Settings
from tests.deploy.gateway import NGINX, Gateway, checked, gateway, laid_out
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.sums import doubled
from tests.end_to_end.user import User
from tests.providers import Provider

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed; Debian's package is nginx-light")
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("upstream", "servers"), [("upstream.compose.conf", 2), ("upstream.kubernetes.conf", 1)], ids=["compose", "k8s"]
)
def test_nginx_accepts_its_configuration(upstream: str, servers: int, tmp_path: Path) -> None:
    command, _, _ = laid_out(tmp_path, upstream, ["127.0.0.1:9"] * servers)
    assert "test is successful" in checked(command)


@pytest.fixture
async def edge(deployment: Deployment, tmp_path: Path) -> AsyncIterator[Gateway]:
    """In front of the shared deployment's API and another process of this test's own, `deployment.apis[-1]`."""
    await deployment.start_api()
    servers = [urlsplit(api.url).netloc for api in (deployment.apis[0], deployment.apis[-1])]
    try:
        async with gateway(tmp_path, servers) as running:
            yield running
    finally:
        await deployment.apis.pop().process.stop()


@asynccontextmanager
async def calling(edge: Gateway) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=edge.url, verify=False, trust_env=False, timeout=30) as client:
        yield client


def sums(url: str) -> dict[str, object]:
    rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(40)]
    return {
        "name": "sums",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [{"name": "sums", "agent": {"kind": "openai", "model": "sums", "base_url": url}, "concurrency": 4}],
        "evaluators": [{"kind": "exact"}],
    }


async def test_a_run_and_its_events_pass_through_both_processes(edge: Gateway, deployment: Deployment) -> None:
    heard: list[str] = []
    async with calling(edge) as caller, Provider(doubled, latency_s=0.2) as provider:
        run_id = await User(caller).submit(sums(provider.url))
        stream = caller.stream("GET", f"/v1/runs/{run_id}/events", headers={"Accept": "text/event-stream"})
        async with stream as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("event:"):
                    heard.append(line.partition(":")[2].strip())
                    if heard[-1] == "run.started":
                        # It left as it came: nothing waited for a buffer to be full, or for the end.
                        assert len(provider.log) < 40
        assert heard[0] == "run.queued"
        assert heard[-1] == "run.completed"
        assert (await User(caller).run(run_id))["counts"]["answered"] == 40
        for _ in range(4):
            await caller.get("/health")
        logged = [json.loads(line) for line in edge.log.read_text().splitlines()]
        assert {each["upstream"] for each in logged} >= {urlsplit(deployment.apis[-1].url).netloc}
        assert all(each["path"].startswith("/") and "?" not in each["path"] for each in logged)
        # One process goes; who only reads does not notice.
        await deployment.apis[-1].process.stop()
        assert {(await caller.get(f"/v1/runs/{run_id}")).status_code for _ in range(6)} == {200}


async def test_what_the_gateway_refuses_is_a_problem(deployment: Deployment, tmp_path: Path) -> None:
    server = urlsplit(deployment.apis[0].url).netloc
    async with gateway(tmp_path, [server, server], burst=20) as edge, calling(edge) as caller:
        moved = await caller.get(f"{edge.plain_url}/v1/runs?limit=1")
        assert moved.status_code == 308
        assert moved.headers["location"].startswith("https://")
        assert (await caller.get("/metrics")).status_code == 404
        assert "max-age" in (await caller.get("/health")).headers["strict-transport-security"]
        status, kind = await asyncio.to_thread(announced, edge.url, Settings().max_body_bytes + 1)
        assert (status, kind) == (413, PROBLEM)
        answers = [await caller.get("/health") for _ in range(20)]
    assert [answer.status_code for answer in answers].count(200) == 19, "one was answered before"
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.headers["content-type"] for answer in refused} == {PROBLEM}
    assert (refused[0].json()["status"], refused[0].headers["retry-after"]) == (429, "1")


def announced(url: str, size: int) -> tuple[int, str | None]:
    """What becomes of a request that says its body has so many bytes: its status and media type."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(urlsplit(url).netloc, context=context, timeout=10)
    try:
        connection.putrequest("POST", "/v1/datasets")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type")
    finally:
        connection.close()
