"""Agents head to head in a real deployment: judges with a known taste, over answers that were given before."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.test_judges import agent, asked
from tests.end_to_end.user import User
from tests.evaluators.judge.test_injections import BLOCK
from tests.providers import Asked, Provider, Says, Status

CASES = 24
QUALITY = {"strong": 4, "middling": 3, "weak": 2, "faulty": 2}
"""Of each four answers so many are good."""
REFUSED = 9
"""What the faulty one does not answer."""


class Contest:
    """A provider of three agents, each as good as its name says, and of two judges: one reads, one looks at places."""

    def __init__(self) -> None:
        self.judging_s = 0.0

    def answer(self, asked: Asked) -> str | Says | Status:
        model = str(asked.body["model"])
        if model in QUALITY:
            number = int(asked.prompt.removeprefix("Question "))
            if model == "faulty" and number == REFUSED:
                return Status(400, "not that one")
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
        return Says(json.dumps(said), input_tokens=100, output_tokens=10, latency_s=self.judging_s)


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
    assert found["report"]["sentence"].startswith("'strong' is preferred to 'weak': 'strong' wins 75.0% over 24 cases")
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


async def test_a_judge_that_looks_at_places_alone_ties_them_all_and_is_found_out(
    user: User, provider: Provider
) -> None:
    run_id = await user.submit(questions(provider, "strong", "weak"))
    await user.ended(run_id)
    found = await compared(user, {"contestants": [{"run_id": run_id}], "judge": judge(provider, "biased")})
    [match] = found["report"]["matches"]
    assert (match["wins"], match["ties"], match["losses"], match["win_rate"]["value"]) == (0, CASES, 0, 0.5)
    assert match["finding"] == "cannot_tell"
    assert (match["position"]["stable"]["value"], match["position"]["first"]) == (0, CASES)
    body = {"contestants": [{"run_id": run_id}], "judge": judge(provider, "biased", on_disagreement="abstain")}
    accepted = (await user.http.post("/v1/preferences", json=body)).json()
    run = await user.ended(accepted["run_id"])
    assert run["status"] == "failed"
    report = (await user.look(accepted["links"]["self"]))["report"]
    assert (report["matches"][0]["undecided"], report["matches"][0]["pairs"]) == (CASES, 0)


async def test_agents_of_several_runs_meet_by_case_and_trial_and_what_is_missing_is_told(
    user: User, provider: Provider
) -> None:
    """Last week's run had two trials, asked one question in other words, and got no answer to another."""
    former = questions(provider, "faulty", trials=2, name="last week")
    former["dataset"]["source"]["rows"][5]["input"] = "Question 05"
    earlier = await user.submit(former)
    today = await user.submit(questions(provider, "strong", trials=3, name="today"))
    await user.ended(earlier)
    await user.ended(today)
    sides = [{"run_id": today, "name": "new"}, {"run_id": earlier, "agent_id": "faulty", "name": "old"}]
    found = await compared(user, {"contestants": sides, "judge": judge(provider), "baseline": "old"})
    [match] = found["report"]["matches"]
    assert [each["run_id"] for each in found["contestants"]] == [today, earlier]
    assert (found["report"]["cases"], match["pairs"], match["unanswered"]) == (CASES - 2, 2 * (CASES - 2), 0)
    # Of every four cases strong wins the last two, in each of the two trials.
    assert (match["wins"], match["losses"]) == (CASES, 0)


async def test_what_cannot_be_compared_is_refused_with_its_place(user: User, provider: Provider) -> None:
    run_id = await user.submit(questions(provider, "strong", "weak"))
    await user.ended(run_id)
    both: dict[str, Any] = {"contestants": [{"run_id": run_id}], "judge": judge(provider)}
    for change, status, pointer in (
        ({"judge": {"kind": "exact"}}, 422, "/judge/kind"),
        ({"judge": judge(provider, mode="pointwise")}, 422, "/judge/mode"),
        ({"judge": judge(provider, scale={"low": 1, "high": 5})}, 422, "/judge"),
        ({"contestants": [{"run_id": run_id, "agent_id": "strong"}]}, 422, "/contestants"),
        ({"contestants": [{"run_id": run_id, "agent_id": "nobody"}]}, 422, "/contestants/0/agent_id"),
        ({"contestants": [{"run_id": run_id, "name": "all"}]}, 422, "/contestants/0/name"),
        ({"contestants": [{"run_id": run_id}, {"run_id": run_id}]}, 422, "/contestants"),
        ({"baseline": "nobody"}, 422, "/baseline"),
        ({"limit": 10_000_001}, 422, "/limit"),
        ({"contestants": [{"run_id": "run_nowhere"}]}, 404, None),
    ):
        said = await user.http.post("/v1/preferences", json=both | change)
        assert said.status_code == status, said.text
        if pointer is not None:
            assert said.json()["errors"][0]["pointer"].startswith(pointer), said.text
    assert (await user.http.get(f"/v1/preferences/{run_id}")).status_code == 404
    assert asked(provider, "reader") == 0


async def typed(*words: str) -> tuple[int, str, str]:
    """The command's exit code, output and talk."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", *words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, said = await process.communicate()
    return process.returncode or 0, out.decode(), said.decode()


async def test_three_agents_are_rated_from_the_command_line(
    user: User, deployment: Deployment, provider: Provider, tmp_path: Path
) -> None:
    run_id = await user.submit(questions(provider, "strong", "middling", "weak"))
    await user.ended(run_id)
    file = tmp_path / "judge.json"
    file.write_text(json.dumps({"name": "three agents", "judge": judge(provider)}))
    api = ("--api", deployment.apis[0].url)
    code, out, said = await typed("preferences", "start", str(file), run_id, *api)
    assert code == 0, said
    for part in (
        "three agents",
        "'strong' is preferred to 'weak'",
        "rating",
        "Same verdict with places swapped: 100.0%",
    ):
        assert part in " ".join(out.split()), out
    code, out, _ = await typed("preferences", "show", "latest", "--json", *api)
    report = json.loads(out)["report"]
    assert [each["contestant"]["name"] for each in report["standings"]] == ["strong", "middling", "weak"]
    assert [match["win_rate"]["value"] for match in report["matches"]] == [0.625, 0.75, 0.625]
    assert sum(each["rating"] for each in report["standings"]) == pytest.approx(3000)
    assert all(each["low"] < each["rating"] < each["high"] for each in report["standings"])
    code, out, _ = await typed("preferences", "list", *api)
    assert "three agents" in out


async def test_what_a_judge_that_was_away_left_open_is_judged_by_a_retry_and_nothing_twice(
    user: User, provider: Provider
) -> None:
    run_id = await user.submit(questions(provider, "strong", "weak"))
    await user.ended(run_id)
    judging = judge(provider)
    judging["judges"][0] |= {"max_attempts": 1, "concurrency": 1}
    provider.next(*(Status(503, "no judge today") for _ in range(6)))
    found = await compared(user, {"contestants": [{"run_id": run_id}], "judge": judging})
    [match] = found["report"]["matches"]
    assert 3 <= match["missing"] <= 6
    assert match["pairs"] == CASES - match["missing"]
    before = asked(provider, "reader")
    assert (await user.http.post(f"/v1/runs/{found['run_id']}/retry")).status_code == 202
    run = await user.until(found["run_id"], "completed", within_s=60)
    assert run["counts"]["evaluated"] == CASES
    assert asked(provider, "reader") - before == 2 * match["missing"]
    [match] = (await user.look(found["links"]["self"]))["report"]["matches"]
    assert (match["pairs"], match["missing"], match["win_rate"]["value"]) == (CASES, 0, 0.75)


async def test_judging_that_was_stopped_goes_on_later_and_buys_no_finished_judgement_twice(user: User) -> None:
    contest = Contest()
    contest.judging_s = 0.5
    async with Provider(contest.answer) as slow:
        run_id = await user.submit(questions(slow, "strong", "weak"))
        await user.ended(run_id)
        judging = judge(slow)
        judging["judges"][0]["concurrency"] = 2
        body = {"contestants": [{"run_id": run_id}], "judge": judging}
        made = (await user.http.post("/v1/preferences", json=body)).json()
        await slow.asked(2 * CASES + 8)
        assert (await user.http.post(f"/v1/runs/{made['run_id']}/cancel")).status_code == 202
        assert (await user.ended(made["run_id"]))["status"] == "cancelled"
        report = (await user.look(made["links"]["self"]))["report"]
        bought = asked(slow, "reader")
        # Of each of the two at once one order may have been judged, the other not any more.
        halves = bought - 2 * report["matches"][0]["pairs"]
        assert 0 <= halves <= 2
        assert 8 <= bought < 2 * CASES
        contest.judging_s = 0.0
        assert (await user.http.post(f"/v1/runs/{made['run_id']}/retry")).status_code == 202
        await user.until(made["run_id"], "completed", within_s=60)
        [match] = (await user.look(made["links"]["self"]))["report"]["matches"]
        assert (match["pairs"], match["win_rate"]["value"]) == (CASES, 0.75)
        assert asked(slow, "reader") == 2 * CASES + halves
