"""The evaluator `code`: the agent's code passes the tests of the case (Chen et al. 2021, "Evaluating Large Language
Models Trained on Code"). Off unless the operator allows it; every answer runs in a sandbox of its own.
"""

import os
from typing import cast

from pydantic import Field

from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import CODE_PERMISSION, CodeExecution, Plugin, PluginSettings
from core.verdicts import Scored, Unscored
from evaluators.code.programs import LONGEST_REPLY, Assembly, Task, code_of, program_of
from evaluators.code.sandbox import NoSandbox, check_sandbox, run_program
from evaluators.extraction import excerpt


class CodeSettings(PluginSettings, Assembly):
    tests: str = "test"
    """The metadata field with the code that tests the answer: whatever it raises makes the answer wrong."""
    entry_point: str | None = "entry_point"
    """The metadata field that names the function which is asked for; null for none."""
    start: str | None = None
    """The metadata field with the code that the answer continues; by default it is the question."""
    stop: tuple[str, ...] = Field(default=(), max_length=20)
    """An answer without a fenced block ends before the first of these: where a model goes on to something else."""
    run_limit_s: float = Field(default=5.0, gt=0, le=120)
    """How long the program may run; past it the answer is wrong."""
    memory_mb: int = Field(default=512, ge=64, le=4096)
    """Address space of the program."""


class Code:
    def __init__(self, settings: CodeSettings) -> None:
        self._settings = settings

    def prepare(self) -> None:
        check_sandbox(_permission())

    async def evaluate(self, case: Case, reply: Reply) -> Scored | Unscored:
        task = self._task(case)
        code = code_of(reply.text, task.entry_point, self._settings.stop)
        if not code.strip() or len(code) > LONGEST_REPLY:
            return Scored(value=0, reason="no code found" if not code.strip() else "the answer is too long for code")
        program = program_of(task, code, self._settings)
        try:
            ending = run_program(
                program,
                permission=_permission(),
                limit_s=self._settings.run_limit_s,
                memory_bytes=self._settings.memory_mb * 1024**2,
            )
        except NoSandbox as error:
            return Unscored(reason=str(error), cause="evaluator")
        return Scored(
            value=float(ending.passed),
            answer=excerpt(code),
            reason=ending.trouble or None,
            details={"sandbox": ending.walls},
        )

    def _task(self, case: Case) -> Task:
        settings = self._settings
        return Task(
            start=case.input if settings.start is None else _field(case, settings.start),
            entry_point=None if settings.entry_point is None else _field(case, settings.entry_point),
            tests=_field(case, settings.tests),
        )


def _field(case: Case, name: str) -> str:
    value = case.metadata.get(name)
    if not isinstance(value, str):
        raise CannotJudge(f"Case {case.id!r} has no text {name!r} in its metadata; keep it with `fields.metadata`.")
    return value


def _permission() -> CodeExecution:
    return cast("CodeExecution", os.environ.get(CODE_PERMISSION, "off"))


plugin = Plugin(
    CodeSettings,
    Code,
    version="2",
    summary="The agent's code passes the tests of the case, in a sandbox; off unless the operator allows it.",
    runs_code=True,
)
