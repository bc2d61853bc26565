"""What judges cost counts towards the budget: a run pauses while it judges, and goes on with more."""

import json
from typing import Any

from tests.end_to_end.user import User
from tests.providers import Asked, Provider, Says

CASES, AT_ONCE = 60, 4
FINE = json.dumps({"rationale": "Fine.", "verdict": "correct"})


def agent(provider: Provider, name: str, **fields: Any) -> dict[str, Any]:
    reached = {"kind": "openai", "model": name, "base_url": provider.url}
    return {"name": name, "agent": reached, "price": {"input": 1000.0, "output": 1000.0}, **fields}


def crowd(writer: Provider, judge: Provider, budget: dict[str, Any], **judging: Any) -> dict[str, Any]:
    """Answers of one cent each, and verdicts of a dollar each."""
    return {
        "name": "crowd",
        "dataset": {"source": {"kind": "inline", "rows": [{"input": f"Question {at}?"} for at in range(CASES)]}},
        "agents": [agent(writer, "writer", concurrency=CASES)],
        "evaluators": [{"kind": "judge", "judges": [agent(judge, "judge", concurrency=AT_ONCE)], **judging}],
        "budget": budget,
    }


def cheap(asked: Asked) -> Says:
    return Says("Paris", input_tokens=9, output_tokens=1)


def dear(asked: Asked) -> Says:
    return Says(FINE, input_tokens=900, output_tokens=100)


async def test_judging_pauses_at_the_cap_and_goes_on_with_more_and_no_verdict_is_bought_twice(user: User) -> None:
    async with Provider(cheap) as writer, Provider(dear, latency_s=0.05) as judge:
        run_id = await user.submit(crowd(writer, judge, {"max_usd": 20.0}))
        run = await user.until(run_id, "paused", within_s=30)
        assert "The budget of the run is spent" in run["error"]
        [account] = (await user.look(f"/v1/runs/{run_id}/budget"))["accounts"]
        spent, judging = account["spent"], account["judging"]
        assert len(writer.log) == CASES
        assert 20 <= spent["usd"] < 20 + AT_ONCE
        assert (judging["calls"], judging["usd"]) == (len(judge.log), float(len(judge.log)))
        assert spent["calls"] == CASES + judging["calls"]
        raised = await user.http.patch(f"/v1/runs/{run_id}", json={"budget": {"max_usd": 1000.0}})
        assert raised.status_code == 202
        run = await user.ended(run_id)
    assert (run["status"], run["counts"]["evaluated"]) == ("completed", CASES)
    assert (len(writer.log), len(judge.log)) == (CASES, CASES)
    assert (await user.results(run_id))["metrics"]["judging"]["cost_usd"] == CASES


async def test_calls_of_judges_count_and_a_judgement_that_has_begun_is_finished(user: User) -> None:
    async with Provider(cheap) as writer, Provider(dear, latency_s=0.02) as judge:
        run_id = await user.submit(crowd(writer, judge, {"max_calls": CASES + 30}, repeats=3))
        await user.until(run_id, "paused", within_s=30)
        # Three calls a judgement: those that had begun when the cap was reached were finished.
        assert len(judge.log) % 3 == 0
        assert 30 <= len(judge.log) <= 30 + 3 * AT_ONCE
        assert (await user.http.post(f"/v1/runs/{run_id}/cancel")).status_code == 202
        assert (await user.ended(run_id))["status"] == "cancelled"


async def test_a_judge_of_unknown_price_ends_the_spending_of_dollars(user: User) -> None:
    async with Provider(cheap) as writer, Provider(FINE) as judge:
        body = crowd(writer, judge, {"max_usd": 1000.0})
        del body["evaluators"][0]["judges"][0]["price"]
        run_id = await user.submit(body)
        run = await user.until(run_id, "paused", within_s=30)
        assert "(or the judge) a `price`" in run["error"]
        assert len(judge.log) <= 2 * AT_ONCE
        assert (await user.http.post(f"/v1/runs/{run_id}/cancel")).status_code == 202
        assert (await user.ended(run_id))["status"] == "cancelled"
