"""A question that wants its reply in a form: the provider is told the schema, in the words of either API."""

from typing import Any

import pytest

from adapters.agents.openai import OpenAIAgent, OpenAISettings
from tests.adapters.agents.asking import ContextMaker, question
from tests.providers import Provider


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_reply_is_held_to_the_schema_of_its_question(
    provider: Provider, context: ContextMaker, api: str
) -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    held = question().model_copy(update={"reply_schema": schema})
    settings = OpenAISettings.model_validate({"model": "m", "base_url": provider.url, "api": api})
    asked = OpenAIAgent(settings, context())
    await asked.ask(held)
    await asked.ask(question())
    first, second = (each.body for each in provider.log)
    named = {"name": "reply", "strict": True, "schema": schema}
    if api == "chat":
        assert first["response_format"] == {"type": "json_schema", "json_schema": named}
    else:
        assert first["text"] == {"format": {"type": "json_schema", **named}}
    assert second.keys() & {"response_format", "text"} == set()
