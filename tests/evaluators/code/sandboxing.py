"""Running answers where a run does: in side processes that may run code, each answer in a sandbox."""

from collections.abc import Sequence

import pytest

from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.plugins import CodeExecution
from core.verdicts import Scored, Unscored
from evaluators.code.sandbox import NoSandbox, check_sandbox
from evaluators.isolation.pool import SideProcesses


def skip_without_sandbox() -> None:
    try:
        check_sandbox("sandboxed")
    except NoSandbox as error:
        pytest.skip(str(error))


async def verdicts(
    evaluation: Evaluation,
    answers: Sequence[tuple[Case, str]],
    *,
    permission: CodeExecution = "sandboxed",
    processes: int = 2,
) -> list[Scored | Unscored]:
    """What is said of these (case, reply) pairs."""
    pairs = [(case, Reply(text=reply)) for case, reply in answers]
    async with SideProcesses(most=processes, code_execution=permission) as pool:
        return [verdict async for found in pool.judge(evaluation, pairs) for verdict in found]
