"""What the service says about itself."""

import httpx2
import pytest
from pydantic import SecretStr

from api.problem_kinds import KINDS
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served


async def test_it_is_alive_and_says_which_version(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/health")).json() == {"status": "ok"}
    assert (await api.get("/version")).json()["name"] == "ai-benchmark-service"


async def test_readiness_names_the_part_that_is_away(api: httpx2.AsyncClient) -> None:
    said = problem(await api.get("/ready"), 503, "service-unavailable")
    assert [error["pointer"] for error in said["errors"]] == ["temporal"]
    assert "127.0.0.1" not in str(said), "a public page tells nothing of the inside"


async def test_a_probe_may_ask_for_the_parts_it_needs(api: httpx2.AsyncClient) -> None:
    answer = await api.get("/ready", params={"require": ["postgres", "storage"]})
    assert answer.status_code == 200
    assert answer.json()["parts"]["temporal"]["ok"] is False


async def test_metrics_count_requests_by_route_and_open_runs(api: httpx2.AsyncClient) -> None:
    await api.get("/v1/runs")
    text = (await api.get("/metrics")).text
    assert 'benchmark_requests_total{method="GET",route="/v1/runs",status="200"}' in text
    assert 'benchmark_response_time_seconds_count{method="GET",route="/v1/runs"}' in text
    assert 'benchmark_active_runs{status="queued"} 0.0' in text


async def test_pages_need_no_cdn_and_run_no_inline_code(api: httpx2.AsyncClient) -> None:
    for path in ("/ui", "/docs", "/problems", "/problems/not-found"):
        answer = await api.get(path)
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "https://" not in answer.text
        assert "<script>" not in answer.text


async def test_every_file_of_the_documentation_is_served_for_good(api: httpx2.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    files = [part.split('"')[0] for part in page.split('"/static/')[1:]]
    assert len(files) == 4
    for file in files:
        answer = await api.get(f"/static/{file}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
    problem(await api.get(f"/static/0000000000000000/{files[0].split('/', 1)[1]}"), 404, "not-found")


async def test_every_kind_of_problem_has_a_page(api: httpx2.AsyncClient) -> None:
    for kind in KINDS.values():
        assert kind.title in (await api.get(kind.type)).text


async def test_with_a_key_all_but_health_and_pages_ask_for_it(settings: Settings) -> None:
    async with served(settings.model_copy(update={"api_key": SecretStr("right")})) as api:
        for path in ("/health", "/version", "/docs", "/openapi.json", "/problems", "/ui/sign-in"):
            assert (await api.get(path)).status_code == 200
        for path in ("/v1/runs", "/metrics", "/v1/evaluators"):
            answer = await api.get(path, headers={"Authorization": "Bearer wrong"})
            problem(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert (await api.get(path, headers={"Authorization": "Bearer right"})).status_code == 200


async def test_without_the_key_a_body_is_not_even_read(settings: Settings) -> None:
    async with served(settings.model_copy(update={"api_key": SecretStr("right")})) as api:
        problem(await api.post("/v1/runs", content=b"{"), 401, "unauthenticated")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::2]", "a[b"])
async def test_without_a_key_it_answers_under_loopback_names_only(api: httpx2.AsyncClient, host: str) -> None:
    problem(await api.get("/v1/runs", headers={"Host": host}), 401, "unauthenticated")


async def test_without_a_key_pages_of_other_origins_are_refused(api: httpx2.AsyncClient) -> None:
    answer = await api.post("/v1/datasets", headers={"Origin": "https://evil.example"}, content=b"x")
    problem(answer, 403, "forbidden")
    assert (await api.get("/v1/runs", headers={"Origin": "http://localhost:8080"})).status_code == 200


async def test_a_request_keeps_the_id_it_came_with(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/health", headers={"X-Request-Id": "mine-12345"})).headers["x-request-id"] == "mine-12345"
    assert (await api.get("/health", headers={"X-Request-Id": 'no"good'})).headers["x-request-id"].startswith("req_")


async def test_without_a_database_it_stays_up_and_says_what_is_away(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql+asyncpg://x@127.0.0.1:1/x"})
    async with served(away) as api:
        assert (await api.get("/health")).status_code == 200
        for answer in (await api.get("/v1/runs"), await api.post("/v1/runs", json=definition())):
            problem(answer, 503, "service-unavailable")
            assert int(answer.headers["retry-after"]) >= 1
        said = problem(await api.get("/ready"), 503, "service-unavailable")
        assert {error["pointer"] for error in said["errors"]} == {"postgres", "temporal"}
        metrics = await api.get("/metrics")
        assert 'route="/v1/runs",status="503"' in metrics.text
        assert "benchmark_active_runs{" not in metrics.text
