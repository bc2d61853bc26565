"""Tools on the wire: what each provider is offered, and the calls that come back by the names the question had."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from adapters.agents.anthropic import AnthropicAgent, AnthropicSettings
from adapters.agents.http import HttpAgent, HttpSettings
from adapters.agents.openai import OpenAIAgent, OpenAISettings
from adapters.agents.subprocess import SubprocessAgent, SubprocessSettings
from adapters.agents.tools import DEEPEST, Toolbox, read_arguments
from core.cases import Question, Tool, ToolCall
from core.errors import BadAnswer
from tests.adapters.agents.asking import ContextMaker, question
from tests.providers import Provider, Sends
from tests.shapes import Says

AREA = Tool(
    name="geometry.area",
    description="The area of a triangle.",
    parameters={
        "type": "dict",
        "properties": {"base": {"type": "float"}, "sides": {"type": "tuple", "items": {"type": "integer"}}},
        "required": ["base"],
    },
)
SCHEMA = {
    "type": "object",
    "properties": {"base": {"type": "number"}, "sides": {"type": "array", "items": {"type": "integer"}}},
    "required": ["base"],
}
SENT = {"name": "geometry_area", "description": "The area of a triangle."}
CALLED = ToolCall(name="geometry.area", arguments={"base": 10})


def about_area() -> Question:
    return question("How large is it?", tools=(AREA,))


def chat_calls(*arguments: object) -> dict[str, Any]:
    calls = [{"type": "function", "function": {"name": "geometry_area", "arguments": each}} for each in arguments]
    return {"tool_calls": calls}


@pytest.fixture
def chat(provider: Provider, context: ContextMaker) -> OpenAIAgent:
    return OpenAIAgent(OpenAISettings(model="m", base_url=provider.url), context())


@pytest.fixture
def responses(provider: Provider, context: ContextMaker) -> OpenAIAgent:
    return OpenAIAgent(OpenAISettings(model="m", base_url=provider.url, api="responses"), context())


@pytest.fixture
def claude(provider: Provider, context: ContextMaker) -> AnthropicAgent:
    return AnthropicAgent(AnthropicSettings(model="m", base_url=provider.root), context())


async def test_chat_completions_offer_tools_and_hear_calls(chat: OpenAIAgent, provider: Provider) -> None:
    provider.next(Says(None, finish="tool_calls", message=chat_calls('{"base": 10}', '{"base": 10}')))
    reply = await chat.ask(about_area())
    assert provider.log[0].body["tools"] == [{"type": "function", "function": {**SENT, "parameters": SCHEMA}}]
    assert reply.tool_calls == (CALLED, CALLED)
    assert (reply.text, reply.finish_reason) == ("", "tool_calls")


async def test_the_responses_api_offers_tools_and_hears_calls(responses: OpenAIAgent, provider: Provider) -> None:
    call = {"type": "function_call", "call_id": "c", "name": "geometry_area", "arguments": '{"base": 10}'}
    provider.next(Says(None, message={"output": [{"type": "reasoning"}, call]}))
    reply = await responses.ask(about_area())
    assert provider.log[0].body["tools"] == [{"type": "function", "strict": False, **SENT, "parameters": SCHEMA}]
    assert reply.tool_calls == (CALLED,)


async def test_anthropic_is_offered_tools_and_its_calls_are_heard(claude: AnthropicAgent, provider: Provider) -> None:
    blocks = [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "1", "name": "geometry_area", "input": {"base": 10}},
    ]
    provider.next(Says(None, finish="tool_use", message={"content": blocks}))
    reply = await claude.ask(about_area())
    assert provider.log[0].body["tools"] == [{**SENT, "input_schema": SCHEMA}]
    assert reply.tool_calls == (CALLED,)
    assert (reply.text, reply.finish_reason) == ("Let me see.", "tool_calls")


async def test_an_http_agent_gets_tools_by_its_template_and_tells_calls_by_a_path(
    provider: Provider, context: ContextMaker
) -> None:
    body: dict[str, JsonValue] = {"question": "{{ text }}", "functions": "{{ tools }}"}
    agent = HttpAgent(HttpSettings(url=f"{provider.root}/ask", body=body, tool_calls="steps[].call"), context())
    call = {"function": {"name": "geometry.area", "arguments": '{"base": 10}'}}
    provider.next(Sends(json.dumps({"steps": [{"call": call}, {"call": {"name": "stop"}}]}).encode()))
    reply = await agent.ask(about_area())
    assert provider.log[0].body["functions"] == [AREA.model_dump()]
    assert reply.tool_calls == (CALLED, ToolCall(name="stop", arguments={}))
    assert reply.text == ""
    provider.next(Sends(b'{"steps": [{"call": 5}]}'))
    with pytest.raises(BadAnswer, match="a call of a tool has no name"):
        await agent.ask(about_area())
    assert (await agent.ask(about_area())).tool_calls == ()


async def test_a_program_is_told_the_tools_and_tells_its_calls(context: ContextMaker) -> None:
    program = str(Path(__file__).with_name("line_agent.py"))
    settings = SubprocessSettings(command=(sys.executable, program))
    agent = SubprocessAgent(settings, context(allowed_commands=(sys.executable,)))
    try:
        reply = await agent.ask(question("tools", tools=(AREA,)))
        assert (reply.text, reply.tool_calls) == ("", (CALLED,))
        with pytest.raises(BadAnswer, match="a call of a tool has no name"):
            await agent.ask(question("no call"))
    finally:
        await agent.aclose()


async def test_an_agent_may_answer_without_calling(chat: OpenAIAgent, provider: Provider) -> None:
    reply = await chat.ask(about_area())
    assert (reply.text, reply.tool_calls) == ("42", ())


async def test_without_tools_nothing_is_offered_and_a_call_is_no_answer(chat: OpenAIAgent, provider: Provider) -> None:
    provider.next(Says(None, finish="tool_calls", message=chat_calls("{}")))
    with pytest.raises(BadAnswer, match="called a tool instead of answering"):
        await chat.ask(question())
    assert "tools" not in provider.log[0].body


@pytest.mark.parametrize(
    "written", ['{"base": 10', "10 cm", r'{"base": "\u0000"}', '{"base": NaN}', f'{{"base": {10**30}}}']
)
async def test_arguments_that_cannot_be_read_stay_as_they_were_written(
    written: str, chat: OpenAIAgent, provider: Provider
) -> None:
    provider.next(Says(None, finish="tool_calls", message=chat_calls(written)))
    reply = await chat.ask(about_area())
    assert reply.tool_calls == (ToolCall(name="geometry.area", arguments=written),)


def test_arguments_nested_without_end_are_not_read() -> None:
    deepest = "[" * DEEPEST + "]" * DEEPEST
    assert isinstance(read_arguments(deepest), list)
    assert read_arguments(f"[{deepest}]") == f"[{deepest}]"
    assert read_arguments("[" * 100_000) == "[" * 100_000
    assert read_arguments("") == {}


def test_every_tool_has_a_name_of_its_own_that_providers_take() -> None:
    tools = Toolbox([Tool(name=name) for name in ("a.b", "a_b", "a b", "x" * 80, "x" * 70, "")])
    names = [str(each["name"]) for each in tools.messages() if isinstance(each, dict)]
    assert names == ["a_b", "a_b_2", "a_b_3", "x" * 64, "x" * 62 + "_2", "_"]
    assert [tools.call(name, {}).name for name in names] == ["a.b", "a_b", "a b", "x" * 80, "x" * 70, ""]
    assert tools.call("unknown", {}).name == "unknown"


def test_a_tool_without_parameters_takes_an_empty_object() -> None:
    assert Toolbox([Tool(name="now")]).messages() == [
        {"name": "now", "description": "", "input_schema": {"type": "object", "properties": {}}}
    ]
