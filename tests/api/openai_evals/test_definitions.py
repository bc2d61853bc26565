"""Evals and files as OpenAI's client makes, changes and lists them, and what it raises for those that cannot work."""

import asyncio
import json
from typing import Any

import httpx2
import openai
import pytest
from pydantic import SecretStr

from core.settings import Settings
from tests.api.conftest import served
from tests.api.openai_evals.conftest import openai_client
from tests.api.openai_evals.scripts import CONFIG, EXACT, ITEM_SCHEMA, ROWS, completions, created, jsonl
from tests.api.openai_evals.shapes import strictly


async def test_an_eval_is_made_renamed_listed_and_deleted(idle: openai.AsyncOpenAI) -> None:
    wanted: dict[str, Any] = {
        "data_source_config": CONFIG,
        "testing_criteria": [EXACT],
        "metadata": {"team": "a"},
        "extra_body": OLD,
    }
    made = strictly(await idle.evals.create(name="Capitals: façade", **wanted))
    config: Any = made.data_source_config
    assert (made.name, made.metadata, config.schema_["properties"]["item"]) == (
        "Capitals: façade",
        {"team": "a"},
        ITEM_SCHEMA,
    )
    assert [each.model_dump() for each in made.testing_criteria] == [EXACT]
    assert (await idle.evals.retrieve(made.id)).model_dump() == made.model_dump()
    changed = strictly(await idle.evals.update(made.id, name="Other", metadata={"team": "b"}))
    assert (changed.id, changed.name, changed.metadata) == (made.id, "Other", {"team": "b"})
    others = [await created(idle) for _ in range(2)]
    assert [each.id async for each in idle.evals.list(limit=2)] == [made.id, *others]
    assert [each.id async for each in idle.evals.list(limit=2, order="desc")] == [*reversed(others), made.id]
    await idle.evals.update(made.id, metadata=None)
    latest = [each.id async for each in idle.evals.list(limit=1, order="desc", order_by="updated_at")]
    assert latest == [made.id, *reversed(others)]
    deleted = strictly(await idle.evals.delete(made.id))
    assert (deleted.deleted, deleted.eval_id) == (True, made.id)
    with pytest.raises(openai.NotFoundError, match="There is no eval"):
        await idle.evals.retrieve(made.id)


async def test_files_are_datasets(idle: openai.AsyncOpenAI, api: httpx2.AsyncClient) -> None:
    content = b"\n".join(json.dumps(row).encode() for row in ROWS)
    file = await idle.files.create(file=("capitals.jsonl", content), purpose="evals")
    assert (file.filename, file.bytes, file.purpose, file.status) == (
        "capitals.jsonl",
        len(content),
        "evals",
        "processed",
    )
    # The type of files in answers forgets the purpose that the type of uploads has.
    strictly(file.model_copy(update={"purpose": "user_data"}))
    assert (await idle.files.content(file.id)).content == content
    assert [each.id async for each in idle.files.list(purpose="evals")] == [file.id]
    assert (await idle.files.retrieve(file.id)).model_dump() == file.model_dump()
    names = [each["name"] for each in (await api.get("/v1/datasets")).json()["items"]]
    assert names == ["openai-files/capitals.jsonl"]
    assert strictly(await idle.files.delete(file.id)).deleted
    with pytest.raises(openai.NotFoundError, match="There is no file"):
        await idle.files.retrieve(file.id)
    with pytest.raises(openai.BadRequestError, match="Line 1"):
        await idle.files.create(file=("x.jsonl", b"{"), purpose="evals")
    with pytest.raises(openai.BadRequestError, match="`purpose` is one of"):
        await idle.files.create(file=("x.jsonl", content), purpose="vision")


OLD = {"share_with_openai": True}
"""What earlier versions of the API took."""
ASTRAY = EXACT | {"input": "{{ row.x }}"}
LABEL = {
    "type": "label_model",
    "name": "l",
    "model": "grader",
    "input": [{"role": "user", "content": "?"}],
    "labels": ["a"],
    "passing_labels": ["b"],
}
PYTHON = {"type": "python", "name": "p", "source": "def grade(sample, item): return 1"}


REFUSED_EVALS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"testing_criteria": [EXACT | {"operation": "is"}]}, "'operation' must be", "testing_criteria[0].operation"),
    (
        {"testing_criteria": [EXACT, EXACT | {"input": "{{ row.x }}"}]},
        "begins with `item`",
        "testing_criteria[1].input",
    ),
    ({"testing_criteria": [PYTHON]}, "BENCHMARK_CODE_EXECUTION", "testing_criteria[0].kind"),
    ({"testing_criteria": []}, "at least one entry", "testing_criteria"),
    (
        {"testing_criteria": [EXACT | {"input": 3}]},
        r"text at '/testing_criteria/0/input'\.",
        "testing_criteria[0].input",
    ),
    ({"testing_criteria": [LABEL]}, "'label_model' rejects its settings: `passing_labels`", "testing_criteria[0]"),
    ({"data_source_config": {"type": "logs"}}, "There is no log of completions here", "data_source_config"),
    ({"data_source_config": {"type": "custom", "item_schema": {"type": 1}}}, "schema", None),
    ({"metadata": {"x": "y" * 600}}, "512", None),
]


async def test_an_eval_that_cannot_work_is_a_bad_request_that_says_why(idle: openai.AsyncOpenAI) -> None:
    for changes, told, param in REFUSED_EVALS:
        wanted: dict[str, Any] = {"data_source_config": CONFIG, "testing_criteria": [EXACT], **changes}
        with pytest.raises(openai.BadRequestError, match=told) as caught:
            await idle.evals.create(**wanted)
        assert (caught.value.type, caught.value.code) == ("invalid_request_error", "invalid_request")
        assert param is None or caught.value.param == param


MODELLESS = {name: value for name, value in completions().items() if name != "model"}
IMAGE = {"role": "user", "content": {"type": "input_image", "image_url": "https://example.com/x.png"}}


REFUSED_RUNS: list[tuple[Any, str]] = [
    (completions(source={"type": "stored_completions"}), "no log of completions"),
    (completions(input_messages={"type": "template", "template": [IMAGE]}), "'input_image' can be neither"),
    (completions(source={"type": "file_content", "content": [{"item": {"country": 1, "capital": "x"}}]}), "Row 1"),
    (completions(source={"type": "file_id", "id": "file_none"}), "There is no file 'file_none'"),
    (completions(sampling_params={"temperature": 9}), "temperature"),
    (completions(sampling_params={"tools": [{"type": "web_search"}]}), "tools are functions here"),
    (
        jsonl("Paris", source={"type": "file_content", "content": [{**ROWS[0], "sample": {}}, ROWS[1]]}),
        "1 of 2 rows have a `sample`",
    ),
    (MODELLESS, "'model' is missing"),
]


async def test_a_run_that_cannot_work_is_refused_and_starts_nothing(
    idle: openai.AsyncOpenAI, api: httpx2.AsyncClient
) -> None:
    eval_id = await created(idle)
    for source, told in REFUSED_RUNS:
        with pytest.raises((openai.BadRequestError, openai.NotFoundError), match=told) as caught:
            await idle.evals.runs.create(eval_id, data_source=source)
        if told == "temperature":
            assert caught.value.param == "data_source.sampling_params.temperature"
    assert (await api.get("/v1/runs")).json()["items"] == []


async def test_every_error_is_one_of_openais_and_a_problem_of_ours(
    idle: openai.AsyncOpenAI, api: httpx2.AsyncClient, settings: Settings
) -> None:
    async with (
        served(settings.model_copy(update={"api_key": SecretStr("ours")})) as locked,
        openai_client(locked) as client,
    ):
        with pytest.raises(openai.AuthenticationError, match="API key") as caught:
            await client.evals.list()
        assert caught.value.type == "authentication_error"
        own = client.with_options(api_key="ours")
        assert [each.id async for each in own.evals.list()] == []
    eval_id = await created(idle)
    with pytest.raises(openai.NotFoundError, match="has no run"):
        await idle.evals.runs.retrieve("run_none", eval_id=eval_id)
    answer = await api.get("/v1/evals/eval_none")
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (body["type"], body["status"], body["detail"]) == ("/problems/not-found", 404, body["error"]["message"])
    assert body["error"] | {"message": ""} == {
        "message": "",
        "type": "invalid_request_error",
        "param": None,
        "code": "not_found",
    }


async def test_a_run_is_accepted_while_temporal_is_away_and_the_blocking_client_works_too(
    idle: openai.AsyncOpenAI, api: httpx2.AsyncClient
) -> None:
    eval_id = await created(idle)

    def script() -> Any:
        base = f"{api.base_url}".rstrip("/")
        with openai.OpenAI(base_url=f"{base}/v1", api_key="any", max_retries=0) as client:
            source: Any = jsonl("Paris", "Kyoto", input_messages=None)
            run = client.evals.runs.create(eval_id, data_source=source, name="later")
            assert [each.id for each in client.evals.runs.list(eval_id, status="queued")] == [run.id]
            assert list(client.evals.runs.output_items.list(run.id, eval_id=eval_id)) == []
            return run

    run = strictly(await asyncio.to_thread(script))
    assert (run.status, run.result_counts.total) == ("queued", 0)
    assert run.data_source.model_dump(exclude_none=True) == jsonl("Paris", "Kyoto")
    [ours] = (await api.get("/v1/runs")).json()["items"]
    assert (ours["run_id"], ours["config"]["tags"]) == (run.id, {"openai_eval": eval_id})
