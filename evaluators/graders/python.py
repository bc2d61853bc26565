"""The evaluator `python`: a function `grade(sample, item)` of yours scores the answer, in the sandbox of `code`."""

import json
import os
from typing import Final, cast

from pydantic import Field

from core.cases import Case, Reply
from core.plugins import CODE_PERMISSION, CodeExecution, Plugin
from core.verdicts import Scored, Unscored
from evaluators.code.sandbox import NoSandbox, check_sandbox, run_program
from evaluators.graders.grade import Passing
from evaluators.graders.values import values_of

RESULT: Final = "grade_of_this_answer"


class PythonSettings(Passing):
    source: str = Field(default="def grade(sample, item):\n    return 1.0\n", max_length=256_000)
    """Code that defines `grade(sample, item)`, which returns a number; Python's standard library is there."""
    run_limit_s: float = Field(default=10.0, gt=0, le=120)
    """How long it may run for one answer."""
    memory_mb: int = Field(default=512, ge=64, le=4096)
    """Address space it may use."""


class PythonGrader:
    def __init__(self, settings: PythonSettings) -> None:
        self._settings = settings

    def prepare(self) -> None:
        check_sandbox(_permission())

    async def evaluate(self, case: Case, reply: Reply) -> Scored | Unscored:
        values = values_of(case, reply)
        given = [json.dumps(values[name]) for name in ("sample", "item")]
        # Never pasted into the code but as literals: what an answer says is data.
        call = f"{RESULT} = float(grade(*map(__import__('json').loads, {given!r})))"
        try:
            ending = run_program(
                f"{self._settings.source}\n\n{call}\n",
                permission=_permission(),
                limit_s=self._settings.run_limit_s,
                memory_bytes=self._settings.memory_mb * 1024**2,
                result=RESULT,
            )
        except NoSandbox as error:
            return Unscored(reason=str(error), cause="evaluator")
        if not isinstance(ending.result, int | float):
            return Unscored(reason=f"The grader gave no number: {ending.trouble or ending.result}", cause="evaluator")
        return self._settings.verdict(float(ending.result), answer=reply.text, sandbox=ending.walls)


def _permission() -> CodeExecution:
    return cast("CodeExecution", os.environ.get(CODE_PERMISSION, "off"))


plugin = Plugin(
    PythonSettings,
    PythonGrader,
    version="1",
    summary="A function of yours scores the answer, in a sandbox; off unless the operator allows code.",
    runs_code=True,
)
