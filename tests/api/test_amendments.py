"""Runs changed over the API: more of them, other evaluators, other figures, forks."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cli.embedded.temporal import TemporalServer
from core.runs import ENDED
from core.settings import Settings
from tests.api.conftest import problem, served
from tests.api.live import Worker, asking, knows_capitals, submitted, until, with_temporal, working
from tests.providers import Provider


@pytest.fixture
def settings(settings: Settings, temporal_server: TemporalServer) -> Settings:
    return with_temporal(settings, temporal_server)


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Worker]:
    async with working(settings) as worker:
        await worker.start()
        yield worker


async def test_an_ended_run_is_scored_anew_without_a_call_and_its_old_scores_are_stale(
    settings: Settings, worker: Worker
) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        run_id = await submitted(api, asking(provider))
        await until(api, run_id, *ENDED)
        calls = len(provider.log)
        body = {"evaluators": [{"kind": "exact"}, {"kind": "contains", "ignore_case": False}]}
        answer = await api.post(f"/v1/runs/{run_id}/rescore", json=body)
        assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/runs/{run_id}")
        run = await until(api, run_id, *ENDED)
        assert (run["status"], run["round"], run["revision"]) == ("completed", 2, 2)
        assert len(provider.log) == calls, "an agent was asked"
        metrics = run["agents"][0]["metrics"]
        assert [score["evaluator"] for score in metrics["scores"]] == ["exact", "contains"]
        items = (await api.get(f"/v1/runs/{run_id}/items")).json()["items"]
        shown = {(score["evaluator"], score["stale"]) for score in items[0]["scores"]}
        assert shown == {("contains", True), ("exact", False), ("contains", False)}
        events = {each["action"] for each in (await api.get("/v1/audit-events")).json()["items"]}
        assert "run.rescore" in events


async def test_trials_are_added_once_and_only_to_the_revision_one_knows(settings: Settings, worker: Worker) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        run_id = await submitted(api, asking(provider))
        await until(api, run_id, *ENDED)
        tag = (await api.get(f"/v1/runs/{run_id}")).headers["etag"]
        changed = await api.patch(f"/v1/runs/{run_id}", json={"trials": 3}, headers={"If-Match": tag})
        assert changed.status_code == 202, changed.text
        refused = await api.patch(f"/v1/runs/{run_id}", json={"trials": 4}, headers={"If-Match": tag})
        problem(refused, 412, "stale-revision")
        run = await until(api, run_id, *ENDED)
        assert run["counts"]["answered"] == len(provider.log) == 6
        fewer = problem(await api.patch(f"/v1/runs/{run_id}", json={"trials": 2}), 422, "invalid-request")
        assert fewer["errors"][0]["pointer"] == "/trials"


async def test_a_fork_asks_only_the_cases_that_are_new(settings: Settings, worker: Worker) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        small = asking(provider)
        small["dataset"] = small["dataset"] | {"limit": 1}
        origin = await submitted(api, small)
        await until(api, origin, *ENDED)
        answer = await api.post(f"/v1/runs/{origin}/fork", json={"limit": 2})
        assert answer.status_code == 202, answer.text
        run = await until(api, answer.json()["run_id"], *ENDED)
        assert (run["forked_from"], run["counts"]["answered"], run["counts"]["evaluated"]) == (origin, 2, 2)
        assert [asked.prompt for asked in provider.log] == ["Capital of France?", "Capital of Japan?"]


async def test_changes_that_cannot_work_point_at_their_place(settings: Settings, worker: Worker) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        run_id = await submitted(api, asking(provider))
        await until(api, run_id, *ENDED)
        here = f"/v1/runs/{run_id}"
        problem(await api.patch(here, json={}), 422, "invalid-request")
        problem(await api.patch(here, json={"concurrency": 2}), 409, "conflict")
        nobody = problem(await api.patch(here, json={"concurrency": {"nobody": 2}}), 422, "invalid-request")
        assert nobody["errors"][0]["pointer"] == "/concurrency"
        vibes = problem(
            await api.post(f"{here}/rescore", json={"evaluators": [{"kind": "vibes"}]}), 422, "invalid-request"
        )
        assert vibes["errors"][0]["pointer"] == "/evaluators/0/kind"
        problem(await api.patch(here, json={"trials": 2}, headers={"If-Match": "yesterday"}), 422, "invalid-request")
        problem(await api.post("/v1/runs/run_00000000000000000000000000/fork", json={}), 404, "not-found")


async def test_a_budget_is_set_read_and_removed(settings: Settings, worker: Worker) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        problem(await api.get("/v1/budget"), 404, "not-found")
        problem(await api.put("/v1/budget", json={}), 422, "invalid-request")
        assert (await api.put("/v1/budget", json={"max_calls": 100})).status_code == 200
        run_id = await submitted(api, asking(provider, budget={"max_tokens": 100_000}))
        await until(api, run_id, *ENDED)
        accounts = (await api.get(f"/v1/runs/{run_id}/budget")).json()["accounts"]
        assert [(each["whose"], each["spent"]["calls"]) for each in accounts] == [("run", 2), ("project", 2)]
        assert (await api.get("/v1/budget")).json()["spent"]["calls"] == 2
        assert (await api.delete("/v1/budget")).status_code == 204
        problem(await api.get("/v1/budget"), 404, "not-found")


@pytest.mark.parametrize("more", [{"max_calls": 10}, None])
async def test_a_run_that_spent_its_budget_goes_on_with_more_or_without_one(
    settings: Settings, worker: Worker, more: dict[str, Any] | None
) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        run_id = await submitted(api, asking(provider, budget={"max_calls": 1}))
        paused = await until(api, run_id, "paused", *ENDED)
        assert paused["status"] == "paused"
        assert "1 of 1 calls" in paused["error"]
        assert len(provider.log) == 1
        refused = problem(await api.post(f"/v1/runs/{run_id}/resume"), 409, "conflict")
        assert "1 of 1 calls" in refused["detail"], "resumed, it would only pause again"
        assert (await api.patch(f"/v1/runs/{run_id}", json={"budget": more})).status_code == 202
        run = await until(api, run_id, *ENDED)
        assert (run["config"]["budget"] is None) == (more is None)
        assert (await api.get(f"/v1/runs/{run_id}/budget")).json()["spent"]["calls"] == 2
        assert (run["status"], run["counts"]["answered"]) == ("completed", 2)


async def test_a_run_that_waits_for_its_projects_budget_goes_on_when_that_is_raised_or_gone(
    settings: Settings, worker: Worker
) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        for change in ("raised", "gone"):
            spent = len(provider.log)
            assert (await api.put("/v1/budget", json={"max_calls": spent + 1})).status_code == 200
            run_id = await submitted(api, asking(provider))
            paused = await until(api, run_id, "paused", *ENDED)
            assert (paused["status"], len(provider.log)) == ("paused", spent + 1)
            if change == "raised":
                assert (await api.put("/v1/budget", json={"max_calls": 100})).status_code == 200
            else:
                assert (await api.delete("/v1/budget")).status_code == 204
            run = await until(api, run_id, *ENDED)
            assert (run["status"], run["counts"]["answered"]) == ("completed", 2)


async def test_a_run_that_nothing_could_judge_is_healed_by_another_evaluator(
    settings: Settings, worker: Worker
) -> None:
    async with served(settings) as api, Provider(knows_capitals) as provider:
        run_id = await submitted(api, asking(provider, evaluators=[{"kind": "numeric"}]))
        failed = await until(api, run_id, *ENDED)
        assert failed["status"] == "failed"
        assert "No answer could be judged" in failed["error"]
        await api.post(f"/v1/runs/{run_id}/rescore", json={"evaluators": [{"kind": "contains"}]})
        run = await until(api, run_id, "completed")
        assert (run["agents"][0]["status"], run["error"], run["validity"]) == ("completed", None, "valid")
        assert len(provider.log) == 2
