"""Eval runs from their start to their last output item, through OpenAI's client."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from sqlalchemy import text

from adapters.database.engine import open_engine
from adapters.database.retention import Retention
from core.settings import Settings
from tests.api.openai_evals.scripts import EXACT, ROWS, completions, created, ended, jsonl, ran
from tests.api.openai_evals.shapes import strictly
from tests.evaluators.code.sandboxing import skip_without_sandbox
from tests.providers import Provider

ASKED: dict[str, Any] = {
    "model": "grader",
    "input": [{"role": "user", "content": "Is {{ sample.output_text }} the capital of {{ item.country }}?"}],
}
TEXTS: dict[str, Any] = {"input": "{{ sample.output_text }}", "reference": "{{ item.capital }}"}
LABEL: dict[str, Any] = {
    **ASKED,
    "type": "label_model",
    "name": "Label: é",
    "labels": ["correct", "wrong"],
    "passing_labels": ["correct"],
}
SCORE: dict[str, Any] = {**ASKED, "type": "score_model", "name": "score", "range": [0, 10], "pass_threshold": 7}
LIKE: dict[str, Any] = {**TEXTS, "type": "text_similarity", "name": "like", "pass_threshold": 0.9}
PYTHON: dict[str, Any] = {
    "type": "python",
    "name": "python",
    "source": "def grade(sample, item):\n    return 1.0 if sample['output_text'] == item['capital'] else 0.25\n",
    "pass_threshold": 0.5,
}
GRADERS: dict[str, Any] = {"same": EXACT | {"name": "same"}, "like": LIKE | {"evaluation_metric": "fuzzy_match"}}
MULTI: dict[str, Any] = {"type": "multi", "name": "multi", "graders": GRADERS, "calculate_output": "(same + like) / 2"}
EVERY = (EXACT, LIKE | {"evaluation_metric": "fuzzy_match"}, LABEL, SCORE, PYTHON, MULTI)


async def test_an_old_script_gets_its_answers_graded_by_every_grader(
    client: openai.AsyncOpenAI, working_api: httpx2.AsyncClient, provider: Provider
) -> None:
    skip_without_sandbox()
    eval_id = await created(client, *EVERY)
    sampling = {"temperature": 0.5, "seed": 7, "max_completion_tokens": 99, "reasoning_effort": "low"}
    run = await ran(client, eval_id, completions(sampling_params=sampling), name="first", metadata={"team": "a"})
    strictly(run)
    assert (run.status, run.name, run.model, run.error, run.metadata) == (
        "completed",
        "first",
        "small",
        None,
        {"team": "a"},
    )
    assert run.result_counts.model_dump() == {"total": 3, "passed": 2, "failed": 1, "errored": 0}
    assert [each.model_dump() for each in run.per_testing_criteria_results] == [
        {"testing_criteria": each["name"], "passed": 2, "failed": 1} for each in EVERY
    ]
    used = {each.run_model_name: each for each in run.per_model_usage}
    assert {name: each.invocation_count for name, each in used.items()} == {"small": 3, "grader": 6}
    assert all(each.total_tokens == each.prompt_tokens + each.completion_tokens > 0 for each in used.values())
    assert run.data_source.model_dump(exclude_none=True)["sampling_params"] == sampling
    asked = next(each.body for each in provider.log if each.body["model"] == "small")
    assert asked.items() >= sampling.items()
    assert asked["messages"][0] == {"role": "system", "content": "Only {the} city 🏙 ü.\n"}

    items = [each async for each in client.evals.runs.output_items.list(run.id, eval_id=eval_id, limit=2)]
    assert [(each.status, each.datasource_item) for each in items] == [
        (state, row["item"]) for state, row in zip(("pass", "fail", "pass"), ROWS, strict=True)
    ]
    wrong = strictly(items[1])
    assert [(each.name, each.type, each.passed) for each in wrong.results] == [
        (each["name"], each["type"], False) for each in EVERY
    ]
    assert [each.score for each in wrong.results] == [0, 0.6, 0, 2, 0.25, 0.3]
    sample = wrong.sample
    assert (sample.output[0].content, sample.input[1].content) == ("Kyoto", "Capital of Japan?")
    assert (sample.temperature, sample.seed, sample.max_completion_tokens, sample.top_p) == (0.5, 7, 99, 1.0)
    again = await client.evals.runs.output_items.retrieve(wrong.id, eval_id=eval_id, run_id=run.id)
    assert again.model_dump() == wrong.model_dump()
    failed = client.evals.runs.output_items.list(run.id, eval_id=eval_id, status="fail", order="desc")
    assert [each.id async for each in failed] == [wrong.id]
    backwards = client.evals.runs.output_items.list(run.id, eval_id=eval_id, order="desc", limit=1)
    assert [each.id async for each in backwards] == [each.id for each in reversed(items)]

    ours = (await working_api.get(f"/v1/runs/{run.id}")).json()
    assert (ours["status"], ours["benchmark_type"]) == ("completed", "openai-eval")
    assert ours["name"] == f"openai-evals/{eval_id}", "evals of one name are benchmarks of their own"
    assert run.report_url == f"{working_api.base_url}/v1/runs/{run.id}/report.html".replace("//v1", "/v1")
    assert (await working_api.get(f"/v1/benchmarks/{ours['name']}")).status_code == 200


async def test_rows_come_from_files_conversations_from_rows_and_answers_from_either(
    client: openai.AsyncOpenAI, working_api: httpx2.AsyncClient, provider: Provider
) -> None:
    eval_id = await created(client)
    run = await ran(client, eval_id, jsonl("Paris", "Osaka"))
    assert run.result_counts.model_dump() == {"total": 2, "passed": 1, "failed": 1, "errored": 0}
    assert (run.model, run.per_model_usage, provider.log) == ("", [], [])

    chat = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "And of Peru?"}]
    rows = [{"item": {"country": "Peru", "capital": "Lima", "chat": chat}}, {"item": {"country": "?", "capital": "?"}}]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    file = await client.files.create(file=("peru.jsonl", content), purpose="evals")
    program = {"name": "our-program", "agent": {"kind": "recorded"}}
    assert (await working_api.post("/v1/agents", json=program)).status_code == 201
    agent = {"name": "our-agent", "agent": {"kind": "openai", "model": "tiny", "base_url": provider.url}}
    assert (await working_api.post("/v1/agents", json=agent)).status_code == 201
    tools = [{"type": "function", "name": "look_up", "description": "", "parameters": {"type": "object"}}]
    source = {
        "type": "responses",
        "model": "our-agent",
        "source": {"type": "file_id", "id": file.id},
        "input_messages": {"type": "item_reference", "item_reference": "item.chat"},
        "sampling_params": {"temperature": 0.25, "tools": tools},
    }
    text = {"text": {"format": {"type": "json_object"}}}
    for model, lacking in (("our-agent", text), ("our-program", {"reasoning_effort": "low"})):
        refused: Any = source | {"model": model, "sampling_params": lacking}
        with pytest.raises(openai.BadRequestError, match="leave that out"):
            await client.evals.runs.create(eval_id, data_source=refused)
    run = strictly(await ran(client, eval_id, source))
    assert run.result_counts.model_dump() == {"total": 2, "passed": 1, "failed": 0, "errored": 1}
    assert (run.model, run.per_model_usage[0].invocation_count) == ("our-agent", 1)
    [asked] = provider.log
    assert (asked.body["model"], asked.body["temperature"]) == ("tiny", 0.25)
    assert asked.body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert asked.body["tools"][0]["function"]["name"] == "look_up"
    [passed, errored] = [each async for each in client.evals.runs.output_items.list(run.id, eval_id=eval_id)]
    assert (passed.status, errored.status) == ("pass", "error")
    assert "no messages in its metadata field" in strictly(errored).sample.error.message


OF_AN_EARLIER_RELEASE = (
    "update scores set version = 'of before'",
    "update run_agents set metrics = jsonb_set(metrics, '{scores,0,version}', '\"of before\"')",
)


async def test_the_responses_api_is_asked_and_meanings_are_compared_and_a_run_outlives_upgrades_until_it_is_forgotten(
    client: openai.AsyncOpenAI, working_api: httpx2.AsyncClient, provider: Provider, settings: Settings
) -> None:
    eval_id = await created(client, LIKE | {"evaluation_metric": "cosine", "reference": "Paris"})
    form = {"format": {"type": "json_schema", "name": "city", "schema": {"type": "object"}}}
    sampling = {"max_completion_tokens": 9, "seed": 3, "text": form}
    run = strictly(await ran(client, eval_id, completions(type="responses", sampling_params=sampling)))
    assert run.result_counts.model_dump() == {"total": 3, "passed": 1, "failed": 2, "errored": 0}
    asked = next(each for each in provider.log if each.body["model"] == "small")
    assert asked.path == "/v1/responses"
    assert (asked.body["max_output_tokens"], asked.body["text"], "seed" in asked.body) == (9, form, False)
    assert [each["role"] for each in asked.body["input"]] == ["system", "user"]
    async with open_engine(settings.database_url, pool_size=1) as engine:
        async with engine.begin() as connection:
            for aged in OF_AN_EARLIER_RELEASE:
                await connection.execute(text(aged))
        assert strictly(await client.evals.runs.retrieve(run.id, eval_id=eval_id)) == run
        items = [each async for each in client.evals.runs.output_items.list(run.id, eval_id=eval_id)]
        assert [(each.status, len(each.results)) for each in items] == [("pass", 1), ("fail", 1), ("fail", 1)]
        exported = await working_api.get(f"/v1/runs/{run.id}/export", params={"format": "jsonl"})
        assert [len(json.loads(line)["scores"]) for line in exported.text.splitlines()] == [1, 1, 1]
        own = (await working_api.get(f"/v1/runs/{run.id}/items", params={"min_score": "0"})).json()["items"]
        assert [score["stale"] for item in own for score in item["scores"]] == [False] * 3
        await Retention(engine).forget(run.id)
    assert [each.id async for each in client.evals.runs.list(eval_id)] == []


async def test_a_run_is_cancelled_listed_by_status_and_deleted(client: openai.AsyncOpenAI) -> None:
    eval_id = await created(client)
    finished = await ran(client, eval_id, jsonl("Paris"))
    run = await client.evals.runs.create(eval_id, data_source=completions())  # type: ignore[arg-type]
    strictly(run)
    assert run.status in ("queued", "in_progress")
    strictly(await client.evals.runs.cancel(run.id, eval_id=eval_id))
    async with asyncio.timeout(60):
        cancelled = await ended(client, eval_id, run.id)
    assert cancelled.status in ("canceled", "completed")
    listed = [each.id async for each in client.evals.runs.list(eval_id, limit=1)]
    assert listed == [finished.id, run.id]
    assert [each.id async for each in client.evals.runs.list(eval_id, status="completed", order="desc")] == [
        each.id for each in (cancelled, finished) if each.status == "completed"
    ]
    deleted = strictly(await client.evals.runs.delete(finished.id, eval_id=eval_id))
    assert (deleted.deleted, deleted.run_id) == (True, finished.id)
    assert [each.id async for each in client.evals.runs.list(eval_id)] == [run.id]


async def test_the_script_of_the_documentation_runs_as_it_is_written(
    working_api: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "openai-evals.md").read_text()
    names: dict[str, Any] = {"__name__": "documentation"}
    exec(page.partition("```python\n")[2].partition("```")[0], names)

    def script() -> None:
        base = f"{working_api.base_url}".rstrip("/")
        with openai.OpenAI(base_url=f"{base}/v1", api_key="any", max_retries=0) as client:
            names["grade_capitals"](client)

    await asyncio.to_thread(script)
    printed = capsys.readouterr().out
    assert "completed ResultCounts(errored=0, failed=1, passed=1, total=2)" in printed
    assert "{'capital': 'Tokyo', 'country': 'Japan'} Kyoto" in printed
