"""Judges in a real deployment: their verdicts, their price, their absence, and how they are steered."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.end_to_end.user import User
from tests.providers import Asked, Provider, Says, Status

CITIES = {"France": "Paris", "Japan": "Tokyo", "Italy": "Rome", "Peru": "Lima"}


class Models:
    """A provider of two models: `writer` answers (Lyon for France), `judge` judges, unless it is away."""

    def __init__(self) -> None:
        self.away = False

    def answer(self, asked: Asked) -> str | Says | Status:
        if asked.body["model"] == "writer":
            country = asked.prompt.removeprefix("Capital of ").rstrip("?")
            return Says(f"I think it is {'Lyon' if country == 'France' else CITIES[country]}.", input_tokens=100)
        if self.away:
            return Status(503, "no judge today")
        given = asked.prompt.partition("[[BEGIN ANSWER")[2]
        said = {"rationale": "No Lyon in it.", "verdict": "incorrect" if "Lyon" in given else "correct"}
        return Says(json.dumps(said), input_tokens=1000, output_tokens=50)


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
async def provider(models: Models) -> AsyncIterator[Provider]:
    async with Provider(models.answer) as provider:
        yield provider


def agent(provider: Provider, model: str, **fields: Any) -> dict[str, Any]:
    price = {"input": 1.0, "output": 2.0}
    reached = {"kind": "openai", "model": model, "base_url": provider.url}
    return {"name": model, "agent": reached, "price": price, **fields}


def capitals(provider: Provider, **judge: Any) -> dict[str, Any]:
    rows = [{"input": f"Capital of {country}?", "expected": city} for country, city in CITIES.items()]
    judging = {"kind": "judge", "judges": [agent(provider, "judge", max_attempts=1)], **judge}
    return {
        "name": "capitals",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [agent(provider, "writer")],
        "evaluators": [judging, {"kind": "exact"}],
    }


def asked(provider: Provider, model: str) -> int:
    return sum(each.body["model"] == model for each in provider.log)


async def test_a_judge_decides_and_its_price_stays_apart(user: User, provider: Provider) -> None:
    run_id = await user.submit(capitals(provider))
    assert (await user.ended(run_id))["status"] == "completed"
    metrics = (await user.results(run_id))["metrics"]
    assert (metrics["accuracy"]["value"], metrics["scores"][1]["accuracy"]["value"]) == (0.75, 0)
    assert (metrics["tokens"]["input"], metrics["cost"]["total_usd"]) == (400, pytest.approx(4 * 110e-6))
    assert metrics["judging"] == {
        "calls": 4,
        "input_tokens": 4000,
        "output_tokens": 200,
        "cost_usd": pytest.approx(4 * 1100e-6),
    }
    [lyon] = (await user.look(f"/v1/runs/{run_id}/items", correct=False, evaluator="judge"))["items"]
    score = next(score for score in lyon["scores"] if score["evaluator"] == "judge")
    assert (score["value"], score["reason"], score["answer"]) == (0, "No Lyon in it.", "incorrect")
    [ballot] = score["details"]["ballots"]
    assert (ballot["judge"], ballot["rationale"], ballot["spent"]["calls"]) == ("judge", "No Lyon in it.", 1)
    assert json.loads(ballot["raw"])["verdict"] == "incorrect"


async def test_a_run_tells_apart_the_calls_of_its_agents_and_of_its_judges(user: User, provider: Provider) -> None:
    run_id = await user.submit(capitals(provider))
    run = await user.ended(run_id)
    spent = {"calls": 4, "tokens": 4200, "usd": pytest.approx(4 * 1100e-6), "unpriced": 0}
    assert run["judging"] == run["agents"][0]["judging"] == spent
    attempts = (await user.look(f"/v1/runs/{run_id}/attempts"))["items"]
    assert [attempt["agent_id"] for attempt in attempts] == ["writer"] * 4


async def test_a_judge_gets_no_more_calls_at_once_than_it_may(user: User) -> None:
    said = json.dumps({"rationale": "Fine.", "verdict": "correct"})
    async with Provider("Paris") as writer, Provider(said, latency_s=0.02) as judge:
        rows = [{"input": f"Question {number}?"} for number in range(80)]
        judging = {"kind": "judge", "judges": [agent(judge, "judge", concurrency=5)], "repeats": 2}
        run_id = await user.submit(
            {
                "name": "crowd",
                "dataset": {"source": {"kind": "inline", "rows": rows}},
                "agents": [agent(writer, "writer", concurrency=20)],
                "evaluators": [judging],
            }
        )
        assert (await user.ended(run_id))["status"] == "completed"
    assert (len(judge.log), judge.most_in_flight) == (160, 5)


async def test_a_judge_is_asked_only_what_the_rule_got_wrong(user: User, provider: Provider) -> None:
    body = capitals(provider, after="contains", when="not_right")
    body["evaluators"][1] = {"kind": "contains"}
    run_id = await user.submit(body)
    assert (await user.ended(run_id))["status"] == "completed"
    assert asked(provider, "judge") == 1
    assert (await user.results(run_id))["metrics"]["accuracy"]["value"] == 0.75


def crowd(writer: Provider, judge: Provider) -> dict[str, Any]:
    """Eighty answers at once, and a judge that takes four at a time."""
    return {
        "name": "crowd",
        "dataset": {"source": {"kind": "inline", "rows": [{"input": f"Question {number}?"} for number in range(80)]}},
        "agents": [agent(writer, "writer", concurrency=80)],
        "evaluators": [{"kind": "judge", "judges": [agent(judge, "judge", concurrency=4)]}],
    }


async def steered(user: User, run_id: str, action: str, judge: Provider) -> None:
    """Two seconds after the wish, nobody is asked any more."""
    assert (await user.http.post(f"/v1/runs/{run_id}/{action}")).status_code == 202
    await asyncio.sleep(2.0)
    seen = len(judge.log)
    await asyncio.sleep(0.5)
    assert len(judge.log) == seen < 80


async def test_a_pause_stops_judges_and_they_go_on_after_it(user: User) -> None:
    said = json.dumps({"rationale": "Fine.", "verdict": "correct"})
    async with Provider("Paris") as writer, Provider(said, latency_s=0.3) as judge:
        run_id = await user.submit(crowd(writer, judge))
        await judge.asked(4)
        await steered(user, run_id, "pause", judge)
        assert (await user.http.post(f"/v1/runs/{run_id}/resume")).status_code == 202
        run = await user.ended(run_id)
    assert (run["status"], run["counts"]["evaluated"]) == ("completed", 80)
    assert (len(judge.log), len(writer.log)) == (80, 80)


async def test_a_cancelled_run_asks_no_judge_and_a_retry_judges_the_rest(user: User) -> None:
    said = json.dumps({"rationale": "Fine.", "verdict": "correct"})
    async with Provider("Paris") as writer, Provider(said, latency_s=0.3) as judge:
        run_id = await user.submit(crowd(writer, judge))
        await judge.asked(4)
        await steered(user, run_id, "cancel", judge)
        run = await user.ended(run_id)
        assert run["status"] == "cancelled"
        assert 4 <= run["counts"]["evaluated"] == len(judge.log) < 80
        assert (await user.http.post(f"/v1/runs/{run_id}/retry")).status_code == 202
        run = await user.until(run_id, "completed", within_s=60)
    assert run["counts"]["evaluated"] == 80
    assert (len(judge.log), len(writer.log)) == (80, 80)


async def test_a_cancelled_run_does_not_wait_at_the_desk_of_its_judge(user: User) -> None:
    said = json.dumps({"rationale": "Fine.", "verdict": "correct"})
    async with Provider("Paris") as writer, Provider(said) as judge:
        body = crowd(writer, judge)
        body["evaluators"][0]["judges"][0]["limits"] = {"requests_per_minute": 6}
        run_id = await user.submit(body)
        await judge.asked(1)
        assert (await user.http.post(f"/v1/runs/{run_id}/cancel")).status_code == 202
        run = await user.ended(run_id, within_s=20)
        assert (run["status"], run["counts"]["evaluated"]) == ("cancelled", len(judge.log))
    assert len(judge.log) < 4


async def test_a_judge_that_was_away_judges_later_and_no_answer_is_bought_twice(
    user: User, provider: Provider, models: Models
) -> None:
    models.away = True
    run_id = await user.submit(capitals(provider))
    run = await user.ended(run_id)
    assert run["status"] == "failed"
    assert "No answer could be judged" in run["error"]
    assert "is away" in run["error"]
    metrics = (await user.results(run_id))["metrics"]
    assert (metrics["answered"], metrics["unscored"], metrics["scores"][0]["unscored_causes"]) == (4, 4, {"judge": 4})
    models.away = False
    assert (await user.http.post(f"/v1/runs/{run_id}/retry")).status_code == 202
    await asyncio.sleep(0.2)
    run = await user.ended(run_id)
    assert (run["status"], run["counts"]["evaluated"]) == ("completed", 4)
    assert (await user.results(run_id))["metrics"]["accuracy"]["value"] == 0.75
    assert asked(provider, "writer") == 4
