"""A run is taken elsewhere: every format over the API, read by whoever's format it is, and what is refused."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as Xml

import httpx2
import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
from jsonschema import Draft202012Validator

from api.exporting import PAGE
from cli.embedded.temporal import TemporalServer
from core.plugins import installed
from core.runs import ENDED
from core.settings import Settings
from tests.api.bodies import definition
from tests.api.conftest import problem, served
from tests.api.live import Worker, asking, submitted, until, with_temporal, working
from tests.providers import Asked, Provider, Status

ROWS = [
    {"input": "Capital of France?", "expected": "Paris", "category": "europe"},
    {"input": "Capital of Japan?", "expected": "Tokyo", "category": "asia"},
    {"input": "Capital of Nowhere?", "expected": "None", "category": "asia"},
]
EVALUATORS = [{"kind": "contains"}, {"kind": "numeric", "name": "a number"}]
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
ARGUMENTS = ("temperature", "top_p", "max_tokens", "prompt_template")
SHARED_SCHEMA: dict[str, Any] = {
    "required": ["schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata", "model_info"],
    "additionalProperties": False,
    "properties": {
        "schema_version": {"const": "0.2.1"},
        "evaluation_id": {"type": "string"},
        "evaluation_timestamp": {"type": "string"},
        "retrieved_timestamp": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
        "source_metadata": {
            "required": ["source_type", "source_organization_name", "evaluator_relationship"],
            "properties": {
                "source_type": {"enum": ["documentation", "evaluation_run"]},
                "evaluator_relationship": {"enum": ["first_party", "third_party", "collaborative", "other"]},
                "additional_details": TEXTS,
            },
        },
        "eval_library": {"required": ["name", "version"]},
        "model_info": {"required": ["name", "id"], "properties": {"additional_details": TEXTS}},
        "evaluation_results": {
            "items": {
                "required": ["evaluation_name", "source_data", "metric_config", "score_details"],
                "properties": {
                    "source_data": {
                        "required": ["dataset_name", "source_type"],
                        "properties": {"source_type": {"const": "other"}, "additional_details": TEXTS},
                    },
                    "metric_config": {
                        "required": ["lower_is_better", "min_score", "max_score"],
                        "properties": {"score_type": {"enum": ["binary", "continuous", "levels"]}},
                    },
                    "score_details": {
                        "required": ["score"],
                        "properties": {
                            "details": TEXTS,
                            "uncertainty": {
                                "properties": {
                                    "num_samples": {"type": "integer"},
                                    "confidence_interval": {"required": ["lower", "upper"]},
                                }
                            },
                        },
                    },
                    "generation_config": {
                        "properties": {
                            "generation_args": {
                                "additionalProperties": False,
                                "properties": {name: {} for name in ARGUMENTS},
                            }
                        }
                    },
                },
            }
        },
    },
}
"""What eval.schema.json 0.2.1 of Every Eval Ever asks of the parts that are written here."""


def answer(asked: Asked) -> str | Status:
    if "Nowhere" in asked.prompt:
        return Status(400, "there is no such country")
    return {"Capital of France?": "Paris", "Capital of Japan?": "=Kyoto"}[asked.prompt]


@pytest.fixture
def settings(settings: Settings, temporal_server: TemporalServer) -> Settings:
    return with_temporal(settings, temporal_server)


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Worker]:
    async with working(settings) as worker:
        yield worker


async def test_a_run_is_exported_once_it_has_ended_and_its_failures_are_no_wrong_answers(
    settings: Settings, worker: Worker, tmp_path: Path
) -> None:
    async with served(settings) as api, Provider(answer) as provider:
        rows = {"source": {"kind": "inline", "rows": ROWS}}
        body = asking(provider, name="a/b: run", dataset=rows, evaluators=EVALUATORS)
        body["agents"] = [body["agents"][0] | {"name": name} for name in ("lab", "two")]
        path = f"/v1/runs/{(run_id := await submitted(api, body))}/export"
        detail = problem(await api.get(path), 409, "conflict")["detail"]
        assert f"/v1/runs/{run_id}/items" in detail
        await worker.start()
        await until(api, run_id, *ENDED)
        files = {name: await api.get(path, params={"format": name, "agent": "lab"}) for name in installed("exporters")}
        assert {answer.status_code for answer in files.values()} == {200}
        assert files["csv"].headers["content-disposition"] == f'attachment; filename="a-b-run-lab-{run_id[-8:]}.csv"'
        _is_the_table(files)
        _is_for_ci(files["junit"].content)
        _are_the_figures(files["lm-eval"].json(), files["every-eval-ever"].json(), run_id)
        await _is_not_sent_twice(api, path)
        await _is_refused(api, path)
        log = tmp_path / "run.eval"
        log.write_bytes(files["inspect"].content)
        await _is_read_by_inspect(log, (await api.get(f"/v1/runs/{run_id}/results")).json())


def _is_the_table(files: dict[str, httpx2.Response]) -> None:
    table = list(csv.DictReader(io.StringIO(files["csv"].text)))
    lines = [json.loads(line) for line in files["jsonl"].text.splitlines()]
    frame: Any = cast("Any", pyarrow.parquet).read_table(io.BytesIO(files["parquet"].content))
    columns = frame.to_pylist()
    assert [row["case_id"] for row in table] == [row["case_id"] for row in lines] == ["1", "2", "3"]
    assert list(table[0]) == list(columns[0]) == frame.column_names
    # A text that a spreadsheet would run is one that it shows; the others have it as it was.
    assert (table[1]["text"], lines[1]["text"], columns[1]["text"]) == ("'=Kyoto", "=Kyoto", "=Kyoto")
    assert [row["score.contains"] for row in columns] == [1.0, 0.0, None]
    assert [row["score.contains"] for row in table] == ["1.0", "0.0", ""]
    # Unscored is not zero, and says why.
    assert [columns[0][f"{part}.a number"] for part in ("score", "unscored")] == [None, "case"]
    assert lines[0]["scores"]["a number"]["value"] is None
    for lost in (table[2], lines[2], columns[2]):
        assert (lost["status"], lost["cause"]) == ("failed", "refused")
        assert "no such country" in lost["detail"]
    assert lines[2]["scores"] == {}


def _is_for_ci(content: bytes) -> None:
    [suite] = Xml.fromstring(content)
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert suite[2].find("error").get("type") == "refused"  # type: ignore[union-attr]


def _are_the_figures(results: dict[str, Any], evaluation: dict[str, Any], run_id: str) -> None:
    """By lm-evaluation-harness's names, and as Every Eval Ever requires."""
    assert results["results"]["a/b: run"]["contains,none"] == 0.5
    assert results["results"]["a/b: run asia"] == {
        "alias": "a/b: run asia",
        "contains,none": 0.0,
        "contains_stderr,none": "N/A",
    }
    assert results["n-samples"]["a/b: run"] == {"original": 3, "effective": 2}
    assert results["model_name"] == "small"
    validator: Any = Draft202012Validator(SHARED_SCHEMA)
    validator.validate(evaluation)
    [figure] = evaluation["evaluation_results"]
    assert figure["score_details"]["score"] == 0.5
    assert figure["score_details"]["uncertainty"]["num_samples"] == 2
    details = evaluation["model_info"]["additional_details"]
    assert (details["failed_by_cause"], details["without_a_score"]) == ("refused: 1", "a number")


async def _is_read_by_inspect(path: Path, results: dict[str, Any]) -> None:
    """By inspect_ai's own reader; scores and usage are those of the run."""
    # Its readers that block leave a changed asyncio behind, in which no loop is closed.
    from inspect_ai.log import read_eval_log_async, read_eval_log_sample_summaries_async

    log = await read_eval_log_async(str(path))
    assert (log.status, log.eval.task, log.eval.model) == ("success", "a/b: run", "openai/small")
    assert log.results is not None
    assert log.samples is not None
    metrics = results["agents"][0]["metrics"]
    [contains, number] = log.results.scores
    assert contains.metrics["accuracy"].value == metrics["accuracy"]["value"] == 0.5
    assert (contains.scored_samples, number.unscored_samples) == (2, 2)
    usage = log.stats.model_usage["small"]
    assert (usage.input_tokens, usage.output_tokens) == (metrics["tokens"]["input"], metrics["tokens"]["output"])
    right, wrong, lost = log.samples
    assert [right.output.completion, wrong.output.completion] == ["Paris", "=Kyoto"]
    assert [sample.scores["contains"].value for sample in (right, wrong) if sample.scores] == [1.0, 0.0]
    assert [message.role for message in right.messages] == ["user", "assistant"]
    assert right.metadata["unscored"].keys() == {"a number"}
    assert lost.error is not None
    assert lost.error.message.startswith("refused: ")
    assert not lost.scores
    assert [each.id for each in await read_eval_log_sample_summaries_async(str(path))] == ["1", "2", "3"]


async def _is_not_sent_twice(api: httpx2.AsyncClient, path: str) -> None:
    first = await api.get(path)
    everybody = csv.DictReader(io.StringIO(first.text))
    assert [row["agent_id"] for row in everybody] == ["lab"] * 3 + ["two"] * 3
    again = await api.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await api.get(path, params={"format": "jsonl"}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


async def _is_refused(api: httpx2.AsyncClient, path: str) -> None:
    told = problem(await api.get(path, params={"format": "xlsx"}), 422, "invalid-request")
    assert "csv, every-eval-ever, inspect, jsonl, junit, lm-eval" in told["detail"]
    assert told["errors"][0]["pointer"] == "format"
    told = problem(await api.get(path, params={"agent": "nobody"}), 422, "invalid-request")
    assert "its agents are lab, two" in told["detail"]
    told = problem(await api.get(path, params={"format": "inspect"}), 422, "invalid-request")
    assert "holds one agent; say which: lab, two" in told["detail"]


async def test_many_items_come_once_each_and_in_their_order(settings: Settings, worker: Worker) -> None:
    await worker.start()
    async with served(settings) as api:
        rows = [{"input": f"{number}?", "expected": str(number)} for number in range(PAGE // 2 + 30)]
        dataset = {"source": {"kind": "inline", "rows": rows}}
        run_id = await submitted(api, definition(dataset=dataset, trials=2))
        await until(api, run_id, *ENDED)
        lines = (await api.get(f"/v1/runs/{run_id}/export", params={"format": "jsonl"})).text.splitlines()
    told = [json.loads(line) for line in lines]
    wanted = [(trial, number, f"{number}?") for trial in range(2) for number in range(len(rows))]
    assert [(item["trial"], item["case_index"], item["input"]) for item in told] == wanted
