"""Completed runs held against a baseline on the real thing: a drop is told with what differed, a null change is not."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from adapters.database.baselines import BaselineRepository
from adapters.database.comparisons import ComparisonRepository
from adapters.database.engine import open_engine, sessions
from adapters.database.manifests import ManifestRepository
from adapters.database.runs import RunRepository
from cli.embedded.temporal import TemporalServer
from core.settings import Settings
from tests.api.conftest import problem, served
from tests.api.live import submitted, until, with_temporal, working
from workflows.watch.baselines import BaselineWatch

pytestmark = pytest.mark.timeout(60)
CASES = 60


@pytest.fixture
async def api(settings: Settings, temporal_server: TemporalServer) -> AsyncIterator[httpx2.AsyncClient]:
    """With a worker, and nobody who watches: the tests look themselves."""
    settings = with_temporal(settings, temporal_server).model_copy(update={"api_watches": False})
    async with served(settings) as client, working(settings) as worker:
        await worker.start()
        yield client


@pytest.fixture
async def watch(settings: Settings) -> AsyncIterator[BaselineWatch]:
    async with open_engine(settings.database_url) as engine:
        made = sessions(engine)
        yield BaselineWatch(
            baselines=BaselineRepository(made),
            runs=RunRepository(engine),
            comparisons=ComparisonRepository(made),
            manifests=ManifestRepository(engine),
        )


def sums(accuracy: float, *, seed: int, **changes: Any) -> dict[str, Any]:
    rows = [{"input": f"{number} + {number}", "expected": str(2 * number)} for number in range(CASES)]
    agent = {"kind": "simulated", "accuracy": accuracy, "seed": seed}
    return {
        "name": "sums",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [{"name": "lab", "agent": agent}],
        "evaluators": [{"kind": "exact"}],
        **changes,
    }


async def completed(api: httpx2.AsyncClient, body: dict[str, Any]) -> str:
    run_id = await submitted(api, body)
    assert (await until(api, run_id, "completed", "failed"))["status"] == "completed"
    return run_id


async def check_of(api: httpx2.AsyncClient, run_id: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/runs/{run_id}/baseline-check")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(api: httpx2.AsyncClient, type_: str) -> list[dict[str, Any]]:
    return [each for each in (await api.get("/v1/events")).json()["items"] if each["type"] == type_]


async def test_a_drop_is_told_with_its_size_and_with_what_differed(
    api: httpx2.AsyncClient, watch: BaselineWatch
) -> None:
    problem(await api.get("/v1/benchmarks/sums/baseline"), 404, "not-found")
    assert (await api.put("/v1/benchmarks/sums/baseline", json={"kind": "last_good"})).status_code == 200
    first = await completed(api, sums(0.95, seed=1))
    same = await completed(api, sums(0.95, seed=2))
    worse = await completed(api, sums(0.5, seed=3, prompt={"template": "What is {{ input }}?"}))
    after = await completed(api, sums(0.95, seed=4))
    await watch.look()
    checks = [await check_of(api, each) for each in (first, same, worse, after)]
    assert [each["outcome"] for each in checks] == ["first", "no_regression", "regression", "no_regression"]
    # What was found worse is nobody's baseline.
    assert [each["baseline_run_id"] for each in checks] == [None, first, same, same]
    found = checks[2]["agents"][0]
    assert (found["finding"], found["cases"], found["error"]) == ("worse", CASES, 0.05)
    assert found["low"] < found["effect"] < found["high"] < 0
    differed = {(each["part"], each["field"]) for each in checks[2]["differences"]}
    assert differed == {("agent", "agents.lab.spec.agent.accuracy"), ("agent", "agents.lab.spec.agent.seed"),
                        ("prompt", "agents.lab.prompt.template")}  # fmt: skip
    (event,) = await told(api, "regression.found")
    assert (event["subject"], event["data"]["baseline_run_id"]) == (worse, same)
    assert event["data"]["agents"][0]["effect"] == found["effect"]
    assert event["data"]["schedule"] is None, "it is the benchmark's own baseline"
    assert {each["field"] for each in event["data"]["differed"]} == {field for _, field in differed}
    comparison = (await api.get(f"/v1/comparisons/{found['comparison_id']}")).json()
    assert (comparison["finding"], comparison["candidate"]["run_id"]) == ("worse", worse)
    fields = {"agent.spec.agent.accuracy", "agent.spec.agent.seed", "agent.prompt.template"}
    assert {each["field"] for each in comparison["made_of"]} == fields
    await watch.look()
    assert len(await told(api, "regression.found")) == 1
    listed = (await api.get("/v1/baseline-checks", params={"outcome": "regression", "watch": "sums"})).json()["items"]
    assert [each["run_id"] for each in listed] == [worse]


async def test_a_run_by_another_yardstick_is_told_not_to_be_comparable(
    api: httpx2.AsyncClient, watch: BaselineWatch
) -> None:
    base = await completed(api, sums(0.9, seed=1))
    assert (await api.put("/v1/benchmarks/sums/baseline", json={"kind": "run", "run_id": base})).status_code == 200
    other = await completed(api, sums(0.9, seed=1, evaluators=[{"kind": "exact", "ignore_case": False}]))
    await watch.look()
    check = await check_of(api, other)
    assert check["outcome"] == "not_comparable"
    assert [each["part"] for each in check["differences"]] == ["evaluator", "evaluator"]
    (event,) = await told(api, "baseline.unusable")
    assert event["data"]["reason"] == check["sentence"]
    problem(await api.get(f"/v1/runs/{base}/baseline-check"), 404, "not-found")
    gone = "run_00000000000000000000000000"
    problem(await api.put("/v1/benchmarks/sums/baseline", json={"kind": "run", "run_id": gone}), 404, "not-found")


async def test_a_manifest_says_what_a_run_was_made_of_and_stays_as_it_is(api: httpx2.AsyncClient) -> None:
    run_id, again = await completed(api, sums(0.9, seed=1)), await completed(api, sums(0.9, seed=1))
    kept = (await api.get(f"/v1/runs/{run_id}/manifest")).json()
    run = (await api.get(f"/v1/runs/{run_id}")).json()
    assert kept["dataset"]["case_set"] == run["case_set"]
    assert kept["agents"]["lab"]["served"] == [{"model": "simulated", "fingerprint": None, "answers": CASES}]
    assert kept["agents"]["lab"]["prompt"]["template"] == "{{ input }}"
    assert kept["evaluators"]["exact"]["version"] == run["agents"][0]["metrics"]["scores"][0]["version"]
    assert len(kept["software"]["source"]) == 64
    assert kept["software"]["price_table"].startswith("genai-prices ")
    same = (await api.get(f"/v1/runs/{again}/manifest")).json()
    assert same["manifest_digest"] == kept["manifest_digest"]
    rescored = await api.post(f"/v1/runs/{run_id}/rescore", json={"evaluators": [{"kind": "contains"}]})
    assert rescored.status_code == 202, rescored.text
    with_round = (await until(api, run_id, "completed"))["round"]
    assert with_round == 2
    first = (await api.get(f"/v1/runs/{run_id}/manifest", params={"round": 1})).json()
    assert first == kept
    second = (await api.get(f"/v1/runs/{run_id}/manifest")).json()
    assert list(second["evaluators"]) == ["contains"]
    between = await api.get(f"/v1/runs/{run_id}/manifest/differences", params={"baseline": again})
    assert {each["part"] for each in between.json()["differences"]} == {"evaluator"}
