"""Agents head to head in a real deployment: judges with a known taste, over answers that were given before."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.end_to_end.test_judges import agent, asked
from tests.end_to_end.user import User
from tests.evaluators.judge.test_injections import BLOCK
from tests.providers import Asked, Provider, Says

CASES = 24
QUALITY = {"strong": 4, "middling": 3, "weak": 2}
"""Of each four answers so many are good."""


class Contest:
    """A provider of three agents, each as good as its name says, and of two judges: one reads, one looks at places."""

    def answer(self, asked: Asked) -> str | Says:
        model = str(asked.body["model"])
        if model in QUALITY:
            number = int(asked.prompt.removeprefix("Question "))
            good = number % 4 < QUALITY[model]
            return Says(f"A {'good' if good else 'bad'} answer by {model}.", input_tokens=7, output_tokens=5)
        shown = {name: text for name, _, text in BLOCK.findall(asked.prompt)}
        good = {place: "good" in shown[place] for place in ("FIRST", "SECOND")}
        if model == "biased":
            verdict = "first"
        elif good["FIRST"] == good["SECOND"]:
            verdict = "tie"
        else:
            verdict = "first" if good["FIRST"] else "second"
        said = {"rationale": f"The {verdict} it is.", "verdict": verdict}
        return Says(json.dumps(said), input_tokens=100, output_tokens=10)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(Contest().answer) as provider:
        yield provider


def questions(provider: Provider, *models: str, **fields: Any) -> dict[str, Any]:
    rows = [{"id": f"q{number}", "input": f"Question {number}"} for number in range(CASES)]
    return {
        "name": "questions",
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "agents": [agent(provider, model) for model in models],
        "evaluators": [{"kind": "contains", "values": ["good"]}],
        **fields,
    }


def judge(provider: Provider, model: str = "reader", **settings: Any) -> dict[str, Any]:
    return {"kind": "judge", "judges": [agent(provider, model)], **settings}


async def compared(user: User, body: dict[str, Any]) -> dict[str, Any]:
    """The preference once its run has ended."""
    accepted = await user.http.post("/v1/preferences", json=body)
    assert accepted.status_code == 202, accepted.text
    made = accepted.json()
    assert made["report"] is None
    run = await user.ended(made["run_id"])
    assert run["status"] == "completed", run["error"]
    return await user.look(made["links"]["self"])


async def test_the_win_rate_is_what_the_judges_taste_makes_it(user: User, provider: Provider) -> None:
    run_id = await user.submit(questions(provider, "strong", "weak"))
    await user.ended(run_id)
    bought = len(provider.log)
    found = await compared(user, {"contestants": [{"run_id": run_id}], "judge": judge(provider)})
    [match] = found["report"]["matches"]
    # Of every four cases both are good in two, and strong alone in the other two.
    assert (match["first"], match["second"], match["pairs"]) == ("strong", "weak", CASES)
    assert (match["wins"], match["ties"], match["losses"]) == (CASES / 2, CASES / 2, 0)
    assert match["win_rate"]["value"] == 0.75
    assert match["finding"] == "first"
    assert found["report"]["sentence"].startswith("'strong' is preferred to 'weak': it wins 75.0% of 24 pairs")
    assert match["position"]["stable"]["value"] == 1
    assert found["report"]["models"] == ["reader"]
    assert found["report"]["spent"] == {
        "calls": 2 * CASES,
        "input_tokens": 200 * CASES,
        "output_tokens": 20 * CASES,
        "cost_usd": pytest.approx(2 * CASES * 120e-6),
    }
    assert len(provider.log) - bought == asked(provider, "reader") == 2 * CASES, "nobody but the judge is asked"
    metrics = (await user.results(found["run_id"]))["metrics"]
    assert (metrics["score"]["value"], metrics["judging"]["calls"]) == (0.75, 2 * CASES)
    item = (await user.look(found["links"]["items"], limit=1))["items"][0]
    [score] = item["scores"]
    assert [ballot["order"] for ballot in score["details"]["ballots"]] == ["as_given", "swapped"]
    assert all(ballot["rationale"] for ballot in score["details"]["ballots"])
    whole = await user.look(item["link"])
    assert set(whole["case"]["metadata"]["answers"]) == {"strong", "weak"}
