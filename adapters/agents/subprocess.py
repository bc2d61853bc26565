"""A program of the operator's as an agent, in any language: one process, a JSON line for every question and answer.

It reads lines `{"id": "7", "text": ..., "messages": [{"role", "content"}, ...], "case_id": ..., "trial": 0}` and
writes, in any order and flushed, `{"id": "7", "text": "the answer"}`. An answer may add `model`, `finish_reason` and
`usage: {"input_tokens", "output_tokens"}`; instead of `text` it may say `error` (a sentence), with `transient: true`
when asking again may help. What it writes to its error output is shown when it ends. It ends when its input does.
"""

import asyncio
import shlex
import shutil
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints, ValidationError

from adapters.agents.child import Child
from adapters.agents.child_lines import Line
from adapters.agents.tools import as_given, told_calls
from adapters.agents.wire import Wire
from adapters.network.evidence import flaw, printable, texts
from adapters.pricing import Pricing
from core.cases import Question, Reply, ToolCall, Usage
from core.errors import AgentRefused, AgentUnusable, BadAnswer, BenchmarkError, Unavailable
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext

FRUITLESS = 3
"""Deaths in a row without a single answer after which starting again is given up."""

Argument = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4096)]
Variable = Annotated[str, StringConstraints(pattern=r"^AGENT_[A-Z0-9_]+$", max_length=100)]
"""A name no interpreter or loader listens to: BASH_ENV, LD_PRELOAD and their like would run what nobody allowed."""


class SubprocessSettings(PluginSettings):
    command: tuple[Argument, ...] = Field(
        min_length=1, max_length=64, description="The program and its arguments; no shell reads them."
    )
    environment: dict[Variable, Argument] = Field(
        default_factory=dict[Variable, Argument],
        description="Variables for the process besides PATH and the like; their names begin with AGENT_.",
    )


class Tokens(Wire):
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)


class ChildAnswer(Wire):
    text: str | None = None
    error: str | None = None
    transient: bool = False
    model: str | None = None
    finish_reason: str | None = None
    usage: Tokens = Tokens()
    tool_calls: JsonValue = None


class SubprocessAgent:
    """Starts its process on the first question and again whenever it has died."""

    def __init__(self, settings: SubprocessSettings, context: AgentContext) -> None:
        """Raises AgentUnusable for a program the operator has not allowed."""
        if (sentence := refusal(settings, context)) is not None:
            raise AgentUnusable(sentence)
        self._settings = settings
        self._timeout_s = context.timeout_s
        self._pricing = Pricing(context.price, api_url="")
        self._starting = asyncio.Lock()
        self._child: Child | None = None
        self._fruitless = 0

    async def ask(self, question: Question) -> Reply:
        child = await self._running()
        started = asyncio.get_running_loop().time()
        line = await child.ask(request_of(question), self._timeout_s)
        return self._reply(line, asyncio.get_running_loop().time() - started)

    async def aclose(self) -> None:
        """Ends the process; none is left behind."""
        if self._child is not None:
            await self._child.end()

    async def _running(self) -> Child:
        async with self._starting:
            if self._child is not None and self._child.ended:
                self._fruitless = 0 if self._child.answered else self._fruitless + 1
                if self._fruitless >= FRUITLESS:
                    raise AgentUnusable(f"{self._child.death()} It never answered, in {FRUITLESS} starts.")
                self._child = None
            if self._child is None:
                self._child = await Child.start(self._settings.command, self._settings.environment)
            return self._child

    def _reply(self, line: Line, latency_s: float) -> Reply:
        answer = read(line)
        usage = Usage(input_tokens=answer.usage.input_tokens, output_tokens=answer.usage.output_tokens)
        return Reply(
            text=answer.text or "",
            tool_calls=calls_in(answer, line),
            usage=usage,
            model=answer.model,
            finish_reason=answer.finish_reason,
            latency_s=latency_s,
            cost_usd=self._pricing.cost_usd(answer.model, usage),
        )


def read(line: Line) -> ChildAnswer:
    """Raises BadAnswer, and what the answer's `error` says: AgentRefused, or Unavailable if it is transient."""
    if line.flaw is not None:
        raise BadAnswer(f"The line that should answer is none: {line.flaw}.", raw=printable(line.content))
    try:
        answer = ChildAnswer.model_validate(line.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadAnswer(f"The answer is wrong at {where}: {first['msg']}.", raw=printable(line.content)) from error
    for text in texts(answer.model_dump()):
        if problem := flaw(text):
            raise BadAnswer(f"The answer {problem}.", raw=printable(line.content))
    if answer.error is not None:
        kind: type[BenchmarkError] = Unavailable if answer.transient else AgentRefused
        raise kind(f"The agent reports: {answer.error}")
    if answer.text is None and not calls_in(answer, line):
        raise BadAnswer("The answer has neither `text` nor `error`.", raw=printable(line.content))
    return answer


def calls_in(answer: ChildAnswer, line: Line) -> tuple[ToolCall, ...]:
    """Raises BadAnswer for calls that are none."""
    try:
        return told_calls(answer.tool_calls)
    except ValueError as error:
        raise BadAnswer(f"In the answer {error}.", raw=printable(line.content)) from error


def request_of(question: Question) -> dict[str, JsonValue]:
    """With `tools` where the question has any."""
    asked: dict[str, JsonValue] = {
        "text": question.text,
        "messages": [{"role": m.role, "content": m.content} for m in question.messages],
        "case_id": question.case_id,
        "trial": question.trial,
    }
    if question.tools:
        asked["tools"] = as_given(question.tools)
    return asked


def refusal(settings: SubprocessSettings, context: AgentContext) -> str | None:
    """Why the operator's list does not allow the command; None if it does."""
    try:
        if allowed(settings.command, context.allowed_commands):
            return None
    except ValueError as error:
        return f"BENCHMARK_LOCAL_COMMANDS does not parse: {error}."
    return (
        f"{settings.command[0]!r} is not on the operator's list of commands; "
        "an operator may add it to BENCHMARK_LOCAL_COMMANDS."
    )


def allowed(command: Sequence[str], permitted: Sequence[str]) -> bool:
    """Whether an entry of the list begins the command: `python3` allows anything, `python3 /srv/bot.py` one program.

    Raises ValueError for an entry that is no command.
    """
    return any(begins(shlex.split(entry), command) for entry in permitted)


def begins(entry: Sequence[str], command: Sequence[str]) -> bool:
    if not entry or tuple(command[1 : len(entry)]) != tuple(entry[1:]):
        return False
    program = shutil.which(entry[0])
    return program is not None and program == shutil.which(command[0])


plugin = Plugin(
    SubprocessSettings, SubprocessAgent, summary="A program of the operator's that speaks JSON lines.", refusal=refusal
)
