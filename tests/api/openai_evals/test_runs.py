"""Eval runs from their start to their last output item, through OpenAI's client."""

import httpx2
import openai

from tests.api.openai_evals.scripts import EXACT, completions, created, jsonl, ran
from tests.providers import Provider


async def test_an_old_script_gets_its_answers_graded(
    client: openai.AsyncOpenAI, working_api: httpx2.AsyncClient, provider: Provider
) -> None:
    eval_id = await created(client)
    run = await ran(client, eval_id, completions(sampling_params={"temperature": 0.5, "seed": 7}), name="first")
    assert (run.status, run.name, run.model, run.error) == ("completed", "first", "small", None)
    assert run.result_counts.model_dump() == {"total": 3, "passed": 2, "failed": 1, "errored": 0}
    [criterion] = run.per_testing_criteria_results
    assert criterion.model_dump() == {"testing_criteria": "Right capital", "passed": 2, "failed": 1}
    [usage] = run.per_model_usage
    assert (usage.run_model_name, usage.invocation_count) == ("small", 3)
    asked = provider.log[0].body
    assert (asked["temperature"], asked["seed"]) == (0.5, 7)
    assert [each["role"] for each in asked["messages"]] == ["system", "user"]
    assert asked["messages"][0]["content"] == "Only {the} city.\n"


async def test_rows_that_bring_their_answers_are_graded_and_nobody_is_asked(
    client: openai.AsyncOpenAI, provider: Provider
) -> None:
    eval_id = await created(client)
    run = await ran(client, eval_id, jsonl("Paris", "Osaka"))
    assert run.result_counts.model_dump() == {"total": 2, "passed": 1, "failed": 1, "errored": 0}
    assert (run.model, run.per_model_usage, provider.log) == ("", [], [])
    assert EXACT["name"] == run.per_testing_criteria_results[0].testing_criteria
