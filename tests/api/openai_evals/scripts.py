"""What old scripts send, and how they wait."""

import asyncio
from typing import Any

import openai

from core.ids import new_id

ITEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"country": {"type": "string"}, "capital": {"type": "string"}},
    "required": ["country", "capital"],
}
CONFIG: dict[str, Any] = {"type": "custom", "item_schema": ITEM_SCHEMA, "include_sample_schema": True}
EXACT: dict[str, Any] = {
    "type": "string_check",
    "name": "Right capital",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.capital }}",
    "operation": "eq",
}
ROWS: list[dict[str, Any]] = [
    {"item": {"country": "France", "capital": "Paris"}},
    {"item": {"country": "Japan", "capital": "Tokyo"}},
    {"item": {"country": "Peru", "capital": "Lima"}},
]
TEMPLATE: dict[str, Any] = {
    "type": "template",
    "template": [
        {"type": "message", "role": "developer", "content": {"type": "input_text", "text": "Only {the} city 🏙 ü.\n"}},
        {"role": "user", "content": "Capital of {{item.country}}?"},
    ],
}
ENDED = ("completed", "failed", "canceled")


def completions(**changes: Any) -> dict[str, Any]:
    return {
        "type": "completions",
        "model": "small",
        "source": {"type": "file_content", "content": ROWS},
        "input_messages": TEMPLATE,
        **changes,
    }


def jsonl(*texts: str, **changes: Any) -> dict[str, Any]:
    rows = [{**row, "sample": {"output_text": text}} for row, text in zip(ROWS, texts, strict=False)]
    return {"type": "jsonl", "source": {"type": "file_content", "content": rows}, **changes}


async def created(client: openai.AsyncOpenAI, *criteria: dict[str, Any], **changes: Any) -> str:
    wanted: dict[str, Any] = {"data_source_config": CONFIG, "testing_criteria": criteria or [EXACT], **changes}
    return (await client.evals.create(name=new_id("msg"), **wanted)).id


async def ended(client: openai.AsyncOpenAI, eval_id: str, run_id: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            run = await client.evals.runs.retrieve(run_id, eval_id=eval_id)
            if run.status in ENDED:
                return run
            await asyncio.sleep(0.1)


async def ran(client: openai.AsyncOpenAI, eval_id: str, source: Any, **named: Any) -> Any:
    """The run, once it has ended."""
    run = await client.evals.runs.create(eval_id, data_source=source, **named)
    return await ended(client, eval_id, run.id)
