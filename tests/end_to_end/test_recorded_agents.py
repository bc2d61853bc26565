"""Recorded agents through the whole service: instructions followed, tools called, trials repeated, as published."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.test_published_figures import benchmarked, official, placed, right, rows
from tests.end_to_end.user import User
from tests.permitted_calls import Expected, permitted_calls
from tests.providers import Asked, Provider
from tests.shapes import Says

pytestmark = pytest.mark.timeout(300)


async def test_ifeval(user: User, deployment: Deployment, shared_folder: Path) -> None:
    """Over the requests whose answers have published labels."""
    oracle = shared_folder / "oracles" / "ifeval_gpt4"
    labelled = {row["key"] for row in rows(oracle / "labels_strict_first270.jsonl")}
    requests = rows(shared_folder / "datasets" / "ifeval" / "input_data.jsonl")
    target = deployment.files / "ifeval" / "ifeval" / "input_data.jsonl"
    target.parent.mkdir(parents=True)
    target.write_text("".join(f"{json.dumps(row)}\n" for row in requests if row["key"] in labelled))
    recorded = {row["prompt"]: row["response"] for row in rows(oracle / "responses_first271.jsonl.gz")}
    figures = await benchmarked(user, "ifeval", str(target.parents[1]), recorded)
    published = official(shared_folder, "ifeval_gpt4/labels_strict_first270.jsonl")
    assert right(figures["metrics"]) == (published["follow_all"], len(labelled)) == (205, 270)


async def test_pass_hat_k_of_tau_bench(user: User, shared_folder: Path) -> None:
    """The recorded agent solves a task in some trials and not in others."""
    file = "taubench/gpt-4o-airline.rewards.jsonl"
    recorded = rows(shared_folder / "oracles" / file)
    reward = {f"{row['task_id']}/{row['trial']}": row["reward"] for row in recorded}
    tasks = [{"id": task, "input": "Help.", "answer": "solved"} for task in {row["task_id"]: 0 for row in recorded}]
    async with Provider(lambda asked: "solved" if reward[asked.prompt] == 1 else "failed", keep_log=False) as provider:
        agent = {"kind": "http", "url": f"{provider.root}/ask", "body": {"question": "{{ case_id }}/{{ trial }}"}}
        body = {
            "name": "tau-bench",
            "dataset": {"source": {"kind": "inline", "rows": tasks}},
            "agents": [{"name": "gpt-4o", "agent": agent}],
            "evaluators": [{"kind": "exact"}],
            "trials": 4,
        }
        run = await user.ended(await user.submit(body))
    assert (run["status"], run["error"], run["validity"]) == ("completed", None, "valid")
    found: Mapping[str, float] = (await user.results(run["run_id"]))["metrics"]["trials"]["pass_hat_k"]
    published = official(shared_folder, file)
    assert {f"pass^{k}": round(value, 3) for k, value in found.items()} == published


async def test_bfcl_by_a_model_that_calls_tools(user: User, deployment: Deployment, shared_folder: Path) -> None:
    """It calls what is permitted, but for every fourth question of each category, which it talks about instead."""
    files = [f"bfcl/BFCL_v4_{name}.json" for name in ("simple_python", "multiple", "parallel", "irrelevance")]
    answers = [f"bfcl/possible_answer/{Path(file).name}" for file in files[:-1]]
    folder = placed(deployment, shared_folder, *files, *answers, into="bfcl")
    says: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for file in files:
        partner = shared_folder / "datasets" / "bfcl" / "possible_answer" / Path(file).name
        truths = {row["id"]: row["ground_truth"] for row in rows(partner)} if partner.is_file() else {}
        for at, row in enumerate(rows(shared_folder / "datasets" / file)):
            names = tuple(sendable(tool["name"]) for tool in row["function"])
            calls = [] if at % 4 == 3 else wire_calls(truths.get(row["id"], []))
            says[row["question"][0][0]["content"], names] = calls

    def answer(asked: Asked) -> Says:
        offered = tuple(tool["function"]["name"] for tool in asked.body["tools"])
        calls = says[asked.prompt, offered]
        return Says("No tool of mine does that.", message={"tool_calls": calls} if calls else {})

    async with Provider(answer, keep_log=False) as provider:
        agent = {"kind": "openai", "model": "recorded", "base_url": provider.url}
        agents = [{"name": "recorded", "agent": agent, "concurrency": 50}]
        run = await user.ended(await user.submit({"benchmark": "bfcl", "folder": folder, "agents": agents}))
    figures = await user.results(run["run_id"])
    found = {name: score["accuracy"]["value"] for name, score in figures["category_scores"].items()}
    assert found == {"simple_python": 0.75, "multiple": 0.75, "parallel": 0.75, "irrelevance": 1.0}
    [item, *_] = (await user.look(figures["raw_responses_url"], limit=1))["items"]
    assert item["tool_calls"] == [
        {"name": "calculate_triangle_area", "arguments": {"base": 10, "height": 5, "unit": "units"}}
    ]


def wire_calls(expected: Sequence[Expected]) -> list[dict[str, Any]]:
    """Permitted calls in OpenAI's words."""
    return [
        {"type": "function", "function": {"name": sendable(name), "arguments": json.dumps(arguments)}}
        for name, arguments in permitted_calls(expected)
    ]


def sendable(name: str) -> str:
    """The name that the provider was sent."""
    return name.replace(".", "_")
