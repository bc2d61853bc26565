"""Programs as agents: many questions at once, every misbehaviour a typed error, no process left behind."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.agents.subprocess import SubprocessAgent, SubprocessSettings
from core.benchmarks import Price
from core.cases import Usage
from core.errors import AgentRefused, AgentUnusable, BadAnswer, BenchmarkError, TimedOut, Unavailable
from tests.adapters.agents.asking import CANARY, ContextMaker, question

PROGRAM = str(Path(__file__).with_name("line_agent.py"))
Build = Callable[..., SubprocessAgent]


@pytest.fixture
async def build(context: ContextMaker) -> AsyncIterator[Build]:
    agents: list[SubprocessAgent] = []

    def make(*arguments: str, environment: dict[str, str] | None = None, **changes: Any) -> SubprocessAgent:
        settings = SubprocessSettings(command=(sys.executable, PROGRAM, *arguments), environment=environment or {})
        agents.append(SubprocessAgent(settings, context(**({"allowed_commands": (sys.executable,)} | changes))))
        return agents[-1]

    yield make
    for agent in agents:
        await agent.aclose()


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_one_process_answers_many_questions_at_once(build: Build) -> None:
    agent = build()
    replies = await asyncio.gather(*[agent.ask(question(f"q{i}", system="s")) for i in range(100)])
    assert [reply.text.split()[1:] for reply in replies] == [[f"q{i}", "2"] for i in range(100)]
    assert len({reply.text.split()[0] for reply in replies}) == 1


async def test_answers_may_come_in_any_order(build: Build) -> None:
    agent = build()
    held = [asyncio.create_task(agent.ask(question("hold"))) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert (await agent.ask(question("go"))).text.split()[1] == "go"
    assert {reply.text for reply in await asyncio.gather(*held)} == {"held"}


async def test_an_answer_may_tell_more_about_itself(build: Build) -> None:
    reply = await build(price=Price(input=1, output=2)).ask(question("rich"))
    assert (reply.text, reply.model, reply.finish_reason) == ("42", "own", "stop")
    assert reply.usage == Usage(input_tokens=3, output_tokens=4)
    assert reply.cost_usd == pytest.approx(11e-6)
    assert reply.latency_s > 0


async def test_lines_that_answer_nobody_are_passed_over(build: Build) -> None:
    assert (await build().ask(question("chat"))).text == "42"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("nan", BadAnswer, "not JSON"),
        ("half", BadAnswer, "not JSON"),
        ("nul", BadAnswer, "u0000"),
        ("number", BadAnswer, "wrong at text"),
        ("empty", BadAnswer, "neither `text` nor `error`"),
        ("refuse", AgentRefused, "not this one"),
        ("busy", Unavailable, "come again"),
        ("long", BadAnswer, "a line of more than"),
        ("die", Unavailable, "ended with status 3.*the model file is gone"),
        ("killed", Unavailable, "ended by SIGKILL"),
    ],
)
async def test_what_a_program_does_instead_of_answering_is_a_typed_error_and_it_goes_on(
    text: str, error: type[BenchmarkError], words: str, build: Build
) -> None:
    agent = build()
    with pytest.raises(error, match=words) as caught:
        await agent.ask(question(text))
    if isinstance(caught.value, BadAnswer) and text != "long":
        assert caught.value.raw
    assert (await agent.ask(question("next"))).text.split()[1] == "next"


async def test_a_dying_process_fails_what_was_in_flight_and_is_started_again(build: Build) -> None:
    agent = build()
    first = (await agent.ask(question("x"))).text.split()[0]
    held = [asyncio.create_task(agent.ask(question("hold"))) for _ in range(5)]
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await agent.ask(question("die"))
    failures = await asyncio.gather(*held, return_exceptions=True)
    assert [type(failure) for failure in failures] == [Unavailable] * 5
    assert (await agent.ask(question("x"))).text.split()[0] != first


async def test_a_silent_question_times_out_alone(build: Build) -> None:
    agent = build(timeout_s=0.4)
    pid = (await agent.ask(question("x"))).text.split()[0]
    silent = asyncio.create_task(agent.ask(question("silence")))
    await asyncio.sleep(0.2)
    assert (await agent.ask(question("y"))).text.split()[0] == pid
    with pytest.raises(TimedOut, match=r"within 0\.4 s"):
        await silent
    assert (await agent.ask(question("z"))).text.split()[0] == pid


async def test_a_process_that_hangs_is_replaced(build: Build) -> None:
    agent = build(timeout_s=1.0)
    pid = int((await agent.ask(question("x"))).text.split()[0])
    with pytest.raises(TimedOut):
        await agent.ask(question("hang"))
    async with asyncio.timeout(5):
        while alive(pid):  # noqa: ASYNC110 - a process of the system has no event to wait for
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert int((await agent.ask(question("x"))).text.split()[0]) != pid


async def test_a_program_that_never_answers_is_given_up(build: Build) -> None:
    agent = build("broken")
    for _ in range(3):
        with pytest.raises(Unavailable, match=r"ended with status 1.*no weights found"):
            await agent.ask(question())
    with pytest.raises(AgentUnusable, match="never answered, in 3 starts"):
        await agent.ask(question())


async def test_closing_ends_the_process_and_its_children(build: Build) -> None:
    agent = build()
    pids = [int(pid) for pid in (await agent.ask(question("child"))).text.split()]
    assert all(map(alive, pids))
    await agent.aclose()
    await asyncio.sleep(0.05)
    assert not any(map(alive, pids))


async def test_closing_ends_a_process_that_does_not_listen(build: Build) -> None:
    agent = build("deaf", timeout_s=30)
    asking = asyncio.create_task(agent.ask(question()))
    await asyncio.sleep(0.2)
    await agent.aclose()
    with pytest.raises(Unavailable, match="SIGKILL"):
        await asking


async def test_a_process_sees_what_it_was_given_and_no_keys(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    agent = build(environment={"AGENT_WEIGHTS": "/srv/w"})
    names = (await agent.ask(question("environment"))).text.split()
    assert "AGENT_WEIGHTS" in names
    assert "PATH" in names
    assert "OPENAI_API_KEY" not in names


@pytest.mark.parametrize("name", ["BASH_ENV", "LD_PRELOAD", "PATH", "PYTHONPATH", "NODE_OPTIONS", "agent_x"])
def test_a_variable_that_could_run_something_else_is_refused(name: str, build: Build) -> None:
    with pytest.raises(ValidationError, match="AGENT_"):
        build(environment={name: "$(touch /tmp/owned)"})


async def test_no_descriptor_is_left_open(build: Build) -> None:
    await (agent := build()).ask(question())
    await agent.aclose()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        await (agent := build()).ask(question())
        await agent.aclose()
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("permitted", [(), ("cat",), (f"{sys.executable} /srv/other.py",), (f"{PROGRAM}",)])
def test_a_command_that_the_operator_has_not_allowed_is_refused(permitted: tuple[str, ...], build: Build) -> None:
    with pytest.raises(AgentUnusable, match="BENCHMARK_LOCAL_COMMANDS"):
        build(allowed_commands=permitted)


async def test_a_command_can_be_allowed_with_its_arguments(build: Build) -> None:
    agent = build(allowed_commands=(f"{sys.executable} '{PROGRAM}'",))
    assert (await agent.ask(question("x"))).text


async def test_a_program_that_cannot_be_run_makes_the_agent_unusable(context: ContextMaker, tmp_path: Path) -> None:
    program = tmp_path / "bot"
    program.write_text("#!/nowhere/interpreter\n")
    program.chmod(0o755)
    settings = SubprocessSettings(command=(str(program),))
    agent = SubprocessAgent(settings, context(allowed_commands=(str(program),)))
    with pytest.raises(AgentUnusable, match="cannot be started"):
        await agent.ask(question())


def test_a_command_with_a_nul_is_refused() -> None:
    with pytest.raises(ValidationError):
        SubprocessSettings(command=("cat", "a\x00b"))
