"""Functions that the tests of callable agents name by their dotted path."""

import asyncio
import threading
import time
from typing import Any

from core.cases import Question, Reply, Usage
from core.errors import Throttled

NUMBER = 42


def shout(text: str) -> str:
    return text.upper()


def last(messages: list[dict[str, str]], *, mark: str = "") -> str:
    return f"{len(messages)} {messages[-1]['role']} {messages[-1]['content']}{mark}"


async def thoughtful(question: Question) -> Reply:
    await asyncio.sleep(0.01)
    return Reply(text=f"{question.case_id}/{question.trial}", usage=Usage(input_tokens=1, output_tokens=2), model="own")


def where(_text: str) -> str:
    return threading.current_thread().name


def sleepy(text: str) -> str:
    time.sleep(float(text))
    return "awake"


async def asleep(text: str) -> str:
    await asyncio.sleep(float(text))
    return "awake"


RAISED: dict[str, BaseException] = {
    "raise": ValueError("cannot do this one"),
    "exit": SystemExit(3),
    "stop": StopIteration("StopIteration"),
    "interrupt": KeyboardInterrupt(),
    "connection": ConnectionRefusedError("port closed"),
    "timeout": TimeoutError("the backend was slow"),
    "throttled": Throttled("not so fast", retry_after=2.0),
}
RETURNED: dict[str, Any] = {
    "nothing": None,
    "nul": "a\x00b",
    "half": "a\ud800",
    "hidden nul": Reply(text="fine", metadata={"note": "a\x00b"}),
    "dict": {"text": "fine"},
}


def faulty(text: str) -> Any:
    """Does what it is told to, which is never an answer."""
    if text in RAISED:
        raise RAISED[text]
    return RETURNED[text]


async def faulty_async(text: str) -> Any:
    return faulty(text)
