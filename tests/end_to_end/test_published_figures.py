"""Recorded answers of real models, through the whole service: exactly the figures their publishers give.

A provider replays the recordings over HTTP, and the ready-made definitions are run on the public datasets as a user
would: over REST, changing nothing.
"""

import gzip
import json
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.user import User
from tests.providers import Asked, Provider

pytestmark = pytest.mark.timeout(300)


def rows(file: Path) -> list[dict[str, Any]]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def official(shared_folder: Path, file: str) -> dict[str, Any]:
    manifest = json.loads((shared_folder / "oracles" / "MANIFEST.json").read_text())
    return next(entry["official"] for entry in manifest if entry["file"] == file)


def replaying(recorded: Mapping[str, str]) -> Callable[[Asked], str]:
    """Answers by the question that the prompt holds, word for word; of several, the longest is the one meant."""
    longest_first = sorted(recorded, key=len, reverse=True)

    def answer(asked: Asked) -> str:
        question = next((question for question in longest_first if question in asked.prompt), None)
        assert question is not None, f"no recorded question is in the prompt {asked.prompt!r}"
        return recorded[question]

    return answer


def placed(deployment: Deployment, shared_folder: Path, *parts: str, into: str) -> str:
    """These data files in a folder the service may read, laid out as in the public collection."""
    for part in parts:
        source, target = shared_folder / "datasets" / part, deployment.files / into / part
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return str(deployment.files / into)


async def benchmarked(user: User, benchmark: str, folder: str, recorded: Mapping[str, str]) -> dict[str, Any]:
    """The figures of the recordings in the ready-made benchmark, all questions answered and judged."""
    async with Provider(replaying(recorded), keep_log=False) as provider:
        agent = {"kind": "openai", "model": "recorded", "base_url": provider.url}
        body = {
            "benchmark": benchmark,
            "folder": folder,
            "agents": [{"name": "recorded", "agent": agent, "concurrency": 50}],
        }
        run = await user.ended(await user.submit(body), within_s=240)
    assert (run["status"], run["error"], run["validity"]) == ("completed", None, "valid")
    figures = await user.results(run["run_id"])
    assert figures["coverage"] == 1.0
    assert figures["counts"]["failed"] == figures["metrics"]["unscored"] == 0
    return figures


def right(figures: Mapping[str, Any]) -> tuple[int, int]:
    """(right answers, questions)."""
    return figures["accuracy"]["successes"], figures["accuracy"]["n"]


async def test_gsm8k(user: User, deployment: Deployment, shared_folder: Path) -> None:
    file = "gsm8k_openai/6b_finetuning.jsonl.gz"
    recorded = {row["question"]: row["6b_finetuning"]["solution"] for row in rows(shared_folder / "oracles" / file)}
    folder = placed(deployment, shared_folder, "gsm8k/test.jsonl", into="gsm8k")
    figures = await benchmarked(user, "gsm8k", folder, recorded)
    published = official(shared_folder, file)
    assert right(figures["metrics"]) == (published["correct"], published["n"]) == (286, 1319)


@cache
def bbh_task(shared_folder: Path, task: str) -> list[dict[str, str]]:
    return json.loads((shared_folder / "datasets" / "bbh" / f"{task}.json").read_text())["examples"]


async def test_bbh_task_by_task(user: User, deployment: Deployment, shared_folder: Path) -> None:
    file = "bbh_codex/cot_six_tasks.jsonl.gz"
    published = official(shared_folder, file)
    folder = placed(deployment, shared_folder, *(f"bbh/{task}.json" for task in published), into="bbh")
    recorded: dict[str, str] = {
        bbh_task(shared_folder, row["task"])[row["idx"]]["input"]: row["prediction"]
        for row in rows(shared_folder / "oracles" / file)
    }
    figures = await benchmarked(user, "bbh", folder, recorded)
    assert figures["category_scores"].keys() == published.keys()
    for task, score in figures["category_scores"].items():
        assert 100 * score["accuracy"]["value"] == pytest.approx(published[task]["accuracy"]), task
        assert score["accuracy"]["n"] == published[task]["n"]


async def test_mmlu_pro_with_replies_that_choose_nothing(
    user: User, deployment: Deployment, shared_folder: Path
) -> None:
    file = "mmlu_pro/outputs_llama3_70b.jsonl.gz"
    dataset = "mmlu_pro/mmlu_pro_sample700.jsonl"
    folder = placed(deployment, shared_folder, dataset, into="mmlu_pro")
    questions = {row["question_id"]: row["question"] for row in rows(shared_folder / "datasets" / dataset)}
    recorded = {questions[row["question_id"]]: row["output"] for row in rows(shared_folder / "oracles" / file)}
    figures = await benchmarked(user, "mmlu-pro", folder, recorded)
    published = official(shared_folder, file)
    assert right(figures["metrics"]) == (published["pred_correct"], published["n"]) == (372, 700)
    assert await answerless(user, figures["raw_responses_url"]) == published["pred_null"] == 37


async def answerless(user: User, items: str) -> int:
    """How many replies were judged wrong for naming no answer."""
    verdicts: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await user.look(items, limit=100, **cursor)
        verdicts += [item["scores"][0] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    found = [verdict["value"] for verdict in verdicts if verdict["answer"] is None]
    assert set(found) == {0}
    return len(found)
