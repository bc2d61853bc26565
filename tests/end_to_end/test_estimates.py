"""What an estimate says before a run, and what the run then took, on a provider that counts tokens its own way."""

import json
from typing import Any

import pytest

from core.token_counts import count_tokens
from tests.end_to_end.user import User
from tests.providers import Asked, Provider, Says

CASES = 30
SAID = "It is number "
FINE = json.dumps({"rationale": "As asked.", "verdict": "correct"})


def answer(asked: Asked) -> Says:
    """Counts a tenth more than we do."""
    taken = round(1.1 * sum(4 + count_tokens(message["content"]) for message in asked.body["messages"]))
    if asked.body["model"] == "judge":
        return Says(FINE, input_tokens=taken, output_tokens=40)
    return Says(SAID + asked.prompt, input_tokens=taken, output_tokens=25)


def agent(provider: Provider, model: str, **fields: Any) -> dict[str, Any]:
    reached = {"kind": "openai", "model": model, "base_url": provider.url, "max_tokens": 100}
    return {"name": model, "agent": reached, "price": {"input": 3.0, "output": 15.0}, "concurrency": 4, **fields}


def wanted(provider: Provider, **fields: Any) -> dict[str, Any]:
    rows = [{"input": f"Which number is {at} in the list of all numbers that there are?"} for at in range(CASES)]
    return {
        "name": "numbers",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [agent(provider, "writer")],
        "evaluators": [{"kind": "judge", "judges": [agent(provider, "judge")], "repeats": 2}, {"kind": "exact"}],
        "trials": 2,
        **fields,
    }


async def estimated(user: User, body: dict[str, Any]) -> dict[str, Any]:
    told = await user.http.post("/v1/runs", params={"dry_run": True}, json=body)
    assert told.status_code == 200, told.text
    return told.json()


async def test_what_a_run_takes_lies_where_the_estimate_said_and_the_next_estimate_knows_it(user: User) -> None:
    async with Provider(answer, latency_s=0.02) as provider:
        body = wanted(provider, budget={"max_usd": 1000.0})
        before = await estimated(user, body)
        assert provider.log == [], "an estimate asks nobody"
        assert (before["calls"], before["judging_calls"]["expected"]) == (2 * CASES, 4 * CASES)
        assert before["usd"]["low"] < before["usd"]["expected"] < before["usd"]["high"]
        run_id = await user.submit(body)
        assert (await user.ended(run_id))["status"] == "completed"
        [account] = await spent(user, run_id)
        again = await estimated(user, body)
    for figure in ("usd", "tokens"):
        told = before["usd"] if figure == "usd" else both(before)
        assert told["low"] <= account[figure] <= told["high"], figure
    # The agent's part is known to the token by now; the judges' prompts are counted, their replies remembered.
    writer, judge = again["parts"]
    assert (writer["record"]["same_questions"], writer["record"]["answers"]) == (True, 2 * CASES)
    assert writer["output_tokens"]["expected"] == 2 * CASES * 25
    assert judge["output_tokens"]["expected"] == pytest.approx(4 * CASES * 40)
    assert again["usd"]["expected"] == pytest.approx(account["usd"], rel=0.12)
    assert again["seconds"] == pytest.approx(2 * CASES * writer["record"]["latency_s"] / 4)


def both(told: dict[str, Any]) -> dict[str, float]:
    return {name: told["input_tokens"][name] + told["output_tokens"][name] for name in ("low", "expected", "high")}


async def spent(user: User, run_id: str) -> list[dict[str, Any]]:
    """Told of runs with a budget."""
    raw = await user.http.get(f"/v1/runs/{run_id}/budget")
    return [account["spent"] for account in raw.json()["accounts"]]
