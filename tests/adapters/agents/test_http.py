"""The HTTP agent against a provider on loopback: requests from templates, answers by their path."""

import traceback
from base64 import b64encode
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.agents.http import HttpAgent, HttpSettings
from core.benchmarks import Price
from core.cases import Usage
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
from tests.providers import Hangs, Provider, Sends, Status
from tests.shapes import Says


def build(provider: Provider, context: ContextMaker, *, contextual: dict[str, Any] | None = None, **settings: Any):
    values = {"url": f"{provider.root}/ask", **settings}
    return HttpAgent(HttpSettings.model_validate(values), context(**contextual or {}))


async def test_a_question_is_posted_and_its_answer_found(provider: Provider, context: ContextMaker) -> None:
    reply = await build(provider, context).ask(question("6*7?"))
    assert reply.text == "42"
    assert provider.log[0].body == {"question": "6*7?"}
    assert (provider.log[0].method, provider.log[0].path) == ("POST", "/ask")
    assert provider.log[0].headers["content-type"] == "application/json"
    assert reply.latency_s > 0


NASTY = [
    'say "quotes" and \\ backslashes',
    "{{7*7}} and {% raw %}",
    '", "admin": true, "x": "',
    "line\nbreak\ttab",
    "naïve 答え 🦑",
    "{{ messages }}",
]


@pytest.mark.parametrize("text", NASTY)
async def test_a_question_arrives_unchanged_and_adds_nothing(
    text: str, provider: Provider, context: ContextMaker
) -> None:
    agent = build(provider, context, body={"a": "{{ text }}", "b": "Q: {{ text }}!", "c": ["{{ messages }}"], "d": 1})
    await agent.ask(question(text, system="s"))
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": text}]
    assert provider.log[0].body == {"a": text, "b": f"Q: {text}!", "c": [messages], "d": 1}


async def test_a_get_asks_by_query_with_its_values_escaped(provider: Provider, context: ContextMaker) -> None:
    provider.next(Sends(b'{"answer": "42"}'))
    agent = build(provider, context, method="GET", query={"q": "{{ text }}", "trial": "{{ trial }}"})
    await agent.ask(question("a&b=c #?", trial=3))
    assert provider.log[0].method == "GET"
    assert provider.log[0].query == {"q": "a&b=c #?", "trial": "3"}
    assert provider.log[0].content == b""


async def test_tokens_model_and_the_rest_are_found_by_their_paths(provider: Provider, context: ContextMaker) -> None:
    provider.next(Sends(b'{"out": [{"text": "42"}], "n": {"in": 3, "out": 4}, "m": "m-1", "why": "stop", "id": "x"}'))
    agent = build(
        provider, context, answer="out.0.text", input_tokens="n.in", output_tokens="n.out", model="m",
        finish_reason="why", response_id="id", contextual={"price": Price(input=1, output=2)},
    )  # fmt: skip
    reply = await agent.ask(question())
    assert reply.usage == Usage(input_tokens=3, output_tokens=4)
    assert (reply.text, reply.model, reply.finish_reason, reply.response_id) == ("42", "m-1", "stop", "x")
    assert reply.cost_usd == pytest.approx(11e-6)


async def test_tokens_that_are_no_counts_are_unknown(provider: Provider, context: ContextMaker) -> None:
    provider.next(Sends(b'{"answer": "42", "n": "many", "m": -1, "t": true}'))
    agent = build(provider, context, input_tokens="n", output_tokens="m", model="t")
    reply = await agent.ask(question())
    assert reply.usage == Usage()
    assert reply.model is None


@pytest.mark.parametrize(
    ("path", "content", "text"),
    [
        ("answer", b'{"answer": ""}', ""),
        ("answer", b'{"answer": 42}', "42"),
        ("answer", b'{"answer": 4.5}', "4.5"),
        ("answer", b'{"answer": false}', "false"),
        ("choices.0.message.content", b'{"choices": [{"message": {"content": "42"}}]}', "42"),
        ("choices[-1].text", b'{"choices": [{"text": "1"}, {"text": "42"}]}', "42"),
        ("0", b'["42", "43"]', "42"),
        ("out[?type=='text'].text | [0]", b'{"out": [{"type": "x"}, {"type": "text", "text": "42"}]}', "42"),
        ("@", b'"42"', "42"),
        (None, "naïve\n".encode(), "naïve\n"),
        (None, b"", ""),
    ],
)
async def test_an_answer_is_found_where_the_path_says(
    path: str | None, content: bytes, text: str, provider: Provider, context: ContextMaker
) -> None:
    provider.next(Sends(content))
    assert (await build(provider, context, answer=path).ask(question())).text == text


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("answer", b'{"reply": "42"}'),
        ("answer", b'{"answer": null}'),
        ("answer", b'{"answer": {"text": "42"}}'),
        ("answer", b'{"answer": ["42"]}'),
        ("answer.0.x", b'{"answer": "42"}'),
        ("length(answer)", b'{"answer": 5}'),
        ("answer", b'{"answer": "42"'),
        ("answer", b'{"answer": NaN}'),
        ("answer", rb'{"answer": "\ud800"}'),
        ("answer", rb'{"answer": "\u0000"}'),
        ("answer", b"not json"),
        (None, b"\xff\xfe"),
        (None, b"a\x00b"),
    ],
)
async def test_what_is_no_answer_is_an_error_that_keeps_it(
    path: str | None, content: bytes, provider: Provider, context: ContextMaker
) -> None:
    provider.next(Sends(content))
    with pytest.raises(BadAnswer) as caught:
        await build(provider, context, answer=path).ask(question())
    assert caught.value.raw
    assert caught.value.raw.isprintable()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "authorization", f"Bearer {CANARY}"),
        ("basic", "authorization", f"Basic {b64encode(CANARY.encode()).decode()}"),
        ("api-key", "x-api-key", CANARY),
    ],
)
async def test_a_credential_is_sent_as_told_and_found_nowhere_else(
    auth: str, header: str, value: str, provider: Provider, context: ContextMaker
) -> None:
    agent = build(provider, context, auth=auth, credential="lab")
    provider.next(Status(401, f"you sent {value}"))
    with pytest.raises(AgentUnusable) as caught:
        await agent.ask(question())
    assert provider.log[0].headers[header] == value
    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert CANARY not in told
    assert value not in told
    assert "***" in told


STATUSES: list[tuple[int, type[BenchmarkError]]] = [
    (301, AgentUnusable), (400, AgentRefused), (401, KeyRefused), (402, QuotaExhausted), (403, KeyRefused),
    (404, AgentUnusable), (405, AgentUnusable), (408, Unavailable), (409, Unavailable), (413, AgentRefused),
    (418, AgentRefused), (422, AgentRefused), (429, Throttled), (500, Unavailable), (501, AgentUnusable),
    (503, Unavailable), (529, Throttled), (599, Unavailable),
]  # fmt: skip


@pytest.mark.parametrize(("status", "error"), STATUSES)
async def test_every_status_is_translated_and_asked_once(
    status: int, error: type[BenchmarkError], provider: Provider, context: ContextMaker
) -> None:
    provider.next(Status(status, "because"))
    with pytest.raises(error, match=f"127.0.0.1 answered {status}: because") as caught:
        await build(provider, context).ask(question())
    assert type(caught.value) is error
    assert len(provider.log) == 1


async def test_a_throttled_call_says_when_to_come_back(provider: Provider, context: ContextMaker) -> None:
    provider.next(Status(429, headers={"Retry-After": "4"}))
    with pytest.raises(Throttled) as caught:
        await build(provider, context).ask(question())
    assert caught.value.retry_after == 4


async def test_no_answer_within_the_deadline_is_timed_out(provider: Provider, context: ContextMaker) -> None:
    provider.next(Hangs())
    with pytest.raises(TimedOut):
        await build(provider, context, contextual={"timeout_s": 0.2}).ask(question())


async def test_a_template_that_fails_on_a_question_refuses_this_question_only(
    provider: Provider, context: ContextMaker
) -> None:
    agent = build(provider, context, body={"q": "{{ 1 // (text | length - 3) }}"})
    with pytest.raises(AgentRefused, match="No request can be made of this question"):
        await agent.ask(question("abc"))
    assert (await agent.ask(question("abcd"))).text == "42"


async def test_a_template_cannot_leave_its_sandbox(provider: Provider, context: ContextMaker) -> None:
    agent = build(provider, context, body={"q": "{{ text.__class__.__mro__ }}"})
    with pytest.raises(AgentRefused):
        await agent.ask(question())
    assert provider.log == []


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"body": {"q": "{{ text"}}, "does not parse"),
        ({"body": {"q": "{{ expected }}"}}, "'expected' is no variable"),
        ({"answer": "choices.["}, "is no path"),
        ({"headers": {"X-A": "1\r\nX-B: 2"}}, "cannot be sent"),
        ({"headers": {"X A": "1"}}, "cannot be sent"),
        ({"headers": {"Authorization": "Bearer x"}}, "keys belong in `credential`"),
        ({"auth": "bearer"}, "go together"),
        ({"credential": "lab"}, "go together"),
        ({"url": "https://user:pass@example.com"}, "no user and no password"),
        ({"method": "DELETE"}, "POST"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        HttpSettings.model_validate({"url": "https://agent.example.com/ask"} | settings)


async def test_an_answer_in_another_vendors_shape_is_read_too(provider: Provider, context: ContextMaker) -> None:
    provider.next(Says("42"))
    agent = build(
        provider, context, url=provider.url + "/chat/completions", answer="choices.0.message.content",
        body={"model": "m", "messages": "{{ messages }}"},
    )  # fmt: skip
    assert (await agent.ask(question())).text == "42"
