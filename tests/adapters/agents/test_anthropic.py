"""The Anthropic agent against a provider on loopback: what is sent, and what becomes of every kind of answer."""

import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.agents.anthropic import AnthropicAgent, AnthropicSettings
from core.benchmarks import Price
from core.cases import Message, Question, Usage
from core.errors import (
    AgentRefused,
    AgentUnusable,
    BadAnswer,
    BenchmarkError,
    KeyRefused,
    QuotaExhausted,
    Throttled,
    TimedOut,
    Unavailable,
)
from tests.adapters.agents.asking import CANARY, ContextMaker, question
from tests.providers import Hangs, Provider, Resets, Sends, Status
from tests.shapes import Says


def build(provider: Provider, context: ContextMaker, *, contextual: dict[str, Any] | None = None, **settings: Any):
    values = {"model": "claude", "base_url": provider.root, "credential": "lab", **settings}
    return AnthropicAgent(AnthropicSettings.model_validate(values), context(**contextual or {}))


@pytest.fixture
def agent(provider: Provider, context: ContextMaker) -> AnthropicAgent:
    return build(provider, context)


async def test_the_system_message_travels_apart_from_the_turns(agent: AnthropicAgent, provider: Provider) -> None:
    turns = [
        {"role": "user", "content": "2+2?"},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "6*7?"},
    ]
    messages = [Message.model_validate(turn) for turn in ({"role": "system", "content": "Be brief."}, *turns)]
    await agent.ask(Question(case_id="c", messages=tuple(messages)))
    seen = provider.log[0]
    assert (seen.method, seen.path) == ("POST", "/v1/messages")
    assert CANARY in seen.headers["authorization"]
    assert seen.headers["anthropic-version"]
    assert seen.body == {
        "model": "claude",
        "max_tokens": 4096,
        "system": "Be brief.",
        "messages": turns,
    }


async def test_an_answer_arrives_with_all_that_the_provider_tells_about_it(
    agent: AnthropicAgent, provider: Provider
) -> None:
    provider.next(Says("42", model="claude-2026"))
    reply = await agent.ask(question())
    assert (reply.text, reply.model, reply.finish_reason, reply.response_id) == ("42", "claude-2026", "stop", "r-1")
    assert reply.usage == Usage(input_tokens=13, output_tokens=5, cached_input_tokens=3)
    assert reply.cost_usd is None


async def test_every_parameter_of_the_settings_is_sent(provider: Provider, context: ContextMaker) -> None:
    agent = build(
        provider, context, max_tokens=7, temperature=0.5, top_p=0.9, top_k=3, stop=["END"], effort="low",
        extra_body={"thinking": {"type": "disabled"}},
    )  # fmt: skip
    await agent.ask(question("q"))
    assert provider.log[0].body == {
        "model": "claude", "messages": [{"role": "user", "content": "q"}], "max_tokens": 7, "temperature": 0.5,
        "top_p": 0.9, "top_k": 3, "stop_sequences": ["END"], "output_config": {"effort": "low"},
        "thinking": {"type": "disabled"},
    }  # fmt: skip


THOUGHT = {"type": "thinking", "thinking": "hm"}
PARTS = [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]


@pytest.mark.parametrize(
    ("says", "text", "finish"),
    [
        (Says("The answer", finish="max_tokens"), "The answer", "length"),
        (Says("", finish="refusal"), "", "refusal"),
        (Says("", message={"content": []}), "", "stop"),
        (Says("x", message={"content": [THOUGHT, *PARTS]}), "42", "stop"),
    ],
)
async def test_an_unusual_answer_is_kept_as_what_it_is(
    says: Says, text: str, finish: str, agent: AnthropicAgent, provider: Provider
) -> None:
    provider.next(says)
    reply = await agent.ask(question())
    assert (reply.text, reply.finish_reason) == (text, finish)


@pytest.mark.parametrize(
    "behaviour",
    [
        Says("", finish="tool_use", message={"content": [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]}),
        Says("4\x002"),
        Sends(b"{}"),
        Sends(b'{"content": "42"}'),
        Sends(b'{"content": [{"type": "text", "text": "4'),
        Sends(b'{"content": [{"type": "text", "text": "42"}], "odd": Infinity}'),
        Sends(rb'{"content": [{"type": "text", "text": "\udfff"}]}'),
    ],
)
async def test_what_is_no_answer_is_an_error_that_keeps_it(
    behaviour: Says | Sends, agent: AnthropicAgent, provider: Provider
) -> None:
    provider.next(behaviour)
    with pytest.raises(BadAnswer) as caught:
        await agent.ask(question())
    assert caught.value.raw
    assert caught.value.raw.isprintable()


def told(kind: str, message: str, code: str | None = None) -> bytes:
    details = f', "details": {{"error_code": "{code}"}}' if code else ""
    return f'{{"type": "error", "error": {{"type": "{kind}", "message": "{message}"{details}}}}}'.encode()


STATUSES: list[tuple[Status, type[BenchmarkError], str]] = [
    (Status(400, body=told("invalid_request_error", "prompt is too long")), AgentRefused, "too long"),
    (Status(400, body=told("invalid_request_error", "Your credit balance is too low")), QuotaExhausted, "credit"),
    (Status(400, body=told("invalid_request_error", "held", "organization_on_hold")), KeyRefused, "held"),
    (Status(401, body=told("authentication_error", "invalid key")), KeyRefused, "key"),
    (Status(402, body=told("billing_error", "pay")), QuotaExhausted, "pay"),
    (Status(403, body=told("permission_error", "no")), KeyRefused, "403"),
    (Status(404, body=told("not_found_error", "model: claude")), AgentUnusable, "`model`"),
    (Status(413, body=told("request_too_large", "large")), AgentRefused, "large"),
    (Status(429, body=told("rate_limit_error", "slow down")), Throttled, "slow down"),
    (Status(429, body=told("rate_limit_error", "cap", "enforced_spend_limit_reached")), QuotaExhausted, "cap"),
    (Status(500, body=told("api_error", "oops")), Unavailable, "oops"),
    (Status(503, body=b"<html>"), Unavailable, "html"),
    (Status(529, body=told("overloaded_error", "Overloaded")), Throttled, "Overloaded"),
    (Status(307, body=b""), AgentUnusable, "Redirects"),
]


@pytest.mark.parametrize(("status", "error", "words"), STATUSES, ids=lambda value: str(getattr(value, "status", "")))
async def test_every_status_is_translated_and_asked_once(
    status: Status, error: type[BenchmarkError], words: str, agent: AnthropicAgent, provider: Provider
) -> None:
    provider.next(status)
    with pytest.raises(error, match=words) as caught:
        await agent.ask(question())
    assert type(caught.value) is error
    assert len(provider.log) == 1


async def test_a_throttled_call_says_when_to_come_back(agent: AnthropicAgent, provider: Provider) -> None:
    provider.next(Status(429, headers={"Retry-After": "7"}))
    with pytest.raises(Throttled) as caught:
        await agent.ask(question())
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(("behaviour", "error"), [(Resets(), Unavailable), (Hangs(), TimedOut)])
async def test_a_call_that_breaks_is_asked_once(
    behaviour: Resets | Hangs, error: type[BenchmarkError], provider: Provider, context: ContextMaker
) -> None:
    provider.next(behaviour)
    with pytest.raises(error):
        await build(provider, context, contextual={"timeout_s": 0.3}).ask(question())
    assert len(provider.log) == 1


async def test_a_key_that_the_provider_echoes_is_found_nowhere(agent: AnthropicAgent, provider: Provider) -> None:
    provider.next(Status(401, f"invalid {CANARY}"))
    with pytest.raises(AgentUnusable) as caught:
        await agent.ask(question())
    assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))


async def test_the_environments_key_goes_to_its_own_provider_only(provider: Provider, context: ContextMaker) -> None:
    environ = {"ANTHROPIC_API_KEY": CANARY, "ANTHROPIC_BASE_URL": provider.root}
    await build(provider, context, credential=None, base_url=None, contextual={"environ": environ}).ask(question())
    foreign = {"ANTHROPIC_API_KEY": CANARY}
    await build(provider, context, credential=None, contextual={"environ": foreign}).ask(question())
    assert [CANARY in seen.headers.get("authorization", "") for seen in provider.log] == [True, False]


async def test_anthropic_itself_without_a_key_says_which_variable_to_set(context: ContextMaker) -> None:
    with pytest.raises(AgentUnusable, match="set ANTHROPIC_API_KEY"):
        await AnthropicAgent(AnthropicSettings(model="claude"), context()).ask(question())


async def test_the_sdks_own_environment_is_not_consulted(
    provider: Provider, context: ContextMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "of-the-operator")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Internal: of-the-operator")
    await build(provider, context, credential=None).ask(question())
    assert "of-the-operator" not in str(provider.log[0].headers)


async def test_an_explicit_price_makes_the_cost(provider: Provider, context: ContextMaker) -> None:
    agent = build(provider, context, contextual={"price": Price(input=1.0, output=10.0)})
    assert (await agent.ask(question())).cost_usd == pytest.approx((13 * 1 + 5 * 10) / 1e6)


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(ValidationError, match="cannot set system"):
        AnthropicSettings.model_validate({"model": "m", "extra_body": {"system": "x"}})
