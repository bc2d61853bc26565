"""Judges held against people in a real deployment: over REST, from the command line, and as published."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from evaluators.judge.blocks import neutralised
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.test_judges import CITIES, Models, agent, asked, capitals
from tests.end_to_end.user import User
from tests.evaluators.judge.test_injections import BLOCK
from tests.evaluators.judge.test_recorded_judges import CHAIN_OF_THOUGHT, recorded
from tests.providers import Asked, Provider


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(Models().answer) as provider:
        yield provider


async def test_a_judge_is_held_against_people(user: User, provider: Provider) -> None:
    rows = [
        {"input": f"Capital of {country}?", "text": text, "one": one, "two": two}
        for country in CITIES
        for text, one, two in ((f"{CITIES[country]}.", 1, 1), ("Lyon, perhaps.", 0, 0), ("Lyon, surely.", 0, 1))
    ]
    body: dict[str, Any] = {
        "name": "capitals-judge",
        "judge": {"kind": "judge", "judges": [agent(provider, "judge")]},
        "dataset": {"source": {"kind": "inline", "rows": rows}},
        "answer": "text",
        "people": ["one", "two"],
        "meanings": {"1": "correct", "0": "incorrect"},
    }
    accepted = await user.http.post("/v1/judges/calibrations", json=body)
    assert accepted.status_code == 202, accepted.text
    here = accepted.headers["location"]
    assert (await user.look(here))["report"] is None
    assert (await user.ended(accepted.json()["run_id"]))["status"] == "completed"
    calibration = await user.look(here)
    report = calibration["report"]
    assert (report["items"], report["split"], report["judged"], report["agreement"]["successes"]) == (8, 4, 8, 8)
    assert report["confusion"] == {
        "correct": {"correct": 4, "incorrect": 0},
        "incorrect": {"correct": 0, "incorrect": 4},
    }
    assert (report["kappa"]["value"], report["models"], report["spent"]["calls"]) == (1, ["judge"], 12)
    assert -1 < report["people_kappa"]["value"] < 1
    judge = calibration["identity"]["digest"]
    [listed] = (await user.look("/v1/judges/calibrations", judge=judge))["items"]
    assert listed["report"] == report
    again = await user.http.post("/v1/judges/calibrations", json=body | {"meanings": {"1": "correct"}})
    assert again.status_code == 422
    assert again.json()["errors"][0]["pointer"] == "/meanings"
    assert asked(provider, "judge") == 12, "what cannot be compared is not paid for"
    run_id = await user.submit(capitals(provider))
    await user.ended(run_id)
    for min_judged, verdict in ((8, "passed"), (9, "inconclusive")):
        policy = {
            "name": "people agree",
            "thresholds": [{"at_least": 0.01}],
            "requires": {"judges": {"min_kappa": 0.9, "min_judged": min_judged}},
        }
        gate = (await user.http.post(f"/v1/runs/{run_id}/gate", json={"policy": policy})).json()
        assert gate["verdict"] == verdict, gate


async def test_a_calibration_that_cannot_work_is_refused_with_its_place(user: User, provider: Provider) -> None:
    body: dict[str, Any] = {
        "name": "judge",
        "judge": {"kind": "judge", "judges": [agent(provider, "judge")]},
        "dataset": {"source": {"kind": "inline", "rows": [{"input": "?", "text": "!", "people": "correct"}]}},
        "answer": "text",
        "people": ["people"],
    }
    for change, pointer in (
        ({"judge": {"kind": "exact"}}, "/judge/kind"),
        ({"judge": body["judge"] | {"scale": {"low": 3, "high": 1}}}, "/judge/scale"),
        ({"answer": "missing"}, ""),
        ({"people": ["nobody"]}, ""),
    ):
        said = await user.http.post("/v1/judges/calibrations", json=body | change)
        assert said.status_code == 422, said.text
        if pointer:
            assert said.json()["errors"][0]["pointer"].startswith(pointer)


async def test_a_calibration_sent_twice_with_one_key_is_one_calibration(user: User, provider: Provider) -> None:
    document = f"""
name: capitals-judge
judge:
  kind: judge
  judges:
    - {{name: judge, agent: {{kind: openai, model: judge, base_url: "{provider.url}"}}}}
dataset:
  source: {{kind: inline, rows: [{{input: "Capital of Peru?", text: Lima, people: correct}}]}}
answer: text
people: [people]
"""
    headers = {"Content-Type": "application/yaml", "Idempotency-Key": "one-calibration"}
    answers = [await user.http.post("/v1/judges/calibrations", content=document, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
    first, second = (answer.json() for answer in answers)
    assert first["calibration_id"] == second["calibration_id"]
    await user.ended(first["run_id"])
    assert (await user.look(first["links"]["self"]))["report"]["agreement"]["value"] == 1
    assert asked(provider, "judge") == 1


async def typed(*words: str) -> tuple[int, str, str]:
    """The command's exit code, output and talk."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", *words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, said = await process.communicate()
    return process.returncode or 0, out.decode(), said.decode()


def replaying(shared_folder: Path) -> Callable[[Asked], str]:
    """GPT-4's recorded verdicts on LLMBar's natural pairs, found by the pair and its order in the prompt."""
    pairs = json.loads((shared_folder / "datasets/llmbar/natural.json").read_text())
    rows = [row for row in recorded(shared_folder, "GPT-4/CoT") if row["subset"] == "Natural"]
    said: dict[tuple[str, str], str] = {}
    for row in rows:
        first, second = (neutralised(pairs[row["idx"]][name], longest=20_000) for name in ("output_1", "output_2"))
        said[first, second] = row["result"]["swap = False"]["completion"][0]
        said[second, first] = row["result"]["swap = True"]["completion"][0]

    def answer(asked: Asked) -> str:
        shown = {name: text for name, _, text in BLOCK.findall(asked.prompt)}
        return said[shown["FIRST"], shown["SECOND"]]

    return answer


async def test_a_published_judge_is_calibrated_to_its_published_figures_from_the_command_line(
    deployment: Deployment, shared_folder: Path
) -> None:
    shutil.copy(shared_folder / "datasets/llmbar/natural.json", deployment.files)
    async with Provider(replaying(shared_folder)) as provider:
        wordings = [
            {"label": label, "pattern": pattern}
            for label, pattern in zip(("first", "second"), CHAIN_OF_THOUGHT, strict=True)
        ]
        judge = {"kind": "judge", "mode": "pairwise", "against": "output_2", "wordings": wordings}
        request = {
            "name": "gpt-4 beside people",
            "judge": judge | {"judges": [agent(provider, "gpt-4")]},
            "dataset": {"source": {"kind": "file", "path": "natural.json"}},
            "answer": "output_1",
            "people": ["label"],
            "meanings": {"1": "answer", "2": "other"},
        }
        file = deployment.files / "calibration.json"
        file.write_text(json.dumps(request))
        api = ("--api", deployment.apis[0].url)
        code, out, said = await typed("judges", "calibrate", str(file), "--json", *api)
        assert code == 0, said
    calibration = json.loads(out)
    report = calibration["report"]
    assert (report["items"], report["judged"], report["spent"]["calls"]) == (100, 100, 200)
    assert (report["agreement"]["successes"], report["position"]["stable"]["successes"]) == (90, 91)
    assert report["position"]["first"] + report["position"]["second"] == 9
    code, shown, _ = await typed("judges", "show", calibration["calibration_id"], *api)
    assert code == 0
    for part in ("gpt-4 beside people", "90.0%", "91.0%", "Cohen's kappa", "People below, the judge across"):
        assert part in shown
    code, listed, _ = await typed("judges", "list", *api)
    assert calibration["calibration_id"] in listed


async def test_a_mistake_in_a_calibration_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "judge.yaml"
    file.write_text("name: j\njudge: {kind: judge}\ndataset: {source: {kind: inline}}\nanswer: a\npeopel: [x]\n")
    code, _, said = await typed("judges", "calibrate", str(file))
    assert code == 2
    assert "judge.yaml, line 5: there is no key 'peopel' here; did you mean 'people'?" in " ".join(said.split())
    code, out, _ = await typed("judges", "calibrate", "--schema")
    assert (code, json.loads(out)["$id"]) == (0, "calibration.schema.json")
