"""Runs over the API with Temporal and a worker: watched live, steered, read item by item."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowExecutionStatus

from adapters.temporal.client import connect
from cli.embedded.temporal import TemporalServer
from core.runs import ENDED
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served
from tests.api.live import Worker, asking, knows_capitals, submitted, until, with_temporal, working
from tests.providers import Provider, Status
from workflows.start import start_run


@pytest.fixture
def settings(settings: Settings, temporal_server: TemporalServer) -> Settings:
    return with_temporal(settings, temporal_server)


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Worker]:
    async with working(settings) as worker:
        yield worker


async def test_a_run_is_read_from_its_figures_down_to_a_single_call(settings: Settings, worker: Worker) -> None:
    await worker.start()
    async with served(settings) as api, Provider(knows_capitals) as provider:
        assert (await api.get("/ready")).json()["ready"] is True
        run_id = await submitted(api, asking(provider))
        run = await until(api, run_id, *ENDED)
        assert (run["status"], run["progress"], run["validity"]) == ("completed", 1.0, "valid")
        assert run["links"]["temporal_ui"] == f"http://ui/namespaces/default/workflows/{run_id}"

        results = (await api.get(f"/v1/runs/{run_id}/results", params={"include": "raw_responses"})).json()
        [agent] = results["agents"]
        assert agent["metrics"]["accuracy"]["value"] == 0.5
        assert agent["category_scores"]["europe"]["accuracy"]["value"] == 1.0
        assert [raw["text"] for raw in agent["raw_responses"]] == ["Paris", "Kyoto"]
        assert len((await api.get(agent["raw_responses_url"])).json()["items"]) == 2
        report = (await api.get(f"/v1/runs/{run_id}/report")).json()
        told = ("run_id", "status", "completed_at", "validity")
        assert [report[name] for name in told] == [run[name] for name in told], "it was stored before the run had ended"
        assert "lab was right in 50.0% of 2 answers" in (await api.get(run["links"]["report"])).text

        items = f"/v1/runs/{run_id}/items"
        for query, texts in (
            ({"correct": "true"}, ["Paris"]),
            ({"correct": "false"}, ["Kyoto"]),
            ({"max_score": 0.5, "evaluator": "contains"}, ["Kyoto"]),
            ({"category": "asia", "agent": "lab", "status": "answered"}, ["Kyoto"]),
            ({"evaluator": "vibes"}, []),
            ({"status": "failed"}, []),
            ({"limit": 1}, ["Paris"]),
        ):
            page = (await api.get(items, params=query)).json()
            assert [item["text"] for item in page["items"]] == texts, query
        rest = (await api.get(items, params={"limit": 1, "cursor": page["next_cursor"]})).json()
        assert ([item["text"] for item in rest["items"]], rest["next_cursor"]) == (["Kyoto"], None)
        [wrong] = (await api.get(items, params={"correct": "false"})).json()["items"]
        assert (wrong["input"], wrong["expected"]) == ("Capital of Japan?", "Tokyo")
        problem(await api.get(items, params={"agent": "nobody"}), 422, "invalid-request")

        item = (await api.get(rest["items"][0]["link"])).json()
        assert (item["item_id"], item["case"]["input"], item["case"]["expected"]) == (
            "0-1-0",
            "Capital of Japan?",
            "Tokyo",
        )
        assert [score["value"] for score in item["scores"]] == [0.0]
        assert [attempt["status"] for attempt in item["attempts"]] == ["answered"]
        refused = problem(await api.post(f"/v1/runs/{run_id}/retry"), 409, "conflict")
        assert refused["detail"].startswith("No question of this run has failed")
        assert (await api.get(f"/v1/runs/{run_id}/waiting")).json()["agents"] == []
        problem(await api.get(f"{items}/0-2-0"), 404, "not-found")
        problem(await api.get(f"{items}/1-0-0"), 404, "not-found")


async def test_a_run_is_watched_live_paused_resumed_and_cancelled(settings: Settings, worker: Worker) -> None:
    await worker.start()
    rows = [{"input": f"{number}", "expected": "x"} for number in range(400)]
    body = {"dataset": {"source": {"kind": "inline", "rows": rows}}}
    async with served(settings) as api, Provider("x", latency_s=0.05) as provider:
        run_id = await submitted(api, asking(provider, **body))
        run = await until(api, run_id, "processing")
        async with asyncio.timeout(20):
            while not (run["live"] and run["counts"]["answered"]):
                run = (await api.get(f"/v1/runs/{run_id}")).json()
        assert 0 < run["progress"] < 1

        assert (await api.post(f"/v1/runs/{run_id}/pause")).status_code == 202
        await until(api, run_id, "paused")
        said = problem(await api.post(f"/v1/runs/{run_id}/pause"), 409, "conflict")
        assert said["detail"] == "The run is paused; pause is possible while a run is processing, queued."
        assert (await api.post(f"/v1/runs/{run_id}/resume")).status_code == 202
        await until(api, run_id, "processing")
        assert (await api.post(f"/v1/runs/{run_id}/cancel")).status_code == 202
        run = await until(api, run_id, *ENDED)
        assert run["status"] == "cancelled"
        assert run["counts"]["answered"] < 400
        problem(await api.post(f"/v1/runs/{run_id}/cancel"), 409, "conflict")


async def test_retrying_an_ended_run_asks_only_what_failed(settings: Settings, worker: Worker) -> None:
    await worker.start()
    async with served(settings) as api, Provider(knows_capitals) as provider:
        provider.next(Status(400))
        run_id = await submitted(api, asking(provider))
        run = await until(api, run_id, *ENDED)
        assert (run["counts"]["answered"], run["counts"]["failed"]) == (1, 1)
        assert (await api.post(f"/v1/runs/{run_id}/retry")).status_code == 202
        async with asyncio.timeout(30):
            while run["counts"]["answered"] < 2 or run["status"] != "completed":
                run = (await api.get(f"/v1/runs/{run_id}")).json()
                await asyncio.sleep(0.05)
        assert (run["round"], run["counts"]["failed"]) == (2, 0)
        assert len(provider.log) == 3


async def test_without_a_worker_the_record_answers_within_its_time(settings: Settings) -> None:
    async with served(settings) as api, Provider("x") as provider:
        run_id = await submitted(api, asking(provider))
        began = asyncio.get_running_loop().time()
        run = (await api.get(f"/v1/runs/{run_id}")).json()
        assert asyncio.get_running_loop().time() - began < 3
        assert (run["status"], run["live"]) == ("queued", False)


async def test_a_run_that_stands_still_tells_which_calls_it_waits_for(settings: Settings, worker: Worker) -> None:
    await worker.start()
    async with served(settings) as api, Provider("x", latency_s=30) as provider:
        run_id = await submitted(api, asking(provider))
        async with asyncio.timeout(20):
            while True:
                [agent] = (await api.get(f"/v1/runs/{run_id}/waiting")).json()["agents"]
                if agent["unanswered"]:
                    break
                await asyncio.sleep(0.05)
        assert agent["agent_id"] == "lab"
        assert agent["oldest_s"] >= 0
        assert (await api.post(f"/v1/runs/{run_id}/cancel")).status_code == 202


async def test_a_run_cancelled_before_its_workflow_started_never_starts(
    settings: Settings, temporal_server: TemporalServer
) -> None:
    async with served(settings.model_copy(update={"temporal_address": "127.0.0.1:1"})) as api:
        run_id = await submitted(api, definition())
    async with served(settings) as api:
        assert (await api.post(f"/v1/runs/{run_id}/cancel")).json()["status"] == "cancelled"
        # Whoever was about to start it comes too late, also once its workflow has ended.
        client = await connect(address=settings.temporal_address, namespace=settings.temporal_namespace)
        async with working(settings) as worker:
            await worker.start()
            await client.get_workflow_handle(run_id).result()
            await start_run(client, run_id, task_queue=settings.task_queue, once=True)
            assert (await client.get_workflow_handle(run_id).describe()).status == WorkflowExecutionStatus.COMPLETED
        run = (await api.get(f"/v1/runs/{run_id}")).json()
        assert (run["status"], run["started_at"]) == ("cancelled", None)
