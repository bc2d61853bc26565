"""Whether a benchmark's cases have what its evaluators need of them: seen by having an answer of no meaning judged."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from adapters.definitions.reading import DefinitionFile
from cli.dataset_trial import Cases
from cli.exits import CommandError
from core.benchmarks import Evaluation
from core.cases import Case, Reply
from core.errors import CannotJudge
from core.plugins import find, settings_of

ANSWER: Final = Reply(text="1")
ABOUT_CASES: Final = "Case "
"""How an evaluator begins to say that it is the case that lacks something, and not the answer."""


def check_cases(found: DefinitionFile, cases: Cases) -> list[str]:
    """Warnings: what some of the cases lack. Raises CommandError, naming the line, where all of them do."""
    return list(_lacking(found, cases.first))


def _lacking(found: DefinitionFile, cases: Sequence[Case]) -> Iterator[str]:
    for number, evaluation in enumerate(found.definition.evaluators):
        plugin = find("evaluators", evaluation.kind)
        if plugin.connected or plugin.runs_code or plugin.members:
            continue
        reasons = asyncio.run(_reasons(evaluation, cases))
        if not reasons:
            continue
        where = found.place(f"/evaluators/{number}")
        if len(reasons) == len(cases):
            raise CommandError(f"{where}: {evaluation.label!r} can judge none of the cases. {reasons[0]}")
        yield f"{where}: {evaluation.label!r} cannot judge {len(reasons):,} of {len(cases):,} cases. {reasons[0]}"


async def _reasons(evaluation: Evaluation, cases: Sequence[Case]) -> list[str]:
    """Why, of each case that cannot be judged."""
    evaluator = find("evaluators", evaluation.kind).build(settings_of("evaluators", evaluation))
    found: list[str] = []
    for case in cases:
        try:
            await evaluator.evaluate(case, ANSWER)
        except CannotJudge as error:
            found += [str(error)] if str(error).startswith(ABOUT_CASES) else []
    return found
