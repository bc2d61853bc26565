"""Gates over REST: judged, kept, and told why."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.calibrations import CalibrationRepository
from adapters.database.connections import raw_connection
from adapters.database.engine import open_engine, sessions
from adapters.database.runs import RunRepository
from api import examples
from core.benchmarks import Evaluation
from core.calibrations import CalibrationRequest
from core.ids import DEFAULT_PROJECT
from core.settings import Settings
from core.verdicts import Spent
from evaluators.judge.ballots import Ballot
from evaluators.judge.calibration import JudgedText, calibration_report
from evaluators.judge.identity import identity_of, judge_settings
from evaluators.registry import version_of
from tests.api.conftest import problem
from tests.evaluators.cases import shares
from tests.recorded import Recorded, record


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    async with open_engine(settings.database_url) as engine:
        yield engine


async def judged(api: httpx2.AsyncClient, run: str, baseline: str | None = None, **policy: Any) -> dict[str, Any]:
    body = {"policy": {"name": "release", **policy}, "baseline": baseline}
    answer = await api.post(f"/v1/runs/{run}/gate", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_run_is_judged_by_bounds_and_the_last_verdict_stays(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    run = await record(engine, Recorded({"small": shares(190, 200)}))
    problem(await api.get(f"/v1/runs/{run}/gate"), 404, "not-found")
    assert (await judged(api, run, thresholds=[{"at_least": 0.99}]))["verdict"] == "failed"
    made = await judged(api, run, thresholds=[{"at_least": 0.8}, {"metric": "latency_p95_s", "at_most": 1}])
    assert (made["verdict"], made["reasons"]) == ("passed", [])
    assert (await api.get(f"/v1/runs/{run}/gate")).json() == made
    [entry, _] = (await api.get("/v1/audit-events")).json()["items"]
    assert (entry["action"], entry["data"]) == ("run.judge", {"policy": "release", "verdict": "passed"})


async def test_a_run_bears_its_last_verdict_until_it_goes_on(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    run = await record(engine, Recorded({"small": shares(190, 200)}))
    assert (await api.get(f"/v1/runs/{run}")).json()["verdict"] is None
    await judged(api, run, thresholds=[{"at_least": 0.8}])
    await judged(api, run, thresholds=[{"at_least": 0.99}])
    seen = (await api.get(f"/v1/runs/{run}")).json()
    assert (seen["verdict"], seen["status"]) == ("failed", "completed"), "a run that completed, and failed its gate"
    assert (await api.get(seen["links"]["gate"])).json()["verdict"] == "failed"
    assert [each["verdict"] for each in (await api.get("/v1/runs")).json()["items"]] == ["failed"]
    await RunRepository(engine).next_round(run)
    assert (await api.get(f"/v1/runs/{run}")).json()["verdict"] is None


async def test_a_run_is_judged_against_a_baseline_agent_by_agent(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    before = await record(engine, Recorded({"small": shares(150, 200), "large": shares(150, 200)}))
    after = await record(engine, Recorded({"small": shares(150, 200), "large": shares(90, 200)}))
    made = await judged(api, after, before, relative=[{"margin": 0.05}])
    assert made["verdict"] == "failed"
    [reason] = made["reasons"]
    assert reason.startswith("large: accuracy changed by -30.0 points (97.5 % interval")
    assert {rule["agent_id"]: rule["verdict"] for rule in made["rules"] if "baseline" in rule["rule"]} == {
        "small": "passed",
        "large": "failed",
    }
    assert (await judged(api, after, relative=[{}]))["verdict"] == "inconclusive", "no baseline was named"


async def test_failures_that_count_as_wrong_answers_do_so_in_ratios_too(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    """In the later run half of the cases fail once; in the earlier one none."""
    counted = {"failed_counts_as": "wrong"}
    before = await record(engine, Recorded({"small": [1.0] * 80 + [0.0] * 10 + [1.0] * 70}, trials=2, changes=counted))
    after = await record(engine, Recorded({"small": [1.0] * 80 + [None] * 40 + [1.0] * 40}, trials=2, changes=counted))
    wanted = [{"metric": "flip_rate", "ratio": 2}, {"metric": "coverage", "ratio": 1.1}]
    found = (await judged(api, after, before, relative=wanted))["rules"]
    flips, coverage = (rule for rule in found if "baseline" in rule["rule"])
    assert (flips["verdict"], flips["value"]) == ("failed", pytest.approx(4))
    assert flips["reason"].startswith("flip_rate is 50.0% against 12.5%; over the same cases 4 times as much")
    assert coverage["value"] == 1, "what counts as wrong is scored"


async def test_runs_over_other_cases_cannot_be_held_against_each_other(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    before = await record(engine, Recorded({"small": shares(50, 60)}, case_set="other"))
    after = await record(engine, Recorded({"small": shares(50, 60)}))
    made = await judged(api, after, before, relative=[{"doubt": "passed"}])
    assert made["verdict"] == "inconclusive"
    assert "different sets of cases" in made["reasons"][0]


async def test_a_policy_may_come_as_yaml(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    run = await record(engine, Recorded({"small": shares(19, 20)}))
    text = "policy:\n  name: release\n  thresholds:\n    - {at_least: 0.5}\n"
    answer = await api.post(f"/v1/runs/{run}/gate", content=text, headers={"Content-Type": "application/yaml"})
    assert answer.json()["verdict"] == "passed"


async def test_mistakes_point_at_their_place(api: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    run = await record(engine, Recorded({"small": shares(19, 20)}))
    wrong = {"policy": {"name": "release", "thresholds": [{"at_least": 0.5, "at_most": 1}]}}
    said = problem(await api.post(f"/v1/runs/{run}/gate", json=wrong), 422, "invalid-request")
    assert said["errors"][0]["pointer"] == "/policy/thresholds/0"
    assert "either `at_least` or `at_most`" in said["detail"]
    right = {"policy": {"name": "release", "thresholds": [{"at_least": 0.5}]}}
    problem(await api.post("/v1/runs/run_x/gate", json=right), 404, "not-found")
    queued = (await api.post("/v1/runs", json=examples.INLINE)).json()["run_id"]
    problem(await api.post(f"/v1/runs/{queued}/gate", json=right), 409, "conflict")


async def test_the_example_and_the_schema_of_the_documentation_work(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    run = await record(engine, Recorded({"small": shares(190, 200)}))
    answer = await api.post(f"/v1/runs/{run}/gate", json=examples.GATE | {"baseline": run})
    assert answer.json()["verdict"] == "passed", answer.text
    assert (await api.get("/v1/schemas/gate.json")).json()["title"] == "GatePolicy"


JUDGE: dict[str, Any] = {"kind": "judge", "judges": [{"name": "large", "agent": {"kind": "openai", "model": "large"}}]}
SERVED = "update scores set details = $2::jsonb where run_no = $1"


def served_by(model: str) -> dict[str, Any]:
    return Ballot(judge="large", repeat=0, verdict="correct", model=model, spent=Spent(calls=1)).model_dump(mode="json")


async def judged_by(engine: AsyncEngine, model: str) -> str:
    """A run whose judge was served by this model."""
    evaluation = Evaluation.model_validate(JUDGE)
    changes = {"evaluators": [JUDGE]}
    run_id = await record(engine, Recorded({"a": shares(90, 100)}, version=version_of(evaluation), changes=changes))
    async with raw_connection(engine) as connection:
        details = json.dumps({"ballots": [served_by(model)]})
        await connection.execute(SERVED, await RunRepository(engine).number(run_id), details)
    return run_id


async def calibrated(engine: AsyncEngine, model: str) -> None:
    """The judge agreed with people when this model served it."""
    evaluation = Evaluation.model_validate(JUDGE)
    ballots = (Ballot.model_validate(served_by(model)),)
    texts = [JudgedText((said,), float(said == "correct"), None, ballots, 9) for said in ("correct", "incorrect") * 30]
    source = {"source": {"kind": "inline"}}
    request = {"name": "c", "judge": JUDGE, "dataset": source, "answer": "text", "people": ["people"]}
    run_id = await record(engine, Recorded({"recorded": shares(30, 60)}, name="c"))
    calibrations = CalibrationRepository(sessions(engine))
    made = CalibrationRequest.model_validate(request)
    await calibrations.add(DEFAULT_PROJECT, "cal_1", run_id, made, identity_of(evaluation))
    await calibrations.keep_report("cal_1", calibration_report(texts, judge_settings(evaluation)))


async def test_a_judge_that_another_model_serves_by_now_makes_a_gate_inconclusive(
    api: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    await calibrated(engine, "large-2026-01")
    policy: dict[str, Any] = {"thresholds": [{"at_least": 0.5}], "requires": {"judges": {"min_kappa": 0.5}}}
    same, other = [await judged_by(engine, model) for model in ("large-2026-01", "large-2026-11")]
    assert (await judged(api, same, **policy))["verdict"] == "passed"
    found = await judged(api, other, **policy)
    assert found["verdict"] == "inconclusive"
    assert "was of large-2026-01, and here large-2026-11 served the judge: it has drifted" in found["reasons"][0]
    allowed: dict[str, Any] = {"requires": {"judges": {"min_kappa": 0.5, "same_models": False}}}
    assert (await judged(api, other, **(policy | allowed)))["verdict"] == "passed"
