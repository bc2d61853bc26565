"""Python functions as agents: called as asked, kept from harming the worker, and only if the operator allowed them."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.agents.callable import CallableAgent, CallableSettings
from core.cases import Usage
from core.errors import AgentUnusable, BadAnswer, BenchmarkError, Throttled, TimedOut, Unavailable
from tests.adapters.agents.asking import ContextMaker, question

HERE = "tests.adapters.agents.functions"


def build(context: ContextMaker, name: str, *, contextual: dict[str, Any] | None = None, **settings: Any):
    values = {"function": f"{HERE}:{name}"} | settings
    changes = {"allowed_callables": (HERE,)} | (contextual or {})
    return CallableAgent(CallableSettings.model_validate(values), context(**changes))


async def test_a_plain_function_answers_the_text(context: ContextMaker) -> None:
    reply = await build(context, "shout").ask(question("quiet"))
    assert reply.text == "QUIET"
    assert reply.latency_s > 0
    assert reply.cost_usd is None


async def test_a_function_may_take_all_messages_and_parameters(context: ContextMaker) -> None:
    agent = build(context, "last", argument="messages", parameters={"mark": "!"})
    assert (await agent.ask(question("hi", system="s"))).text == "2 user hi!"


async def test_an_async_function_may_take_the_question_and_return_a_reply(context: ContextMaker) -> None:
    reply = await build(context, "thoughtful", argument="question").ask(question(trial=3))
    assert (reply.text, reply.model, reply.usage) == ("c1/3", "own", Usage(input_tokens=1, output_tokens=2))
    assert reply.latency_s >= 0.01


async def test_a_plain_function_does_not_hold_up_the_loop(context: ContextMaker) -> None:
    agent = build(context, "sleepy")
    started = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(agent.ask(question("0.2")))
        await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - started < 0.15
    assert asyncio.get_running_loop().time() - started < 2


@pytest.mark.parametrize("name", ["sleepy", "asleep"])
async def test_a_function_that_hangs_times_out_and_keeps_nobody_else_waiting(name: str, context: ContextMaker) -> None:
    agent = build(context, name, contextual={"timeout_s": 0.1})
    for _ in range(8):
        with pytest.raises(TimedOut, match=r"no answer within 0\.1 s"):
            await agent.ask(question("1"))
    assert (await agent.ask(question("0"))).text == "awake"


@pytest.mark.parametrize("name", ["faulty", "faulty_async"])
@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("raise", BadAnswer, "raised ValueError: cannot do this one"),
        ("exit", BadAnswer, "3"),
        ("stop", BadAnswer, "StopIteration"),
        ("connection", Unavailable, "port closed"),
        ("timeout", TimedOut, "the backend was slow"),
        ("throttled", Throttled, "not so fast"),
        ("nothing", BadAnswer, "returned NoneType; it should return a str"),
        ("nul", BadAnswer, "u0000"),
        ("half", BadAnswer, "half a character"),
        ("hidden nul", BadAnswer, "u0000"),
        ("dict", BadAnswer, "returned dict"),
    ],
)
async def test_what_a_function_does_instead_of_answering_is_a_typed_error(
    name: str, text: str, error: type[BenchmarkError], words: str, context: ContextMaker
) -> None:
    with pytest.raises(error, match=words) as caught:
        await build(context, name).ask(question(text))
    assert type(caught.value) is error
    if isinstance(caught.value, BadAnswer):
        assert caught.value.raw


async def test_a_function_that_interrupts_stops_nothing(context: ContextMaker) -> None:
    with pytest.raises(BadAnswer, match="KeyboardInterrupt"):
        await build(context, "faulty").ask(question("interrupt"))


@pytest.mark.parametrize("permitted", [(), ("other",), (HERE[:-1],), (f"{HERE}:last",), (f"{HERE}.x",)])
def test_a_function_that_the_operator_has_not_allowed_is_refused(
    permitted: tuple[str, ...], context: ContextMaker
) -> None:
    with pytest.raises(AgentUnusable, match="BENCHMARK_LOCAL_CALLABLES"):
        build(context, "shout", contextual={"allowed_callables": permitted})


@pytest.mark.parametrize("permitted", [HERE, f"{HERE}:shout", "tests", "tests.adapters"])
async def test_a_function_its_module_or_its_package_can_be_allowed(permitted: str, context: ContextMaker) -> None:
    agent = build(context, "shout", contextual={"allowed_callables": (permitted,)})
    assert (await agent.ask(question("x"))).text == "X"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("tests.nowhere:f", "No module named 'tests.nowhere'"),
        (f"{HERE}:nothing", "has no attribute 'nothing'"),
        (f"{HERE}:NUMBER", "is int, which cannot be called"),
    ],
)
async def test_a_function_that_cannot_be_loaded_makes_the_agent_unusable(
    function: str, words: str, context: ContextMaker
) -> None:
    agent = build(context, "", function=function, contextual={"allowed_callables": ("tests",)})
    with pytest.raises(AgentUnusable, match=words):
        await agent.ask(question())


@pytest.mark.parametrize("function", ["os.system", "os:system()", ":f", "a..b:f", "../x:f", "a.b:c.d"])
def test_what_is_no_dotted_path_is_refused(function: str) -> None:
    with pytest.raises(ValidationError):
        CallableSettings(function=function)


async def test_what_an_allowed_module_only_imported_is_refused(context: ContextMaker) -> None:
    agent = build(context, "Any")
    with pytest.raises(AgentUnusable, match="comes from typing"):
        await agent.ask(question())


async def test_an_imported_function_can_be_allowed_by_its_own_path(context: ContextMaker) -> None:
    agent = build(context, "Reply", contextual={"allowed_callables": (f"{HERE}:Reply",)})
    with pytest.raises(BadAnswer, match="Reply raised TypeError"):
        await agent.ask(question())
