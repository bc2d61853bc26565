"""The side process: opens evaluators and judges what it is sent, until its input ends. Started by `process`,
through `__main__`.

It may hang, crash or run out of memory; the worker kills it or notices. It has no environment variables of the
worker's, and what an evaluator prints goes nowhere.
"""

import asyncio
import os
import resource
import sys
import tempfile
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NoReturn

from pydantic_core import PydanticSerializationError

from core.benchmarks import Evaluation
from core.errors import InvalidPlugin
from core.judging import verdict_of
from core.plugins import CODE_PERMISSION, installed
from core.ports import Evaluate
from core.verdicts import Scored, Unscored
from evaluators.isolation.wire import HEADER, LARGEST_VERDICT, VERDICT, Judged, Limits, Work, framed
from evaluators.registry import InstalledEvaluators

OUT_OF_MEMORY = 77
"""Exit code: what was left of the memory is no ground to judge on."""
OOM_SCORE = Path("/proc/self/oom_score_adj")
FLUSH_S = 0.05
"""Verdicts are sent on at the latest this long after the first of them: the worker's clock runs meanwhile."""


class Answers:
    """Verdicts on their way to the worker."""

    def __init__(self, channel: BinaryIO) -> None:
        self._channel = channel
        self._waiting: list[bytes] = []
        self._flushed = time.monotonic()

    def add(self, label: str, verdict: Scored | Unscored) -> None:
        self._waiting.append(_written(label, verdict))
        if time.monotonic() - self._flushed > FLUSH_S:
            self.flush()

    def flush(self) -> None:
        self._channel.write(framed(b"[" + b",".join(self._waiting) + b"]"))
        self._channel.flush()
        self._waiting.clear()
        self._flushed = time.monotonic()


def _written(label: str, verdict: Scored | Unscored) -> bytes:
    try:
        written = VERDICT.dump_json(verdict)
        if len(written) <= LARGEST_VERDICT:
            return written
        trouble = f"it is larger than {LARGEST_VERDICT} bytes"
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        trouble = f"it cannot be written as JSON: {error}"[:500].encode(errors="replace").decode()
    return VERDICT.dump_json(Unscored(reason=f"The verdict of {label!r} was not kept: {trouble}.", cause="evaluator"))


async def serve(work: BinaryIO, answers: Answers) -> None:
    """Until the worker hangs up. Runs in an event loop for evaluators that want one."""
    while header := work.read(HEADER.size):
        (size,) = HEADER.unpack(header)
        await _judge(Work.model_validate_json(work.read(size)), answers)
        answers.flush()


async def _judge(work: Work, answers: Answers) -> None:
    label = work.evaluation.label
    try:
        evaluate = _opened(work.evaluation.model_dump_json())
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001 - other people's code; every answer learns of it
        broken = _not_open(label, error)
        answers.flush()
        for _ in work.answers:
            answers.add(label, broken)
        return
    answers.flush()
    for judged in work.answers:
        answers.add(label, await verdict_of(label, _evaluated(evaluate, judged)))


def _not_open(label: str, error: Exception) -> Unscored:
    reason = str(error) if isinstance(error, InvalidPlugin) else f"{type(error).__name__}: {error}"
    return Unscored(reason=f"The evaluator {label!r} cannot be opened: {reason}"[:1000], cause="evaluator")


async def _evaluated(evaluate: Evaluate, judged: Judged) -> Scored | Unscored:
    try:
        return await evaluate(*judged)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


@lru_cache(maxsize=32)
def _opened(evaluation: str) -> Evaluate:
    """The evaluator of this specification, with whatever it loads first."""
    evaluator = InstalledEvaluators().open_one(Evaluation.model_validate_json(evaluation))
    if evaluator.prepare is not None:
        evaluator.prepare()
    return evaluator.evaluate


def _silenced() -> tuple[BinaryIO, Answers]:
    """The channels to the worker, out of reach of anything that reads or prints."""
    work, channel = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return work, Answers(channel)


def _restrict(limits: Limits) -> None:
    # When the machine itself runs out of memory, this process is the one to lose.
    with suppress(OSError):
        OOM_SCORE.write_text("500")
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Libraries ask for the folder when they are imported, and it is found by writing to it.
    tempfile.gettempdir()
    # No evaluator needs to write files; a sandbox, which does, may raise it again.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def main() -> NoReturn:
    limits = Limits.model_validate_json(sys.argv[1])
    os.environ[CODE_PERMISSION] = limits.code_execution
    installed("evaluators")
    work, answers = _silenced()
    _restrict(limits)
    answers.flush()
    asyncio.run(serve(work, answers))
    # Nothing an evaluator left behind, such as a thread, may keep it.
    os._exit(0)
