"""The OpenAI agent against a provider on loopback: what is sent, and what becomes of every kind of answer."""

import asyncio
import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.agents.openai import OpenAIAgent, OpenAISettings
from adapters.network.guard import NetworkGuard
from adapters.network.transport import HttpPool
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


@pytest.fixture
def agent(provider: Provider, context: ContextMaker) -> OpenAIAgent:
    return OpenAIAgent(OpenAISettings(model="m", base_url=provider.url, credential="lab"), context())


def build(provider: Provider, context: ContextMaker, *, contextual: dict[str, Any] | None = None, **settings: Any):
    values = {"model": "m", "base_url": provider.url, **settings}
    return OpenAIAgent(OpenAISettings.model_validate(values), context(**contextual or {}))


async def test_a_chat_answer_arrives_with_all_that_the_provider_tells_about_it(
    agent: OpenAIAgent, provider: Provider
) -> None:
    provider.next(Says("42", model="m-2026", latency_s=0.05))
    reply = await agent.ask(question(system="Be brief."))
    assert (reply.text, reply.model, reply.finish_reason) == ("42", "m-2026", "stop")
    assert reply.usage == Usage(input_tokens=10, output_tokens=5, cached_input_tokens=3, reasoning_tokens=2)
    assert (reply.response_id, reply.fingerprint) == ("r-1", "fp-1")
    assert 0.05 <= reply.latency_s < 2
    assert reply.cost_usd is None


async def test_a_chat_request_bears_the_messages_the_key_and_only_the_parameters_that_were_set(
    agent: OpenAIAgent, provider: Provider
) -> None:
    await agent.ask(question(system="Be brief."))
    seen = provider.log[0]
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert seen.headers["authorization"] == f"Bearer {CANARY}"
    assert seen.body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is six times seven?"},
        ],
    }


async def test_every_parameter_of_the_settings_is_sent(provider: Provider, context: ContextMaker) -> None:
    agent = build(
        provider, context, temperature=0, top_p=0.5, max_completion_tokens=7, seed=3, stop=["\n"],
        reasoning_effort="low", extra_body={"top_k": 5},
    )  # fmt: skip
    await agent.ask(question("q"))
    assert provider.log[0].body == {
        "model": "m", "messages": [{"role": "user", "content": "q"}], "temperature": 0, "top_p": 0.5,
        "max_completion_tokens": 7, "seed": 3, "stop": ["\n"], "reasoning_effort": "low", "top_k": 5,
    }  # fmt: skip


async def test_the_responses_api_is_asked_and_read_in_its_own_terms(provider: Provider, context: ContextMaker) -> None:
    agent = build(provider, context, api="responses", max_tokens=9, reasoning_effort="high")
    reply = await agent.ask(question("q", system="s"))
    assert provider.log[0].path == "/v1/responses"
    assert provider.log[0].body == {
        "model": "m",
        "input": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}],
        "max_output_tokens": 9,
        "reasoning": {"effort": "high"},
        "store": False,
    }
    assert (reply.text, reply.finish_reason, reply.response_id) == ("42", "stop", "r-1")
    assert reply.usage == Usage(input_tokens=10, output_tokens=5, cached_input_tokens=3, reasoning_tokens=2)


async def test_a_cut_off_answer_of_the_responses_api_says_so(provider: Provider, context: ContextMaker) -> None:
    agent = build(provider, context, api="responses")
    provider.next(Says("4", finish="incomplete", message={"incomplete_details": {"reason": "max_output_tokens"}}))
    assert (await agent.ask(question())).finish_reason == "length"


@pytest.mark.parametrize(
    ("says", "text", "finish"),
    [
        (Says("The answer is", finish="length"), "The answer is", "length"),
        (Says(None, finish="length"), "", "length"),
        (Says("", finish="stop"), "", "stop"),
        (Says(None, message={"refusal": "I cannot help with that."}), "I cannot help with that.", "refusal"),
        (Says("4", message={"content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}), "42", "stop"),
        (Says("naïve 答え 🦑"), "naïve 答え 🦑", "stop"),
        (Says(r"print('\u0000')"), r"print('\u0000')", "stop"),
    ],
)
async def test_an_unusual_answer_is_kept_as_what_it_is(
    says: Says, text: str, finish: str, agent: OpenAIAgent, provider: Provider
) -> None:
    provider.next(says)
    reply = await agent.ask(question())
    assert (reply.text, reply.finish_reason) == (text, finish)


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (Says("half of", finish="content_filter"), AgentRefused),
        (Says(None, finish="tool_calls", message={"tool_calls": [{"id": "1"}]}), BadAnswer),
        (Says("4\x002"), BadAnswer),
        (Says("42", model="m\x00"), BadAnswer),
    ],
)
async def test_what_is_no_answer_is_an_error(
    says: Says, error: type[BenchmarkError], agent: OpenAIAgent, provider: Provider
) -> None:
    provider.next(says)
    with pytest.raises(error):
        await agent.ask(question())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Bad gateway</html>",
        b'{"choices": [{"message": {"content": "4',
        b'{"choices": [{"message": {"content": "42"}, "logprob": NaN}]}',
        rb'{"choices": [{"message": {"content": "\ud800"}}]}',
        b'{"choices": [{"message": {"content": "\xff\xfe"}}]}',
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 42}}]}',
        b'{"choices": [{"message": {"content": "42"}}], "usage": {"prompt_tokens": -1}}',
        b"[" * 100_000,
        b"null",
        b'"42"',
    ],
)
async def test_garbage_is_a_bad_answer_that_keeps_what_was_sent(
    content: bytes, agent: OpenAIAgent, provider: Provider
) -> None:
    provider.next(Sends(content))
    with pytest.raises(BadAnswer) as caught:
        await agent.ask(question())
    raw = caught.value.raw
    assert len(raw) <= 4096 * 4 + 100
    assert raw.isprintable()
    assert raw.startswith(content[:8].decode())


STATUSES: list[tuple[Status, type[BenchmarkError], str]] = [
    (Status(400, "unknown role"), AgentRefused, "unknown role"),
    (Status(400, "too long", "context_length_exceeded"), AgentRefused, "too long"),
    (Status(400, "no such parameter", "unsupported_parameter"), AgentUnusable, "settings"),
    (Status(400, "filtered", "content_filter"), AgentRefused, "filtered"),
    (Status(401, "bad key", "invalid_api_key"), KeyRefused, "key"),
    (Status(402, "pay first"), QuotaExhausted, "credit"),
    (Status(403, "not for you"), KeyRefused, "not for you"),
    (Status(404, "no model m", "model_not_found"), AgentUnusable, "`model`"),
    (Status(408, "slow"), Unavailable, "slow"),
    (Status(409, "lock"), Unavailable, "lock"),
    (Status(413, "large"), AgentRefused, "large"),
    (Status(422, "odd"), AgentRefused, "odd"),
    (Status(429, "slow down", "rate_limit_exceeded"), Throttled, "slow down"),
    (Status(429, "no money", "insufficient_quota"), QuotaExhausted, "no money"),
    (Status(500, "oops"), Unavailable, "oops"),
    (Status(503, body=b"<html>down</html>"), Unavailable, "down"),
    (Status(529, "overloaded"), Throttled, "overloaded"),
    (Status(302, headers={"Location": "http://169.254.169.254/"}), AgentUnusable, "Redirects are not followed"),
    (Status(422, body=b'{"detail": [{"loc": ["body"], "msg": "bad"}]}'), AgentRefused, '"msg":"bad"'),
]


@pytest.mark.parametrize(("status", "error", "words"), STATUSES, ids=lambda value: str(getattr(value, "status", "")))
async def test_every_status_is_translated_and_asked_once(
    status: Status, error: type[BenchmarkError], words: str, agent: OpenAIAgent, provider: Provider
) -> None:
    provider.next(status)
    with pytest.raises(error, match=words) as caught:
        await agent.ask(question())
    assert type(caught.value) is error
    assert f"127.0.0.1 answered {status.status}" in str(caught.value)
    assert len(provider.log) == 1


async def test_an_error_inside_a_successful_answer_is_an_error(agent: OpenAIAgent, provider: Provider) -> None:
    provider.next(Sends(b'{"error": {"message": "upstream fell over", "code": 502}}'))
    with pytest.raises(Unavailable, match="upstream fell over"):
        await agent.ask(question())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "2.5"}, 2.5),
        ({"Retry-After": "9", "retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
async def test_a_throttled_call_says_when_to_come_back(
    headers: dict[str, str], seconds: float | None, agent: OpenAIAgent, provider: Provider
) -> None:
    provider.next(Status(429, headers=headers), Status(503, headers=headers))
    for error in (Throttled, Unavailable):
        with pytest.raises(error) as caught:
            await agent.ask(question())
        assert caught.value.retry_after == seconds


async def test_a_broken_connection_is_unavailable_and_asked_once(agent: OpenAIAgent, provider: Provider) -> None:
    provider.next(Resets())
    with pytest.raises(Unavailable):
        await agent.ask(question())
    assert len(provider.log) == 1


async def test_no_answer_within_the_deadline_is_timed_out(provider: Provider, context: ContextMaker) -> None:
    agent = build(provider, context, contextual={"timeout_s": 0.2})
    provider.next(Hangs())
    with pytest.raises(TimedOut, match=r"within 0\.2 s"):
        await agent.ask(question())


async def test_a_private_address_makes_the_agent_unusable(provider: Provider, context: ContextMaker) -> None:
    async with HttpPool(NetworkGuard()) as guarded:
        with pytest.raises(AgentUnusable, match="BENCHMARK_NETWORK_ALLOW"):
            await build(provider, context, contextual={"http": guarded}).ask(question())
    assert provider.log == []


async def test_a_key_that_the_provider_echoes_is_found_nowhere(agent: OpenAIAgent, provider: Provider) -> None:
    echo = f"key {CANARY} is wrong".encode()
    provider.next(Status(401, f"Incorrect API key: {CANARY}"), Sends(echo), Says(f"Your key is {CANARY}"))
    for error in (AgentUnusable, BadAnswer):
        with pytest.raises(error) as caught:
            await agent.ask(question())
        told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
        assert CANARY not in told
        assert "***" in told
    assert (await agent.ask(question())).text == "Your key is ***"


async def test_the_environments_key_goes_to_its_own_provider_only(provider: Provider, context: ContextMaker) -> None:
    environ = {"OPENAI_API_KEY": CANARY, "OPENAI_BASE_URL": provider.url}
    await build(provider, context, base_url=None, contextual={"environ": environ}).ask(question())
    await build(provider, context, contextual={"environ": environ}).ask(question())
    await build(provider, context, contextual={"environ": {"OPENAI_API_KEY": CANARY}}).ask(question())
    assert [seen.headers.get("authorization") for seen in provider.log] == [f"Bearer {CANARY}"] * 2 + [None]


async def test_a_credential_of_another_origin_is_not_sent(context: ContextMaker, pool: HttpPool) -> None:
    async with Provider() as elsewhere:
        agent = OpenAIAgent(OpenAISettings(model="m", base_url=elsewhere.url, credential="lab"), context())
        with pytest.raises(AgentUnusable, match="'lab'"):
            await agent.ask(question())
        assert elsewhere.log == []


async def test_openai_itself_without_a_key_says_which_variable_to_set(context: ContextMaker) -> None:
    with pytest.raises(AgentUnusable, match="set OPENAI_API_KEY"):
        await OpenAIAgent(OpenAISettings(model="m"), context()).ask(question())


@pytest.mark.parametrize("key", ["", "  \n", "sk-ünïcode", "two\nlines"])
async def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(
    key: str, provider: Provider, context: ContextMaker
) -> None:
    environ = {"OPENAI_API_KEY": f"{key}x" if "\n" in key.strip() else key or " ", "OPENAI_BASE_URL": provider.url}
    with pytest.raises(AgentUnusable, match=r"^OPENAI_API_KEY cannot be sent: a key is printable ASCII on one line\.$"):
        await build(provider, context, contextual={"environ": environ}).ask(question())


async def test_a_question_that_is_no_text_is_refused_before_it_is_sent(agent: OpenAIAgent, provider: Provider) -> None:
    broken = Question.model_construct(
        case_id="c", messages=(Message.model_construct(role="user", content="half \ud800"),), trial=0
    )
    with pytest.raises(AgentRefused, match="cannot be sent as JSON"):
        await agent.ask(broken)
    assert provider.log == []


async def test_the_sdks_own_environment_is_not_consulted(
    provider: Provider, context: ContextMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-operator")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-operator")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-the-operator")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Internal: of-the-operator")
    await build(provider, context).ask(question())
    assert "of-the-operator" not in str(provider.log[0].headers)


async def test_an_explicit_price_makes_the_cost(provider: Provider, context: ContextMaker) -> None:
    agent = build(provider, context, contextual={"price": Price(input=1.0, output=10.0)})
    assert (await agent.ask(question())).cost_usd == pytest.approx((10 * 1 + 5 * 10) / 1e6)


async def test_a_hundred_first_questions_open_the_agent_once(agent: OpenAIAgent, provider: Provider) -> None:
    replies = await asyncio.gather(*[agent.ask(question()) for _ in range(100)])
    assert {reply.text for reply in replies} == {"42"}
    assert len(provider.log) == 100


async def test_a_cancelled_question_leaves_the_agent_usable(agent: OpenAIAgent, provider: Provider) -> None:
    provider.next(Hangs())
    asking = asyncio.create_task(agent.ask(question()))
    await provider.asked(1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await agent.ask(question())).text == "42"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"max_tokens": 5, "max_completion_tokens": 5}, "not both"),
        ({"api": "responses", "seed": 1}, "no `seed`"),
        ({"extra_body": {"stream": True}}, "cannot set stream"),
        ({"base_url": "ftp://x"}, "http"),
        ({"temprature": 0}, "Extra inputs"),
        ({"model": ""}, "at least 1 character"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        OpenAISettings.model_validate({"model": "m"} | settings)
