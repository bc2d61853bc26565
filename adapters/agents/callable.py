"""A Python function of the operator's as an agent: `package.module:function`, plain or async."""

import asyncio
import importlib
import inspect
import threading
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Literal, cast

from pydantic import Field, JsonValue

from adapters.network.evidence import flaw, printable, texts
from core.cases import Question, Reply
from core.errors import AgentUnusable, BadAnswer, BenchmarkError, TimedOut, Unavailable
from core.plugins import Plugin, PluginSettings
from core.ports import AgentContext

Function = Callable[..., Any]
TRACE = 4000
"""Characters kept of the end of a traceback."""


class CallableSettings(PluginSettings):
    function: str = Field(
        pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$",
        description="package.module:function, which the operator must have allowed. It returns the answer as a str, "
        "or a core.cases.Reply.",
    )
    argument: Literal["text", "messages", "question"] = Field(
        default="text",
        description="What the function is called with: the last user message, all messages as a list of "
        "{role, content}, or the core.cases.Question.",
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict[str, JsonValue], description="Keyword arguments of every call."
    )


class CallableAgent:
    """A plain function runs in a thread of its own, so one that hangs keeps nobody else waiting."""

    def __init__(self, settings: CallableSettings, context: AgentContext) -> None:
        """Raises AgentUnusable for a function the operator has not allowed."""
        if (sentence := refusal(settings, context)) is not None:
            raise AgentUnusable(sentence)
        self._settings = settings
        self._permitted = context.allowed_callables
        self._timeout_s = context.timeout_s
        self._opening = asyncio.Lock()
        self._function: Function | None = None

    async def ask(self, question: Question) -> Reply:
        function = self._function or await self._open()
        loop = asyncio.get_running_loop()
        started = loop.time()
        deadline = asyncio.timeout(self._timeout_s)
        try:
            async with deadline:
                returned = await self._call(function, question)
        except BenchmarkError:
            raise
        except TimeoutError as error:
            what = f"gave no answer within {self._timeout_s:g} s" if deadline.expired() else f"timed out: {error}"
            raise TimedOut(f"{self._settings.function} {what}.") from error
        except OSError as error:
            raise Unavailable(f"{self._settings.function} could not reach something: {error}.") from error
        except (Exception, SystemExit) as error:
            raise BadAnswer(
                f"{self._settings.function} raised {type(error).__name__}: {error}.",
                raw=escaped("".join(traceback.format_exception(error))[-TRACE:]),
            ) from error
        return self._reply(returned, loop.time() - started)

    async def _open(self) -> Function:
        async with self._opening:
            if self._function is None:
                function = await asyncio.to_thread(loaded, self._settings.function)
                self._function = own(function, self._settings.function, self._permitted)
        return self._function

    async def _call(self, function: Function, question: Question) -> object:
        argument = argument_of(question, self._settings.argument)
        if inspect.iscoroutinefunction(function):
            return await cast("Awaitable[object]", function(argument, **self._settings.parameters))
        return await in_thread(lambda: function(argument, **self._settings.parameters))

    def _reply(self, returned: object, latency_s: float) -> Reply:
        if not isinstance(returned, str | Reply):
            raise BadAnswer(
                f"{self._settings.function} returned {type(returned).__name__}; "
                "it should return a str or a core.cases.Reply.",
                raw=escaped(repr(returned)),
            )
        if problem := next(filter(None, map(flaw, texts(dumped(returned)))), None):
            raise BadAnswer(f"The answer {problem}.", raw=escaped(str(returned)))
        reply = Reply(text=returned) if isinstance(returned, str) else returned
        return reply if reply.latency_s else reply.model_copy(update={"latency_s": latency_s})


def dumped(returned: str | Reply) -> object:
    return returned if isinstance(returned, str) else returned.model_dump()


def escaped(text: str) -> str:
    return printable(text.encode(errors="backslashreplace"))


def refusal(settings: CallableSettings, context: AgentContext) -> str | None:
    """Why the operator's list does not allow the function; None if it does."""
    if allowed(settings.function, context.allowed_callables):
        return None
    return (
        f"{settings.function!r} is not on the operator's list of callables; "
        "an operator may add it, or its module, to BENCHMARK_LOCAL_CALLABLES."
    )


def allowed(function: str, permitted: tuple[str, ...]) -> bool:
    """Whether the function, its module or a package above it is on the list."""
    module, _, _ = function.partition(":")
    return any(function == entry or module == entry or module.startswith(f"{entry}.") for entry in permitted)


def own(function: Function, path: str, permitted: tuple[str, ...]) -> Function:
    """The function. Raises AgentUnusable for one that an allowed module only imported: `from os import system`."""
    home = getattr(function, "__module__", None)
    if path in permitted or allowed(f"{home}:", permitted):
        return function
    raise AgentUnusable(
        f"{path} comes from {home}, which is not on the operator's list of callables; "
        "an operator may add exactly this function to BENCHMARK_LOCAL_CALLABLES."
    )


def loaded(path: str) -> Function:
    """The function. Raises AgentUnusable."""
    module_name, _, name = path.partition(":")
    try:
        function = getattr(importlib.import_module(module_name), name)
    except (Exception, SystemExit) as error:
        raise AgentUnusable(f"{path} cannot be loaded: {type(error).__name__}: {error}.") from error
    if not callable(function):
        raise AgentUnusable(f"{path} is {type(function).__name__}, which cannot be called.")
    return function


def argument_of(question: Question, kind: Literal["text", "messages", "question"]) -> object:
    match kind:
        case "text":
            return question.text
        case "messages":
            return [{"role": m.role, "content": m.content} for m in question.messages]
        case "question":
            return question


async def in_thread(call: Callable[[], object]) -> object:
    """The result of a call in a daemon thread. A thread of a pool would be lost to every call that never returns."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()

    def settle(result: object, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            # A future refuses StopIteration, and what is no Exception would stop the whole process.
            fits = isinstance(error, Exception) and not isinstance(error, StopIteration)
            future.set_exception(error if fits else RuntimeError(f"{type(error).__name__}: {error}"))

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001 - handed to whoever awaits, and a thread has nobody else
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="callable-agent", daemon=True).start()
    return await future


plugin = Plugin(
    CallableSettings, CallableAgent, summary="A Python function that the operator has allowed.", refusal=refusal
)
